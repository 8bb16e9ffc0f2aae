namespace Alter.Sdk;

/// <summary>How a grant does: for whoever shows connections to their owner before a call fails.</summary>
public sealed record GrantHealth
{
    /// <summary>
    /// <c>ok</c>; <c>refreshing</c>; <c>retrying</c>, the last renewal failed and the vault tries again; <c>interrupted</c>, a renewal was cut off;
    /// <c>orphaned</c>, the vault no longer knows the provider; <c>ended</c>, the status says why. A later vault may know more.
    /// </summary>
    public required string State { get; init; }

    /// <summary>The code of the last failed attempt, or the cause where the provider ended the grant.</summary>
    public string? LastError { get; init; }

    /// <summary>When the vault tries again after a failure.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }
}
