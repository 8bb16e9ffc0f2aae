using System.Collections.Concurrent;
using Alter.Keys;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;

namespace Alter.Grants;

/// <summary>Brings all grants under the current version of the key-encryption key, and says when an older one is no longer needed.</summary>
/// <remarks>
/// <code>
///   1 read how far it has come; is the current version new?          crash: nothing happened
///   2 note the version, or the walk that begins now                  crash: the next run finds the walk begun
///   3 a page: each old row's data key under the current version      crash: the page comes again, and what is done is met as current
///   4 note the place reached and what was met; on to the next page   lost: another walker is ahead, and goes on
/// </code>
/// Rows of both versions can be read at every moment, because each names its own. A row is written only as it was read, and its sealed fields not at all.
/// </remarks>
public sealed class Rewrap(GrantStore store, RewrapProgressStore places, KeyRing ring, TimeProvider time, ILogger<Rewrap> logger)
{
    private const int AtOnce = 8;
    private static readonly TimeSpan RunFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestLease = TimeSpan.FromMinutes(5);

    /// <summary>Rows per page.</summary>
    internal int PageSize { get; init; } = 200;

    private enum Fate
    {
        Current,
        Rewrapped,
        Skipped,
        KeyMissing,
        Broken,
    }

    /// <summary>Goes on with the walk, if there is anything to walk for, for at most half a minute.</summary>
    /// <remarks>One storage operation where there is not; else two a page, and one for each row under an older version.</remarks>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WalkAsync(cancellationToken);
        }
        catch (KeySourceException e)
        {
            Log.RewrapPaused(logger, e.Message); // Nothing was noted for the page it happened in, so the next run takes that page again.
        }
    }

    private async Task WalkAsync(CancellationToken cancellationToken)
    {
        // 1
        var (known, read) = await places.ReadAsync(cancellationToken);
        var started = time.GetUtcNow();
        var key = await ring.CurrentAsync(cancellationToken);
        if (known?.Version != key.Version)
        {
            // Newer or older? Asked after the row was read, the source says: an instance with an old key in memory must not turn the walk round.
            key = await ring.NewestAsync(cancellationToken);
        }

        // 2
        var progress = known;
        if (progress?.Version != key.Version)
        {
            progress = new RewrapProgress(key.Version, started, null, known?.Last);
            if (await places.TryWriteAsync(progress, read, cancellationToken) is not { } noted)
            {
                return;
            }

            read = noted;
            Log.KeyRotated(logger, key.Version);
        }

        if (!progress.IsDue(started))
        {
            return;
        }

        if (progress.Running is null)
        {
            progress = progress with { Running = RewrapPass.Begun(key.Version, started) };
            if (await places.TryWriteAsync(progress, read, cancellationToken) is not { } begun)
            {
                return;
            }

            read = begun;
        }

        while (progress.Running is { } pass && time.GetUtcNow() - started < RunFor && key.Version == progress.Version)
        {
            // 3
            var page = await store.ScanAsync(pass.Cursor, cancellationToken, PageSize);
            var met = await RewrapAsync(page.Rows, key, cancellationToken);

            // 4
            progress = progress.After(met, page.Continuation, time.GetUtcNow());
            if (await places.TryWriteAsync(progress, read, cancellationToken) is not { } written)
            {
                return;
            }

            read = written;
            key = await ring.CurrentAsync(cancellationToken); // A version is not written under for longer than anyone else would.
        }

        if (progress is { Running: null, Last: { } last })
        {
            var all = last.Rows.Values.Aggregate(RewrapRows.None, (one, other) => one + other);
            Log.Rewrapped(logger, all.Met, all.Rewrapped, all.Skipped, all.KeyMissing + all.Broken);
        }
    }

    private async Task<IReadOnlyDictionary<string, RewrapRows>> RewrapAsync(IReadOnlyList<TableEntity> rows, KeyEncryptionKey key, CancellationToken cancellationToken)
    {
        var met = new ConcurrentBag<(string Version, RewrapRows Row)>();
        await Parallel.ForEachAsync(
            rows.Where(GrantRow.IsGrant).Select(GrantRow.Read),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (grant, token) =>
            {
                var fate = await RewrapAsync(grant, key, token);
                met.Add((grant.Secrets.KeyVersion, new RewrapRows(1, One(Fate.Rewrapped), One(Fate.Skipped), One(Fate.KeyMissing), One(Fate.Broken))));

                int One(Fate other) => fate == other ? 1 : 0;
            });
        return met.GroupBy(row => row.Version, row => row.Row).ToDictionary(group => group.Key, group => group.Aggregate((one, other) => one + other));
    }

    private async Task<Fate> RewrapAsync(Grant grant, KeyEncryptionKey key, CancellationToken cancellationToken)
    {
        if (grant.Secrets.KeyVersion == key.Version)
        {
            return Fate.Current;
        }

        if (IsInUse(grant))
        {
            return Fate.Skipped;
        }

        if (await ring.FindAsync(grant.Secrets.KeyVersion, cancellationToken) is not { } old)
        {
            return Fate.KeyMissing; // Counted, not logged one by one: it is said where somebody wants to use the grant.
        }

        if (grant.TryRewrap(old, key) is not { } rewrapped)
        {
            Log.IntegrityFailed(logger, grant.Id, "row");
            return Fate.Broken;
        }

        return await store.TryRewrapAsync(rewrapped, cancellationToken) ? Fate.Rewrapped : Fate.Skipped;
    }

    // Whoever refreshes or completes it is about to write it under the current version. Times that no vault writes are none: they hold nothing up for ever.
    private bool IsInUse(Grant grant)
    {
        var now = time.GetUtcNow();
        return (grant.Lease is { } lease && lease.Generation == grant.Generation && lease.Until > now && lease.Until <= now + LongestLease)
            || (GrantRow.IsPending(grant.Key.Row) && (now - grant.CreatedAt).Duration() < Grant.PendingLifetime);
    }
}
