using Alter.Apps;
using Alter.Grants;
using Alter.Keys;
using Alter.Policies;

namespace Alter.Connect;

/// <summary>The answer to <c>POST /sdk/oauth/connect/complete</c>.</summary>
/// <param name="Grants">What one browser brought in one session, usable from now on.</param>
public sealed record ConnectCompleted(IReadOnlyList<GrantView> Grants);

/// <summary>
/// Makes pending grants usable: the app's backend says that the browser which handed it the completion code is its user's.
/// </summary>
/// <remarks>
/// <code>
///   1 read the user's partition; pending rows whose code this is       crash: nothing happened
///   2 due ∥ accounts rows of the grant                                crash: index rows without grant are stale and go
///   3 one transaction: the account's row + the pending row, which     of any number of completions exactly one succeeds;
///     from now on only says what became of it (+ tombstone)           crash after: a repeated call answers the same
/// </code>
/// </remarks>
public sealed class CompleteConnect(GrantStore store, GrantKeys keys, KeyRing ring, ConnectedGrants connected, TimeProvider time)
{
    /// <summary>Completes what a code is for.</summary>
    /// <param name="app">The app whose backend asks.</param>
    /// <param name="owner">The user whose token it presents: the code of another user's session completes nothing.</param>
    /// <param name="code">As the browser handed it on.</param>
    /// <param name="cancellationToken">Stops before the first write.</param>
    /// <returns>The grants, or <see cref="ConnectSessionExpired"/>: unknown, foreign, malformed and late codes look the same; <see cref="PolicyViolation"/> where all the code is for is suspended.</returns>
    /// <remarks>One storage operation, and three for each grant; idempotent.</remarks>
    public async Task<Outcome<ConnectCompleted>> RunAsync(AppConfiguration app, GrantOwner owner, string? code, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(owner);

        // 1
        var rows = await store.ListAllAsync(owner, cancellationToken);
        var views = new List<GrantView>();
        Refusal nothing = new ConnectSessionExpired();
        foreach (var pending in CompletionCode.IsFormed(code) ? rows.Pending : [])
        {
            if (await keys.FindAsync(pending, cancellationToken) is not { } key
                || !(CompletionCode.Matches(code!, key, pending) || await WasMadeBeforeAsync(code!, pending, cancellationToken)))
            {
                continue;
            }

            if (pending.CompletedAs is null && app.Providers.GetValueOrDefault(pending.Place.Provider)?.Suspension is { } suspension)
            {
                nothing = PolicyViolation.Of(suspension); // It waits on, and lapses as ever.
                continue;
            }

            if (!(await CompleteAsync(app, owner, pending, key, rows)).Succeeded(out var grant, out var refusal))
            {
                if (refusal is ConnectSessionExpired)
                {
                    continue; // This one came too late; another of the same browser may not have.
                }

                return refusal;
            }

            if (rows.Markers.FirstOrDefault(marker => GrantRow.PendingKey(marker.SessionHash, marker.Provider) == pending.Key.Row) is { } marker)
            {
                views.Add(GrantView.OfConnect(grant, await keys.ReadProfileAsync(grant, cancellationToken), app, marker, time.GetUtcNow(), completionCode: null));
            }
        }

        return views.Count > 0 ? new ConnectCompleted(views) : nothing;
    }

    // A row that was re-wrapped names another key than the one its code was made with.
    private async Task<bool> WasMadeBeforeAsync(string code, Grant pending, CancellationToken cancellationToken) =>
        pending.CompletedAs is not null && await ring.PreviousAsync(cancellationToken) is { } previous && CompletionCode.Matches(code, previous, pending);

    private async Task<Outcome<Grant>> CompleteAsync(AppConfiguration app, GrantOwner owner, Grant pending, KeyEncryptionKey key, UserGrants rows)
    {
        if (pending.CompletedAs is { } id)
        {
            return rows.Grants.FirstOrDefault(grant => grant.Id == id) is { } before ? before : new ConnectSessionExpired();
        }

        if (pending.StatusAt(time.GetUtcNow()) is not GrantStatus.Pending)
        {
            return new ConnectSessionExpired();
        }

        // Opened only as the vault wrote it.
        if (!(await keys.AuthenticateAsync(pending, CancellationToken.None)).Succeeded(out _, out var refusal))
        {
            return refusal;
        }

        if (!pending.Secrets.TryOpenAccessToken(key, pending.Place, pending.Generation, out var access)
            || pending.Secrets.TryOpenProfile(key, pending.Place, pending.Generation) is not { } profile)
        {
            return keys.Failed(pending, "secrets");
        }

        var connection = new Connection
        {
            Owner = owner,
            Provider = pending.Place.Provider,
            AccessToken = access,
            RefreshToken = pending.Secrets.TryOpenRefreshToken(key, pending.Place, pending.Generation, out var refresh) ? refresh : null,
            IssuedAt = pending.CreatedAt,
            Lifetime = pending.AccessTokenLifetime,
            RefreshTokenIdleLifetime = app.Providers.GetValueOrDefault(pending.Place.Provider)?.Definition.RefreshTokenIdleLifetime,
            Scopes = pending.Scopes,
            Profile = profile,
            ClientAccountKey = pending.ClientAccountKey,
            ExpiresAt = pending.ExpiresAt,
            MaxExpiresAt = pending.MaxExpiresAt,
            BegunAt = pending.CreatedAt,
        };

        // 2, 3
        var stored = await connected.StoreAsync(
            connection,
            rows,
            await ring.CurrentAsync(CancellationToken.None),
            pending.Id,
            (grant, existing, _) => store.CompleteAsync(grant, existing, pending, CancellationToken.None));
        if (stored.Succeeded(out _, out refusal) || refusal is not ConnectSessionUsed)
        {
            return stored;
        }

        // Another call with the same code was faster: its answer is ours too.
        return await store.ReadAsync(pending.Key, CancellationToken.None) is { CompletedAs: { } other }
            && await store.FindAsync(owner, other, CancellationToken.None) is { } theirs
                ? theirs
                : new ConnectSessionExpired();
    }
}
