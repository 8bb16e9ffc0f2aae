using Alter.Apps;
using Alter.Grants;
using Alter.Keys;
using Alter.Storage;
using Alter.Tokens;
using Microsoft.Extensions.Logging;

namespace Alter.Refresh;

/// <summary>What a provider answered to a refresh token, on its way into storage.</summary>
/// <param name="Leased">The row whose token was redeemed.</param>
/// <param name="Provider">Its provider, as the app uses it.</param>
/// <param name="Key">What the tokens are sealed under.</param>
/// <param name="Secrets">The new tokens, with the account profile.</param>
/// <param name="Tokens">The answer.</param>
/// <param name="DueAt">The due row that was written ahead, for a token of the last one's life.</param>
/// <param name="AnsweredAt">When the provider answered.</param>
public sealed record Redemption(
    Grant Leased, AppProvider Provider, KeyEncryptionKey Key, OpenSecrets Secrets, TokenSet Tokens, DateTimeOffset? DueAt, DateTimeOffset AnsweredAt)
{
    /// <summary>Tokens never print.</summary>
    public override string ToString() => $"[redemption for {Leased.Id}]";
}

/// <summary>Writes down what came of a refresh: new tokens, the grant's end, or when to try again. Over whatever the row has become meanwhile.</summary>
/// <remarks>
/// <code>
///  the provider answered ─► write, if nobody wrote the row since ─► done
///        │                        │ somebody did: read it
///        │                        ├─ ended, replaced       ─► the new token is given back
///        │                        ├─ a newer generation    ─► that one is used
///        │                        └─ the same, otherwise changed ─► write over it
///        └─ tables down: try on for five minutes; after two seconds the sealed tokens go to the queue as well (TokenSpill)
///             crash: whoever takes that message writes them (SpilledRefresh), if the generation is still the one they were redeemed for
/// </code>
/// </remarks>
public sealed class RefreshCommit(
    GrantStore store, GrantKeys keys, RefreshIndex index, TokenEndpoint endpoint, ProviderBrake brake, TimeProvider time, ILogger<RefreshCommit> logger)
{
    private static readonly TimeSpan StoreFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Whether the access token of a grant whose refresh failed serves for now.</summary>
    internal static bool IsUsable(Grant grant, DateTimeOffset now) => grant.AccessTokenExpiresAt is null || grant.AccessTokenExpiresAt > now + TimeSpan.FromSeconds(2);

    /// <summary>Stores new tokens. From here only a stored row counts, and nothing cancels the storing.</summary>
    /// <returns>The refreshed row or a newer one, or why the grant is over.</returns>
    internal async Task<Outcome<Grant>> StoreAsync(Redemption redemption)
    {
        var (leased, provider, key, secrets, tokens, predictedDue, answeredAt) = redemption;
        var started = time.GetUtcNow();
        var nextDue = predictedDue is not null && tokens.Lifetime == leased.AccessTokenLifetime ? predictedDue : index.NextDue(leased, provider.Definition, tokens.Lifetime);
        if (nextDue != predictedDue)
        {
            await index.AddAsync(leased, nextDue);
        }

        var generation = leased.Generation + 1;
        var sealedSecrets = SealedSecrets.Seal(key, leased.Place, generation, secrets);
        var row = leased;
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var refreshed = (row with
                {
                    Generation = generation,
                    Secrets = sealedSecrets,
                    AccessTokenExpiresAt = answeredAt + tokens.Lifetime,
                    AccessTokenLifetime = tokens.Lifetime,
                    Scopes = tokens.Scopes ?? row.Scopes,
                    DueAt = nextDue,
                    Lease = null,
                    NextAttemptAt = null,
                    Fails = 0,
                    LastError = null,
                    RefusedAt = null,
                    RestoredFrom = null,
                }).Authenticated(key);
                if (await store.TryReplaceAsync(refreshed, CancellationToken.None) is { } stored)
                {
                    Log.Refreshed(logger, stored.Id, stored.Generation);
                    RefreshMetrics.Count(leased.Place.Provider, RefreshMetrics.Refreshed);
                    brake.NoteAccepted(leased.Place);
                    await index.MoveAsync(row, nextDue);
                    return stored;
                }

                // Somebody wrote the row meanwhile. Whether our tokens still belong there, the newer row says.
                if (await store.ReadAsync(leased.Key, CancellationToken.None) is not { } newer || newer.Id != leased.Id)
                {
                    await DiscardAsync(leased, provider, secrets);
                    return new GrantRevoked(leased.Id, leased.Place.Provider);
                }

                if (newer.Generation != leased.Generation)
                {
                    return newer.RefusalAt(time.GetUtcNow()) is { } over ? over : newer; // Connect brought newer tokens: ours are superseded.
                }

                if (newer.RefusalAt(time.GetUtcNow()) is { } ended)
                {
                    if (await ReopenedAsync(newer) is not { } reopened)
                    {
                        await DiscardAsync(leased, provider, secrets);
                        return ended;
                    }

                    row = reopened;
                    continue;
                }

                // A newer row is built upon only if the vault wrote it; else ours is put back over it.
                row = newer.Place == leased.Place && await KeyOfAsync(newer) is not null ? newer : leased with { ETag = newer.ETag };
            }
            catch (Exception e) when (StorageFault.Is(e) && time.GetUtcNow() - started < StoreFor)
            {
                // Storage is down, or its answer got lost. The tokens live in this process alone, so it tries on.
                Log.StoreRetried(logger, leased.Id, attempt, e);
                await Task.Delay(pause, time);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
            catch (Exception e) when (StorageFault.Is(e))
            {
                Log.NotStored(logger, leased.Id);
                RefreshMetrics.Count(leased.Place.Provider, RefreshMetrics.Lost);
                throw;
            }
        }
    }

    /// <summary>An ended row opened again, where all that ended it is that the provider refused a token whose successor is in hand after all; else null.</summary>
    internal async Task<Grant?> ReopenedAsync(Grant row)
    {
        var now = time.GetUtcNow();
        return row is { Status: GrantStatus.CredentialRevoked, Secrets.RefreshToken: not null } && !(row.ExpiresAt <= now) && await KeyOfAsync(row) is not null ? row.Reopened(now) : null;
    }

    /// <summary>The provider refused the refresh token: the grant ends, unless the provider refuses so many that it is not believed.</summary>
    internal async Task<Outcome<Grant>> RefuseAsync(Grant leased, string cause)
    {
        // A token that a fault of ours may have spent says nothing about the provider.
        var isBraked = cause is CredentialCauses.InvalidGrant && await brake.NoteRefusedAsync(leased.Place);
        if (!isBraked || time.GetUtcNow() - leased.RefusedAt >= Grant.RefusedLifetime)
        {
            return await EndAsync(leased, cause);
        }

        RefreshMetrics.Count(leased.Place.Provider, RefreshMetrics.Braked);
        var refused = leased with { RefusedAt = leased.RefusedAt ?? time.GetUtcNow() };
        return await PostponeAsync(refused, new ProviderUnreachable(Refusing, leased.Place.Provider), cause, RefreshSchedule.BackoffWhileBraked(leased.Fails));
    }

    /// <summary>The grant is over. Terminal only while no newer generation exists.</summary>
    internal async Task<Outcome<Grant>> EndAsync(Grant grant, string cause)
    {
        for (var row = grant; ;)
        {
            // Authenticated, so that a retry can believe it; what cannot be is never tried again.
            var refused = row.Refused(cause, time.GetUtcNow());
            var ended = await KeyOfAsync(row) is { } key ? refused.Authenticated(key) : refused.Forgotten();
            await index.AddAsync(ended, ended.DueAt);
            if (await store.TryReplaceAsync(ended, CancellationToken.None) is not null)
            {
                Log.Ended(logger, row.Place.Provider, row.Id, cause);
                RefreshMetrics.Count(row.Place.Provider, cause);
                await index.MoveAsync(row, ended.DueAt);
                return new CredentialRevoked(row.Id, row.Place.Provider, cause);
            }

            if (await store.ReadAsync(grant.Key, CancellationToken.None) is not { } newer || newer.Id != grant.Id)
            {
                return new GrantRevoked(grant.Id, grant.Place.Provider);
            }

            if (newer.RefusalAt(time.GetUtcNow()) is { } refusal)
            {
                return refusal;
            }

            if (newer.Generation != grant.Generation)
            {
                return newer;
            }

            if (newer.Lease is { } other && other.Operation != grant.Lease?.Operation && other.Until > time.GetUtcNow())
            {
                // Our lease had lapsed and another presented the same token: its answer may be the good one, and decides.
                return new TokenRefreshInProgress(grant.Id);
            }

            row = newer;
        }
    }

    /// <summary>The refresh failed in a way that may pass.</summary>
    internal Task<Outcome<Grant>> PostponeAsync(Grant leased, Refusal refusal)
    {
        RefreshMetrics.Count(leased.Place.Provider, refusal.Code);
        return PostponeAsync(leased, refusal, refusal.Code, RefreshSchedule.Backoff(leased.Fails, refusal));
    }

    internal const string Refusing = "The provider refuses the refresh tokens of unusually many grants. Until that is over the vault ends none of them.";

    private async Task<Outcome<Grant>> PostponeAsync(Grant leased, Refusal refusal, string error, TimeSpan delay)
    {
        Log.Postponed(logger, leased.Id, leased.Place.Provider, error, (refusal as Providers.ConnectConfig)?.ProviderError, delay);
        var next = time.GetUtcNow() + delay;
        var nextDue = leased.ExpiresAt < next ? leased.ExpiresAt.Value : next;
        await index.AddAsync(leased, nextDue);
        for (var row = leased; ;)
        {
            var postponed = row with { Lease = null, NextAttemptAt = next, Fails = row.Fails + 1, LastError = error, RefusedAt = leased.RefusedAt, DueAt = nextDue };
            if (await store.TryReplaceAsync(postponed, CancellationToken.None) is { } stored)
            {
                await index.MoveAsync(row, nextDue);
                return IsUsable(stored, time.GetUtcNow()) ? stored : refusal with { RetryAfter = delay };
            }

            if (await store.ReadAsync(leased.Key, CancellationToken.None) is not { } newer || newer.Id != leased.Id || newer.Lease?.Operation != leased.Lease?.Operation)
            {
                return refusal with { RetryAfter = delay };
            }

            row = newer;
        }
    }

    // The key of a row as the vault wrote it; null for any other, and where Key Vault does not say: neither tokens in hand nor a grant's end can wait for it.
    private async Task<KeyEncryptionKey?> KeyOfAsync(Grant row)
    {
        try
        {
            return (await keys.AuthenticateAsync(row, CancellationToken.None)).Succeeded(out var key, out _) ? key : null;
        }
        catch (KeySourceException)
        {
            return null;
        }
    }

    /// <summary>The grant ended while its token was being refreshed: the fresh token must not live on at the provider.</summary>
    internal async Task DiscardAsync(Grant grant, AppProvider provider, OpenSecrets secrets)
    {
        Log.Discarded(logger, grant.Id, await endpoint.DiscardAsync(provider, secrets.RefreshToken, secrets.AccessToken));
        RefreshMetrics.Count(grant.Place.Provider, RefreshMetrics.Discarded);
    }
}
