namespace Alter.Sdk;

/// <summary>The grant no longer works until the user connects the account again.</summary>
public abstract class ReauthRequiredException : AlterException
{
    private protected ReauthRequiredException(AlterProblem problem)
        : base(problem)
    {
        GrantId = problem.Id("grant_id");
        Cause = problem.Text("cause");
    }

    /// <summary>The grant.</summary>
    public Guid? GrantId { get; }

    /// <summary>What ended it, where that is known.</summary>
    public string? Cause { get; }
}

/// <summary>The grant's lifetime has passed (<c>grant_expired</c>).</summary>
public sealed class GrantExpiredException : ReauthRequiredException
{
    internal GrantExpiredException(AlterProblem problem)
        : base(problem)
    {
    }
}

/// <summary>The grant was revoked through the vault (<c>grant_revoked</c>).</summary>
public sealed class GrantRevokedException : ReauthRequiredException
{
    internal GrantRevokedException(AlterProblem problem)
        : base(problem)
    {
    }
}

/// <summary>The provider no longer honours the grant (<c>credential_revoked</c>).</summary>
public sealed class CredentialRevokedException : ReauthRequiredException
{
    internal CredentialRevokedException(AlterProblem problem)
        : base(problem)
    {
    }
}

/// <summary>The key that sealed the grant is gone from the vault (<c>key_unavailable</c>).</summary>
public sealed class KeyUnavailableException : ReauthRequiredException
{
    internal KeyUnavailableException(AlterProblem problem)
        : base(problem)
    {
    }
}

/// <summary>The grant lacks a scope the app requires (<c>scope_reauth_required</c>).</summary>
public sealed class ScopeReauthRequiredException : AlterException
{
    internal ScopeReauthRequiredException(AlterProblem problem)
        : base(problem)
    {
        GrantId = problem.Id("grant_id");
        MissingScopes = problem.Texts("missing_scopes");
    }

    /// <summary>The grant.</summary>
    public Guid? GrantId { get; }

    /// <summary>What the user has not allowed yet.</summary>
    public IReadOnlyList<string> MissingScopes { get; }
}
