using System.Security.Cryptography;
using Alter.Policies;
using Alter.Storage;

namespace Alter.RateLimits;

/// <summary>What one limit counts together.</summary>
/// <param name="App">The app's id.</param>
/// <param name="Place">Where in the app's document the policy stands: empty for the app itself, else a provider's id.</param>
/// <param name="Policy">The policy.</param>
/// <param name="Subject">The grant's id, the owner's hash, the app's id or the key's id; which of them the policy says.</param>
public sealed record RateKey(string App, string Place, RatePolicy Policy, string Subject)
{
    /// <summary>The partition of a window. It begins with the hour the window ends in, so that what is past goes without looking at what is not.</summary>
    internal string Partition(DateTimeOffset window)
    {
        var counted = DeploymentSalt.LengthPrefixed(Place, Policy.Name, Policy.Per.ToString(), RowKeys.Ticks(DateTimeOffset.UnixEpoch + Policy.Window), Subject);
        return $"{RowKeys.Hour(window + Policy.Window)}|{App}|{RowKeys.ToBase32(SHA256.HashData(counted))}";
    }

    /// <summary>A subject names a person's grants: it is never printed.</summary>
    public override string ToString() => $"[rate {Policy.Name} of {App}]";
}
