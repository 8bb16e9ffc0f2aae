using Alter.Apps;
using Alter.Grants;
using Alter.Keys;
using Alter.Refresh;
using Alter.Tokens;

namespace Alter.Connect;

/// <summary>What a provider gave for one account, and how long the grant made of it may live.</summary>
public sealed record Connection
{
    public required GrantOwner Owner { get; init; }

    public required string Provider { get; init; }

    public required AccessToken AccessToken { get; init; }

    public required RefreshToken? RefreshToken { get; init; }

    /// <summary>When the provider answered.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>Null: the provider never said.</summary>
    public required TimeSpan? Lifetime { get; init; }

    /// <summary>How long the provider keeps a refresh token that nobody uses; null: as long as it is not revoked.</summary>
    public required TimeSpan? RefreshTokenIdleLifetime { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public required AccountProfile Profile { get; init; }

    public required string ClientAccountKey { get; init; }

    public required DateTimeOffset? ExpiresAt { get; init; }

    public required DateTimeOffset? MaxExpiresAt { get; init; }

    /// <summary>When it was begun: where the user was erased since then, it comes to nothing.</summary>
    public required DateTimeOffset BegunAt { get; init; }

    /// <summary>Secrets never print.</summary>
    public override string ToString() => "[connection]";
}

/// <summary>Makes grants' rows out of what flows brought, and stores them.</summary>
public sealed class ConnectedGrants(GrantStore store, GrantOwners owners, GrantKeys keys, DueIndex due, AccountIndex accounts, TimeProvider time)
{
    private const int MaxConflicts = 8; // Finishes of one user conflict in the user's row; of several at once one gets through each time.
    private static readonly TimeSpan LeasePause = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Stores a connection as the grant of its account. The same account again renews its grant: the id stays, the generation rises. A revoked one is not
    /// revived but followed by a new grant.
    /// </summary>
    /// <param name="connection">What came.</param>
    /// <param name="rows">The owner's rows, as read.</param>
    /// <param name="key">Seals it.</param>
    /// <param name="newId">The id it has where it renews none; null: any.</param>
    /// <param name="write">Stores new row and existing one, together with what makes it happen once and, where that is not erased with the user, the user's own row.</param>
    /// <returns>The grant, or <see cref="ConnectSessionUsed"/> where another was first, <see cref="ConnectSessionExpired"/> where the user was erased, <see cref="VaultUnavailable"/>.</returns>
    /// <remarks>Two storage operations beside the write. A crash leaves index rows without grant: stale, and they go.</remarks>
    internal async Task<Outcome<Grant>> StoreAsync(
        Connection connection, UserGrants rows, KeyEncryptionKey key, Guid? newId, Func<Grant, Grant?, UserMark, Task<ConnectWrite>> write)
    {
        Grant? indexed = null;
        for (var conflicts = 0; ;)
        {
            if (rows.User.IsErased(connection.BegunAt))
            {
                return await ForgetAsync(indexed);
            }

            var (grant, existing) = await BuildAsync(connection, rows.Of(connection.Provider), key, newId);
            if (connection.RefreshToken is null && existing?.Lease is { } lease && lease.Until > time.GetUtcNow())
            {
                // The refresh token that would be kept may be presented at this moment: its successor, or the lapse of the lease, comes first.
                await Task.Delay(LeasePause, time);
                rows = await store.ListAllAsync(connection.Owner, CancellationToken.None);
                continue;
            }

            await Task.WhenAll(
                grant.DueAt is { } at ? due.AddAsync(grant, at, CancellationToken.None) : Task.CompletedTask,
                accounts.AddAsync(grant, CancellationToken.None));
            indexed = grant;
            switch (await write(grant, existing, rows.User))
            {
                case ConnectWrite.Stored:
                    return grant;
                case ConnectWrite.GrantChanged when ++conflicts < MaxConflicts:
                    rows = await store.ListAllAsync(connection.Owner, CancellationToken.None);
                    break;
                case ConnectWrite.SessionUsed:
                    // Another was first; or what was to be completed went with its user.
                    rows = await store.ListAllAsync(connection.Owner, CancellationToken.None);
                    return rows.User.IsErased(connection.BegunAt) ? await ForgetAsync(indexed) : new ConnectSessionUsed();
                default:
                    return new VaultUnavailable("The grant kept changing while it was to be stored.");
            }
        }
    }

