using Alter.Grants;
using Alter.RateLimits;
using Alter.Storage;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;

namespace Alter.Refresh;

/// <summary>Walks all grants once a day: drops markers, tombstones and marks of revocations past their date, adds due rows that a crash left out, deletes the windows of rate limits that are past.</summary>
/// <remarks>A page of 200 rows per storage operation; the place reached is kept, so any run goes on where the last one stopped.</remarks>
public sealed class DailySweep(GrantStore store, DueIndex due, ProviderBrake brake, RateLimitStore limits, RevocationMarks revocations, JobMarks marks, TimeProvider time, ILogger<DailySweep> logger)
{
    private const string Job = "sweep";
    private static readonly TimeSpan RunFor = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan MarkerLifetime = TimeSpan.FromHours(24);
    private static readonly TimeSpan TombstoneLifetime = TimeSpan.FromDays(90);

    /// <summary>Goes on with the day's walk, if it is due, for at most 40 seconds.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var mark = await marks.ReadAsync(Job, cancellationToken);
        var started = time.GetUtcNow();
        if (mark.DueAt > started)
        {
            return;
        }

        var (rows, dropped, repaired) = (0, 0, 0);
        var cursor = mark.Cursor;
        do
        {
            var page = await store.ScanAsync(cursor, cancellationToken);
            foreach (var row in page.Rows)
            {
                rows++;
                if (IsPast(row))
                {
                    if (UserMark.Is(row) && UserMark.Of(row).ValidFrom is not null)
                    {
                        await store.DropStrayNotesAsync(row.PartitionKey, cancellationToken);
                    }

                    await store.DropAsync(row, cancellationToken);
                    dropped++;
                }
                else if (GrantRow.IsGrant(row) && GrantRow.Read(row) is { DueAt: { } at } grant && !await due.ContainsAsync(grant.Id, at, cancellationToken))
                {
                    await due.AddAsync(grant, at, cancellationToken);
                    repaired++;
                }
            }

            cursor = page.Continuation;
        }
        while (cursor is not null && time.GetUtcNow() - started < RunFor);

        if (cursor is null)
        {
            await brake.PurgeAsync(cancellationToken);
            await limits.PurgeAsync(cancellationToken);
            await revocations.PurgeAsync(cancellationToken);
        }

        await marks.TryMoveAsync(Job, mark, cursor, cursor is null ? started + TimeSpan.FromDays(1) : started, cancellationToken);
        Log.Swept(logger, rows, dropped, repaired);
    }

    private bool IsPast(TableEntity row)
    {
        var now = time.GetUtcNow();
        return UserMark.Is(row) ? !(UserMark.WrittenAt(row) >= now - MarkerLifetime) // Sessions live ten minutes: none is left that it could hold back.
            : ConnectMarker.Read(row) is { } marker ? marker.At < now - MarkerLifetime
            : GrantRow.IsPending(row.RowKey) ? GrantRow.Read(row) is { Status: not GrantStatus.Pending, RevocationToken: null } waited && waited.CreatedAt < now - MarkerLifetime
            : GrantRow.IsTombstone(row) && GrantRow.Read(row) is { RevocationToken: null } tombstone && (tombstone.RevokedAt ?? tombstone.CreatedAt) < now - TombstoneLifetime;
    }
}
