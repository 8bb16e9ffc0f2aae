using System.Runtime.CompilerServices;
using Alter.Storage;

namespace Alter.Grants;

/// <summary>An owner as the tables know it.</summary>
/// <param name="App">The app's id.</param>
/// <param name="Hash">The full user hash: 64 hex digits of an HMAC under the deployment's salt.</param>
public sealed record GrantOwner(string App, string Hash)
{
    /// <summary>The app's id.</summary>
    public string App { get; } = App;

    /// <summary>The full user hash. Like the app's id not to be changed in a copy, which would keep the partition.</summary>
    public string Hash { get; } = Hash;

    /// <summary>The partition: app and the first 60 bits. Every read also compares the full hash, so a collision is harmless.</summary>
    public string Partition { get; } = $"{App}|{Hash.AsSpan(0, GrantId.OwnerDigits)}";

    /// <summary>Whether a partition is this owner's.</summary>
    internal static bool Owns(string app, string hash, ReadOnlySpan<char> partition) =>
        hash.Length > GrantId.OwnerDigits
        && partition.Length == app.Length + 1 + GrantId.OwnerDigits
        && partition.StartsWith(app, StringComparison.Ordinal)
        && partition[app.Length] is '|'
        && partition[(app.Length + 1)..].SequenceEqual(hash.AsSpan(0, GrantId.OwnerDigits));
}

/// <summary>Turns users into owners.</summary>
public sealed class GrantOwners(DeploymentSalt salt)
{
    // As long as whoever asked keeps the user, as a token does that comes with many calls.
    private readonly ConditionalWeakTable<UserId, GrantOwner> known = [];

    /// <summary>The owner; no storage operation after a process's first.</summary>
    public async ValueTask<GrantOwner> OfAsync(UserId user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (known.TryGetValue(user, out var owner))
        {
            return owner;
        }

        var hash = await salt.HashAsync(["user", user.App, user.Issuer, user.Claim, user.Value], cancellationToken);
        owner = new GrantOwner(user.App, Convert.ToHexStringLower(hash));
        if (user.Issuer.Length > 0) // The app itself is named anew by each call.
        {
            known.AddOrUpdate(user, owner);
        }

        return owner;
    }

    /// <summary>The key of a provider account: part of the grant's row key.</summary>
    public async Task<string> AccountKeyAsync(string provider, string accountId, string endpointParameters, CancellationToken cancellationToken) =>
        RowKeys.ToBase32(await salt.HashAsync(["account", provider, accountId, endpointParameters], cancellationToken));

    /// <summary>The key of (OAuth client, account), by which account-wide revocation finds other grants.</summary>
    public async Task<string> ClientAccountKeyAsync(string tokenEndpoint, string clientId, string accountId, CancellationToken cancellationToken) =>
        RowKeys.ToBase32(await salt.HashAsync(["client-account", tokenEndpoint, clientId, accountId], cancellationToken));
}
