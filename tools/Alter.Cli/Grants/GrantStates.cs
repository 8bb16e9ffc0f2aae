using Alter.Apps;
using Alter.Grants;

namespace Alter.Cli.Grants;

/// <summary>One word for where a grant stands.</summary>
internal static class GrantStates
{
    /// <summary>The row's columns do not belong to its place: the vault did not write it so, and refuses every call for it.</summary>
    public const string Damaged = "damaged";

    /// <summary>Every word, as <c>--status</c> takes them; <c>ended</c> stands for all that are.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. GrantHealthStateNames.All, .. Enum.GetValues<GrantStatus>().Where(status => status is not GrantStatus.Active).Select(status => status.ToWire()), Damaged];

    public static string Of(StoredGrant stored, DateTimeOffset now, VaultConfiguration? vault)
    {
        var status = stored.Grant.StatusAt(now);
        return !stored.LiesInItsPlace ? Damaged
            : stored.HealthAt(now, vault).State is var state and not (GrantHealthState.Ok or GrantHealthState.Ended) ? state.ToWire()
            : status is GrantStatus.Active ? GrantHealthState.Ok.ToWire()
            : status.ToWire();
    }

    /// <summary>Not as it should be. Users revoke all day, and lifetimes end: that is no trouble.</summary>
    public static bool IsTrouble(string state) => state is not ("ok" or "pending" or "revoked" or "expired");

    public static bool Matches(string word, string state) =>
        word == state || (word == GrantHealthState.Ended.ToWire() && state is "expired" or "revoked" or "credential_revoked");
}
