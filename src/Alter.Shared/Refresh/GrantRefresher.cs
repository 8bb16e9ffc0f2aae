using System.Collections.Concurrent;
using Alter.Apps;
using Alter.Grants;
using Alter.Keys;
using Alter.Providers;
using Alter.Storage;
using Alter.Tokens;

namespace Alter.Refresh;

/// <summary>
/// Refreshes a grant at most once per lease, on any number of instances, and never uses a new access token before the rotated refresh token is stored.
/// </summary>
/// <remarks>
/// <code>
///   1 row in hand ─ newer generation, ended, or to be left alone? ─► answer
///        │                      ┌───────────── another holds the lease: poll ──┐
///   2 keys, secret, endpoints ready: nothing may fail for them later            │
///   3 CAS 1  lease {operation, until, generation} ── lost ─► read again ────────┘
///        │     crash from here on: the lease lapses, the next taker refreshes
///   4 redeem once, on its own clock (∥ next due row at the predicted time)
///        │     crash after the provider answered: the rotated token is gone; nothing can prevent that
///   5 CAS 2  tokens, generation + 1, lease gone (RefreshCommit)
///   6 only now the access token may be used; the old due row goes
/// </code>
/// "Once" holds unless the process freezes between the lease check and the send for longer than the lease: no store can fence a provider.
/// </remarks>
public sealed class GrantRefresher(
    GrantStore store,
    GrantKeys keys,
    KeyRing ring,
    RefreshIndex index,
    TokenEndpoint endpoint,
    RefreshCommit commit,
    TokenSpill spill,
    RefreshOptions options,
    TimeProvider time)
{
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(1600);

    // One task per grant and generation serves every caller of this process, as the lease's owner or as the one who polls. A grant is its row's key and
    // all it is sealed for: an id alone is not proven before the MAC is, and a copied one must not lead to another user's task.
    private readonly ConcurrentDictionary<(GrantKey Key, SealedPlace Place, int Generation), Lazy<Task<Outcome<Grant>>>> running = new();

    /// <summary>A row of a newer generation than the one given, or why there is none. Not cancelled by any caller.</summary>
    /// <param name="grant">The row whose token is not good enough.</param>
    /// <param name="provider">Its provider, as the app uses it.</param>
    /// <param name="forced">The provider refused a token that seems good: tried once in five minutes for a grant, and not at all where a newer generation is stored.</param>
    /// <returns>
    /// The refreshed row (or the given one, where refreshing failed and its token is still valid), or <see cref="TokenRefreshInProgress"/>,
    /// <see cref="CredentialRevoked"/>, <see cref="GrantRevoked"/>, <see cref="ConnectConfig"/>, <see cref="ProviderUnreachable"/>, <see cref="ProviderTimeout"/>,
    /// <see cref="VaultUnavailable"/>.
    /// </returns>
    /// <remarks>Owner: three storage operations on the path (lease, next due row, tokens), one after it. Others: about ten reads at most, whatever their number.</remarks>
    public Task<Outcome<Grant>> RefreshAsync(Grant grant, AppProvider provider, bool forced = false)
    {
        ArgumentNullException.ThrowIfNull(grant);
        var slot = (grant.Key, grant.Place, grant.Generation);
        return running.GetOrAdd(slot, _ => new Lazy<Task<Outcome<Grant>>>(RunAsync)).Value;

        async Task<Outcome<Grant>> RunAsync()
        {
            await Task.Yield(); // The slot is in place before anything can remove it.
            try
            {
                return await RefreshOnceAsync(grant, provider, forced);
            }
            finally
            {
                running.TryRemove(slot, out var _);
            }
        }
    }

    /// <summary>Waits until nothing is being refreshed here: a process that is told to stop finishes what a provider may already have answered.</summary>
    public Task DrainAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(running.Values.Select(refresh => refresh.Value)).WaitAsync(cancellationToken);

    private async Task<Outcome<Grant>> RefreshOnceAsync(Grant grant, AppProvider provider, bool forced)
    {
        var generation = grant.Generation;
        var started = time.GetTimestamp();
        var pause = FirstPoll;
        for (var row = grant; ;)
        {
            // 1
            var now = time.GetUtcNow();
            if (row.RefusalAt(now) is { } ended)
            {
                return ended;
            }

            if (row.Generation > generation)
            {
                return row;
            }

            if (row.NextAttemptAt > now)
            {
                return StillUsable(row) ? row : LeftAlone(row, now);
            }

            if (forced && row.ForcedAt > now - RefreshSchedule.BetweenForced)
            {
                return row;
            }

            if (row.Lease is { } lease && lease.Until > now && lease.Generation == row.Generation)
            {
                if (time.GetElapsedTime(started) > options.For(provider.Definition).Budget)
                {
                    return new TokenRefreshInProgress(grant.Id);
                }

                await Task.Delay(pause, time);
                pause = pause * 2 < LongestPoll ? pause * 2 : LongestPoll;
            }
            else if (!forced && IsBetterLeft(row, provider.Definition, now))
            {
                return await LeaveUntilExpiryAsync(row);
            }
            else
            {
                var attempt = await TryOwnAsync(row, provider, forced);
                if (attempt is { } outcome)
                {
                    return outcome;
                }
            }

            Grant? newer;
            try
            {
                newer = await store.ReadAsync(grant.Key, CancellationToken.None);
            }
            catch (Exception e) when (StorageFault.Is(e) && time.GetElapsedTime(started) <= options.For(provider.Definition).Budget)
            {
                continue; // One look less; everybody who waits in this process waits on it, and would be refused with it.
            }

            if (newer is null || newer.Id != grant.Id)
            {
                return new GrantRevoked(grant.Id, grant.Place.Provider); // Only a revoked grant gives its row up to a successor.
            }

            if (newer.Place != grant.Place)
            {
                return keys.Failed(grant, "place"); // The provider was chosen for the place of the first reading; the vault never moves a grant.
            }

            row = newer;
        }
    }

    // Steps 2 to 6; null where another was faster to the lease.
    private async Task<Outcome<Grant>?> TryOwnAsync(Grant row, AppProvider provider, bool forced)
    {
        // 2
        if (!(await keys.AuthenticateAsync(row, CancellationToken.None)).Succeeded(out var key, out var refusal))
        {
            return refusal;
        }

        if (row.Secrets.RefreshToken is null)
        {
            return StillUsable(row) ? row : await commit.EndAsync(row, CredentialCauses.NoRefreshToken);
        }

        if (!row.Secrets.TryOpenRefreshToken(key, row.Place, row.Generation, out var refreshToken)
            || row.Secrets.TryOpenProfile(key, row.Place, row.Generation) is not { } profile)
        {
            return keys.Failed(row, "refresh token");
        }

        var writeKey = await ring.CurrentAsync(CancellationToken.None);
        if (!(await endpoint.PrepareAsync(provider, CancellationToken.None)).Succeeded(out _, out refusal))
        {
            return StillUsable(row) ? row : refusal;
        }

        // 3
        var times = options.For(provider.Definition);
        var leasedAt = time.GetTimestamp();
        var lease = new RefreshLease(OperationId.New(), time.GetUtcNow() + times.LeaseLifetime, row.Generation);
        var taken = row with { Lease = lease, ForcedAt = forced ? time.GetUtcNow() : row.ForcedAt };
        if (await store.TryReplaceAsync(taken, CancellationToken.None) is not { } leased)
        {
            return null;
        }

        if (times.LeaseLifetime - time.GetElapsedTime(leasedAt) < times.NeededAtStart)
        {
            return new TokenRefreshInProgress(row.Id); // Storage was slow: a redemption might outlive the lease.
        }

        // 4
        var predictedDue = index.NextDue(leased, provider.Definition, leased.AccessTokenLifetime);
        var addDue = Task.WhenAll(index.AddAsync(leased, predictedDue), options.CanRepeat(provider.Definition) ? index.AskAgainAsync(leased) : Task.CompletedTask);
        Outcome<TokenSet> answer;
        using (var budget = new CancellationTokenSource(times.Budget, time))
        {
            try
            {
                answer = await endpoint.RefreshAsync(provider, refreshToken, budget.Token);
            }
            catch (OperationCanceledException)
            {
                answer = new ProviderTimeout("The token endpoint did not answer in time.", provider.Definition.Id);
            }
        }

        if (answer.Succeeded(out var tokens, out refusal))
        {
            // 5, 6
            var secrets = new OpenSecrets(tokens.AccessToken, tokens.RefreshToken ?? refreshToken, profile);
            var redemption = new Redemption(leased, provider, writeKey, secrets, tokens, predictedDue, time.GetUtcNow());
            var stored = await spill.BesideAsync(redemption, () => commit.StoreAsync(redemption));
            await addDue;
            return stored;
        }

        await addDue;
        return refusal is InvalidGrant
            ? await commit.RefuseAsync(leased, CauseOf(row))
            : await commit.PostponeAsync(leased, refusal);
    }

    // A provider that takes a spent token for a stolen one ends the family at the retry of a refresh that was cut off. Its access token, while there is
    // still life in it, is worth more than an early retry.
    private bool IsBetterLeft(Grant row, ProviderDefinition definition, DateTimeOffset now) =>
        WasInterrupted(row)
        && row.RestoredFrom is null
        && definition.Rotation is not RotationKind.None
        && !options.CanRepeat(definition)
        && row.AccessTokenExpiresAt > now + RefreshSchedule.SuspectMargin;

    private async Task<Outcome<Grant>> LeaveUntilExpiryAsync(Grant row)
    {
        var at = row.AccessTokenExpiresAt!.Value - RefreshSchedule.SuspectMargin;
        var next = row.ExpiresAt < at ? row.ExpiresAt.Value : at;
        if (row.DueAt == next)
        {
            return row;
        }

        await index.AddAsync(row, next);
        if (await store.TryReplaceAsync(row with { DueAt = next }, CancellationToken.None) is not { } moved)
        {
            return row; // Somebody else wrote it; its due row stands.
        }

        await index.MoveAsync(row, next);
        return moved;
    }

    // Whose fault it is that a token is refused, where the vault knows of one of its own.
    private static string CauseOf(Grant row) => row.RestoredFrom is not null ? CredentialCauses.RestoredFromBackup
        : WasInterrupted(row) ? CredentialCauses.RefreshInterrupted
        : CredentialCauses.InvalidGrant;

    // The token may have been presented before without its answer reaching storage: a lease that was never given back, or an answer that never came.
    private static bool WasInterrupted(Grant row) =>
        row.Lease?.Generation == row.Generation
        || row.LastError == Refusal.CodeOf(typeof(ProviderTimeout))
        || row.LastError == CredentialCauses.RefreshInterrupted;

    private bool StillUsable(Grant grant) => RefreshCommit.IsUsable(grant, time.GetUtcNow());

    private static Refusal LeftAlone(Grant grant, DateTimeOffset now)
    {
        var provider = grant.Place.Provider;
        const string Detail = "The last refresh failed and the next attempt is not due yet.";
        Refusal refusal = grant.LastError == Refusal.CodeOf(typeof(ConnectConfig)) ? new ConnectConfig(Detail, provider, null)
            : grant.LastError == Refusal.CodeOf(typeof(VaultUnavailable)) ? new VaultUnavailable(Detail)
            : grant.LastError == Refusal.CodeOf(typeof(ProviderTimeout)) ? new ProviderTimeout(Detail, provider)
            : new ProviderUnreachable(grant.RefusedAt is null ? Detail : RefreshCommit.Refusing, provider);
        return refusal with { RetryAfter = grant.NextAttemptAt - now };
    }
}
