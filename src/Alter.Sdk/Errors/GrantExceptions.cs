namespace Alter.Sdk;

/// <summary>The user has no such grant: open Connect (<c>grant_not_found</c>).</summary>
public sealed class GrantNotFoundException : AlterException
{
    internal GrantNotFoundException(AlterProblem problem)
        : base(problem)
    {
    }
}

/// <summary>The user has connected several accounts of the provider: let them choose (<c>ambiguous_grant</c>).</summary>
public sealed class AmbiguousGrantException : AlterException
{
    internal AmbiguousGrantException(AlterProblem problem)
        : base(problem)
    {
        AccountIdentifiers = problem.Texts("account_identifiers");
        Grants =
        [
            .. from grant in problem.Items("grants")
               let id = AlterProblem.IdOf(AlterProblem.Member(grant, "grant_id"))
               let account = AlterProblem.TextOf(AlterProblem.Member(grant, "account_identifier"))
               where id is not null && account is not null
               select new GrantChoice(id.Value, account, AlterProblem.TextOf(AlterProblem.Member(grant, "account_display_name"))),
        ];
    }

    /// <summary>What people know the accounts by; one of them goes into <see cref="GrantSelector.Provider"/>.</summary>
    public IReadOnlyList<string> AccountIdentifiers { get; }

    /// <summary>Each account with its grant id: tells apart accounts that are shown alike.</summary>
    public IReadOnlyList<GrantChoice> Grants { get; }
}

/// <summary>One of the accounts a user has connected.</summary>
/// <param name="GrantId">For <see cref="GrantSelector.ById"/>.</param>
/// <param name="AccountIdentifier">What people know the account by.</param>
/// <param name="AccountDisplayName">What the account calls itself.</param>
public sealed record GrantChoice(Guid GrantId, string AccountIdentifier, string? AccountDisplayName);

/// <summary>Another call is refreshing the grant's token just now (<c>token_refresh_in_progress</c>).</summary>
public sealed class TokenRefreshInProgressException : AlterException
{
    internal TokenRefreshInProgressException(AlterProblem problem)
        : base(problem) => GrantId = problem.Id("grant_id");

    /// <summary>The grant.</summary>
    public Guid? GrantId { get; }
}

/// <summary>The provider could not be reached, or did not answer in time (<c>provider_unreachable</c>, <c>provider_timeout</c>).</summary>
public sealed class ProviderUnreachableException : AlterException
{
    internal ProviderUnreachableException(AlterProblem problem)
        : base(problem)
    {
    }

    internal static ProviderUnreachableException Timeout(TimeSpan waited, string? provider) => new(new AlterProblem
    {
        Code = "provider_timeout",
        Detail = $"No answer began within {waited.TotalSeconds:0} seconds (HeaderTimeout).",
        Action = AlterAction.Retry,
        AskedProvider = provider,
    });
}
