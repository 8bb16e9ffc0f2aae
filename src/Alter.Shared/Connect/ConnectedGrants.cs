using Alter.Apps;
using Alter.Grants;
using Alter.Keys;
using Alter.Providers;
using Alter.Refresh;
using Alter.Tokens;

namespace Alter.Connect;

/// <summary>Makes the grant's row out of what a flow brought.</summary>
public sealed class ConnectedGrants(GrantOwners owners, GrantKeys keys, TimeProvider time)
{
    /// <summary>The row to write and the row it takes the place of, if any.</summary>
    /// <remarks>
    /// The same account again renews its grant: the id stays, the generation rises. A revoked one is not revived but followed by a new grant.
    /// No storage operation.
    /// </remarks>
    public async Task<(Grant New, Grant? Existing)> BuildAsync(
        ConnectSession session,
        AuthorizationFlow flow,
        AppProvider provider,
        ProviderEndpoints endpoints,
        IReadOnlyList<Grant> rows,
        KeyEncryptionKey key,
        TokenSet tokens,
        AccountProfile profile)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(profile);
        var now = time.GetUtcNow();
        var owner = new GrantOwner(session.App, session.UserHash);
        var accountKey = await owners.AccountKeyAsync(flow.Provider, profile.AccountId, "", CancellationToken.None);
        var row = GrantRow.RowKey(flow.Provider, accountKey);
        var existing = rows.FirstOrDefault(grant => grant.Key.Row == row);

        // The row is not authenticated (its key may be gone), so its id counts only where it leads back here.
        var renewed = existing is { Status: not GrantStatus.Revoked } && GrantId.PartitionOf(owner.App, existing.Id) == owner.Partition ? existing : null;
        var place = new SealedPlace(session.App, session.UserHash, renewed?.Id ?? GrantId.New(owner), flow.Provider, accountKey, "");
        var generation = (renewed?.Generation ?? 0) + 1;
        var refreshToken = tokens.RefreshToken ?? (renewed is null ? null : await KeptRefreshTokenAsync(renewed));
        var refreshAt = refreshToken is not null && tokens.Lifetime is { } life ? RefreshSchedule.AheadOf(life, now) : (DateTimeOffset?)null;
        var grant = new Grant
        {
            Key = new GrantKey(owner.Partition, row),
            Place = place,
            Status = GrantStatus.Active,
            Generation = generation,
            Secrets = SealedSecrets.Seal(key, place, generation, new OpenSecrets(tokens.AccessToken, refreshToken, profile)),
            AccessTokenExpiresAt = now + tokens.Lifetime,
            AccessTokenLifetime = tokens.Lifetime,
            Scopes = tokens.Scopes ?? flow.Secrets.Scopes, // RFC 6749 §5.1: left out where it equals what was asked.
            CreatedAt = renewed?.CreatedAt ?? now,
            ExpiresAt = session.GrantExpiresAt,
            MaxExpiresAt = session.GrantMaxExpiresAt,
            DueAt = refreshAt is null || session.GrantExpiresAt < refreshAt ? session.GrantExpiresAt : refreshAt,
            ClientAccountKey = await owners.ClientAccountKeyAsync(endpoints.Token.AbsoluteUri, provider.ClientId, profile.AccountId, CancellationToken.None),
        };
        return (grant.Authenticated(key), existing);
    }

    // A provider that gives a refresh token only at the first consent has not taken the old one back.
    private async Task<RefreshToken?> KeptRefreshTokenAsync(Grant renewed) =>
        renewed.Status is GrantStatus.Active
        && (await keys.AuthenticateAsync(renewed, CancellationToken.None)).Succeeded(out var key, out _)
        && renewed.Secrets.TryOpenRefreshToken(key, renewed.Place, renewed.Generation, out var token)
            ? token
            : null;
}