    /// <summary>Stores a connection in its session's own row, where it waits for the app's backend and is of no use to anyone.</summary>
    /// <returns>As <see cref="StoreAsync"/>.</returns>
    /// <remarks>Two storage operations.</remarks>
    internal async Task<Outcome<Grant>> HoldAsync(Connection connection, ConnectSession session, AuthorizationFlow flow, UserGrants rows, KeyEncryptionKey key)
    {
        var (grant, existing) = await BuildAsync(connection, rows.Of(connection.Provider), key, newId: null);

        // An id of its own, whatever it will become: indexes know grants by id, and the living one stays the only one of its name.
        var place = grant.Place with { GrantId = GrantId.New(connection.Owner) };
        var held = grant with
        {
            Key = new GrantKey(connection.Owner.Partition, GrantRow.PendingKey(session.Key.Hash, connection.Provider)),
            Place = place,
            Status = GrantStatus.Pending,
            Generation = 1,
            CreatedAt = connection.IssuedAt,
            DueAt = connection.IssuedAt + Grant.PendingLifetime,
            Browser = flow.CookieHash,
            Secrets = SealedSecrets.Seal(key, place, 1, new OpenSecrets(connection.AccessToken, connection.RefreshToken, connection.Profile)),
        };
        held = held.Authenticated(key);
        if (rows.User.IsErased(connection.BegunAt))
        {
            return new ConnectSessionExpired();
        }

        await due.AddAsync(held, held.DueAt!.Value, CancellationToken.None);
        var isCreation = existing is null or { Status: GrantStatus.Revoked };
        var marker = new ConnectMarker(session.Key.Hash, connection.Provider, flow.Key.Hash, held.Id, isCreation, time.GetUtcNow());
        for (var conflicts = 0; ;)
        {
            switch (await store.ConnectAsync(held, null, marker, rows.User, CancellationToken.None))
            {
                case ConnectWrite.Stored:
                    return held;
                case ConnectWrite.GrantChanged when ++conflicts < MaxConflicts:
                    rows = await store.ListAllAsync(connection.Owner, CancellationToken.None);
                    if (rows.User.IsErased(connection.BegunAt))
                    {
                        return await ForgetAsync(held);
                    }

                    break;
                case ConnectWrite.SessionUsed:
                    return new ConnectSessionUsed();
                default:
                    return new VaultUnavailable("The user's rows kept changing while the grant was to be stored.");
            }
        }
    }

    // The user was erased meanwhile: index rows written for a grant that is not to be would be all that is left of them.
    private async Task<ConnectSessionExpired> ForgetAsync(Grant? indexed)
    {
        if (indexed is not null)
        {
            if (indexed.DueAt is { } at)
            {
                await due.DeleteAsync(indexed.Id, at, CancellationToken.None);
            }

            if (await accounts.FindAsync(indexed, CancellationToken.None) is { } version)
            {
                await accounts.RemoveAsync(indexed, version, CancellationToken.None);
            }
        }

        return new ConnectSessionExpired();
    }

    // No storage operation.
    private async Task<(Grant New, Grant? Existing)> BuildAsync(Connection connection, IReadOnlyList<Grant> rows, KeyEncryptionKey key, Guid? newId)
    {
        var (owner, now) = (connection.Owner, time.GetUtcNow());
        var accountKey = await owners.AccountKeyAsync(connection.Provider, connection.Profile.AccountId, "", CancellationToken.None);
        var row = GrantRow.RowKey(connection.Provider, accountKey);
        var existing = rows.FirstOrDefault(grant => grant.Key.Row == row);

        // The row is not authenticated (its key may be gone), so its id counts only where it leads back here.
        var renewed = existing is { Status: not GrantStatus.Revoked } && GrantId.PartitionOf(owner.App, existing.Id) == owner.Partition ? existing : null;
        var place = new SealedPlace(owner.App, owner.Hash, renewed?.Id ?? newId ?? GrantId.New(owner), connection.Provider, accountKey, "");
        var generation = (renewed?.Generation ?? 0) + 1;
        var refreshToken = connection.RefreshToken ?? (renewed is null ? null : await KeptRefreshTokenAsync(renewed));
        var grant = new Grant
        {
            Key = new GrantKey(owner.Partition, row),
            Place = place,
            Status = GrantStatus.Active,
            Generation = generation,
            Secrets = SealedSecrets.Seal(key, place, generation, new OpenSecrets(connection.AccessToken, refreshToken, connection.Profile)),
            AccessTokenExpiresAt = connection.IssuedAt + connection.Lifetime,
            AccessTokenLifetime = connection.Lifetime,
            Scopes = connection.Scopes,
            CreatedAt = renewed?.CreatedAt ?? now,
            ExpiresAt = connection.ExpiresAt,
            MaxExpiresAt = connection.MaxExpiresAt,
            DueAt = refreshToken is null
                ? connection.ExpiresAt
                : RefreshSchedule.NextDue(connection.Lifetime, connection.RefreshTokenIdleLifetime, connection.ExpiresAt, connection.IssuedAt),
            ClientAccountKey = connection.ClientAccountKey,
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
