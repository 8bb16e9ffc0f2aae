using Alter.Apps;

namespace Alter.Grants;

/// <summary>Whether a grant works, and if not, who is at it.</summary>
public enum GrantHealthState
{
    /// <summary>Nothing is known to be wrong.</summary>
    Ok,

    /// <summary>The last refresh failed; the vault tries again.</summary>
    Retrying,

    /// <summary>A refresh is under way.</summary>
    Refreshing,

    /// <summary>A refresh of this generation began and never came back: the provider may have spent its token.</summary>
    Interrupted,

    /// <summary>Its app or provider is no longer in the document: nothing is renewed, nothing is lost.</summary>
    Orphaned,

    /// <summary>It releases nothing any more; the status says why.</summary>
    Ended,
}

/// <summary>The wire names of <see cref="GrantHealthState"/>.</summary>
public static class GrantHealthStateNames
{
    private static readonly string[] Names = ["ok", "retrying", "refreshing", "interrupted", "orphaned", "ended"];

    /// <summary>Every wire name.</summary>
    public static IReadOnlyList<string> All => Names;

    /// <summary>The wire name.</summary>
    public static string ToWire(this GrantHealthState state) => Names[(int)state];
}

/// <summary>How a grant does, told from its row alone: no key is needed, and nothing here decides about a token.</summary>
/// <param name="State">Whether it works.</param>
/// <param name="LastError">The code of the last failed attempt, or the cause where the provider ended it; null: none.</param>
/// <param name="NextAttemptAt">When the vault tries again after a failure; null where nothing failed.</param>
public sealed record GrantHealth(GrantHealthState State, string? LastError, DateTimeOffset? NextAttemptAt)
{
    private const int MaxCodeLength = 64;

    /// <summary>The health at an instant.</summary>
    /// <param name="grant">Its row.</param>
    /// <param name="now">The instant.</param>
    /// <param name="isOrphan">See <see cref="IsOrphan"/>.</param>
    public static GrantHealth Of(Grant grant, DateTimeOffset now, bool isOrphan)
    {
        ArgumentNullException.ThrowIfNull(grant);
        var status = grant.StatusAt(now);
        if (status is not (GrantStatus.Active or GrantStatus.Pending))
        {
            return new(GrantHealthState.Ended, status is GrantStatus.CredentialRevoked ? Code(grant.Cause) : null, null);
        }

        if (isOrphan)
        {
            return new(GrantHealthState.Orphaned, null, null);
        }

        var failed = grant.Fails > 0 || grant.NextAttemptAt > now;
        var error = failed ? Code(grant.LastError) : null;
        return grant.Lease is { } lease && lease.Generation == grant.Generation
            ? lease.Until > now ? new(GrantHealthState.Refreshing, error, null) : new(GrantHealthState.Interrupted, error, Later(grant.DueAt, grant.NextAttemptAt))
            : failed ? new(GrantHealthState.Retrying, error, grant.NextAttemptAt ?? grant.DueAt)
            : new(GrantHealthState.Ok, null, null);
    }

    /// <summary>Whether the document knows the grant's app and provider no more. One that cannot be read says nothing about what left it.</summary>
    public static bool IsOrphan(Grant grant, VaultConfiguration? vault)
    {
        ArgumentNullException.ThrowIfNull(grant);
        return vault is not null && vault.Apps.GetValueOrDefault(grant.Place.App)?.Providers.ContainsKey(grant.Place.Provider) is not true;
    }

    // No MAC covers these columns: a code has the form of one, or whoever may write the table speaks to people through it.
    internal static string? Code(string? text) => text is { Length: > 0 and <= MaxCodeLength } && text.All(c => c is '_' or (>= 'a' and <= 'z') or (>= '0' and <= '9')) ? text : null;

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other : one;
}
