namespace Alter.Sdk;

/// <summary>A call that is not made, to ask what the vault's policies would say to it.</summary>
public sealed record HypotheticalCall
{
    /// <summary>The HTTP method.</summary>
    public required HttpMethod Method { get; init; }

    /// <summary>The provider's URL.</summary>
    public required string Url { get; init; }

    /// <summary>When it would be made; null: now.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>The address it would come from; null: the one this program calls the vault from.</summary>
    public string? CallerAddress { get; init; }

    /// <summary>The user's JWT, instead of the one of the current request.</summary>
    public string? UserToken { get; init; }

    /// <summary>A label: it may hold a JWT.</summary>
    public override string ToString() => "[hypothetical call]";
}

/// <summary>What every policy says to a call that is not made.</summary>
public sealed record PolicyEvaluation
{
    /// <summary>All of them allow it.</summary>
    public bool Allowed { get; init; }

    /// <summary>The provider it would go to.</summary>
    public required string Provider { get; init; }

    /// <summary>The grant it would use.</summary>
    public Guid GrantId { get; init; }

    /// <summary>The instant it was judged for.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The address it was judged for; null: the vault knows none.</summary>
    public string? CallerAddress { get; init; }

    /// <summary>One for each rule, in the order they are asked.</summary>
    public required IReadOnlyList<PolicyVerdict> Verdicts { get; init; }
}

/// <summary>What one policy says.</summary>
public sealed record PolicyVerdict
{
    /// <summary>Its name in the vault's document.</summary>
    public required string Policy { get; init; }

    /// <summary>Its kind, such as <c>time_of_day</c>; also <c>suspension</c> and <c>grant_lifetime</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Where it stands: <c>app</c>, <c>provider</c> or <c>grant</c>.</summary>
    public string? Scope { get; init; }

    /// <summary>Whether it allows the call.</summary>
    public bool Allowed { get; init; }

    /// <summary>The rule, as configured.</summary>
    public string? Rule { get; init; }

    /// <summary>Why it does not allow the call.</summary>
    public string? Message { get; init; }

    /// <summary>Until it may allow such a call, where that is known.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
