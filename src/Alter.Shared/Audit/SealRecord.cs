using Alter.Keys;
using Alter.Storage;
using Alter.Storage.Wire;
using Microsoft.Extensions.Logging;

namespace Alter.Audit;

/// <summary>Every minute: seals what was recorded since the last seal, and brings into the activity tables what writers left behind.</summary>
/// <remarks>
/// <code>
///   1 the last seal that a key of the vault vouches for: the lanes that may still be written
///   2 lanes that began since: a leap each            clocks may differ by ten minutes
///   3 the head of each
///   4 seal n+1 over them, if one has moved           crash before: the next minute does it; 409: another sealer was faster
///       or the key has: so that the new version vouches for what is under the old one, which can then be disabled
///   5 its hash to the log: an anchor outside the storage account
///   6 lanes that stopped: what the activity tables lack, whatever became of the seal
/// </code>
/// </remarks>
public sealed class SealRecord(AlterTables tables, KeyRing ring, ActivityProjection projection, TimeProvider time, ILogger<SealRecord> logger)
{
    /// <summary>How often it is done.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>By how much clocks of instances may differ.</summary>
    internal static readonly TimeSpan Skew = TimeSpan.FromMinutes(10);

    // Longer than a lane may be silent (AuditLane.Silence) and go on.
    private static readonly TimeSpan Watched = TimeSpan.FromHours(2);
    private static readonly TimeSpan WatchedBehind = TimeSpan.FromDays(7);
    private static readonly TimeSpan Stopped = TimeSpan.FromMinutes(2);

    private readonly SealChain seals = new(tables, ring, logger);
    private readonly AuditLanes lanes = new(tables);

    /// <summary>One pass.</summary>
    /// <remarks>One storage operation, one a lane that may still be written, one a new lane, one to seal.</remarks>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var standing = await seals.ReadAsync(cancellationToken); // 1
        IReadOnlyDictionary<string, SealedHead> known = standing?.Heads ?? new Dictionary<string, SealedHead>();
        var names = new HashSet<string>(known.Keys, StringComparer.Ordinal);
        await foreach (var lane in ListNewAsync(standing, now, cancellationToken)) // 2
        {
            names.Add(lane);
        }

        var heads = new Dictionary<string, SealedHead>(StringComparer.Ordinal);
        var (hasMoved, behind) = (false, new List<(string Lane, LaneHead Head, Azure.ETag Version)>());
        foreach (var lane in names.Order(StringComparer.Ordinal))
        {
            var before = known.GetValueOrDefault(lane);
            var found = await lanes.FindHeadAsync(lane, cancellationToken); // 3
            if (found is not var (head, version) || head.Sequence < before?.S)
            {
                if (before is not null)
                {
                    // It stays in the seals until it is too old to be looked at: the verifier names it.
                    Log.Shrunk(logger, lane, before.S);
                    Watch(lane, before, isBehind: false);
                }
                else
                {
                    Log.WithoutHead(logger, lane);
                }

                continue;
            }

            hasMoved |= before is null || head.Sequence > before.S;
            Watch(lane, new SealedHead(head.Sequence, Convert.ToHexStringLower(head.Chain), head.At), head.Projected < head.Sequence);
            if (head.Projected < head.Sequence && now - head.At > Stopped)
            {
                behind.Add((lane, head, version));
            }
        }

        await TrySealAsync(standing, heads, hasMoved, now, cancellationToken); // 4, 5
        foreach (var (lane, head, version) in behind)
        {
            await ReplayAsync(lane, head, version, cancellationToken); // 6
        }

        void Watch(string lane, SealedHead head, bool isBehind)
        {
            if (now - head.T < (isBehind ? WatchedBehind : Watched) || known.GetValueOrDefault(lane)?.S != head.S)
            {
                heads[lane] = head;
            }
        }
    }

    // What the log tells of is left to the next minute; activity does not wait for it.
    private async Task TrySealAsync(SealChain.Standing? standing, Dictionary<string, SealedHead> heads, bool hasMoved, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            if (standing is null)
            {
                Log.NotSealed(logger, null); // The log has said of each seal why.
            }
            else if (hasMoved || (standing.Last is not null && standing.KeyVersion != (await ring.CurrentAsync(cancellationToken)).Version))
            {
                await seals.AddAsync(standing, heads, now, standing.Last?.Dropped, standing.Last?.Oldest ?? 1, cancellationToken);
            }
        }
        catch (Exception e) when (StorageFault.Is(e) || e is KeySourceException)
        {
            Log.NotSealed(logger, e);
        }
    }

    private async IAsyncEnumerable<string> ListNewAsync(
        SealChain.Standing? standing, DateTimeOffset now, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A sealer whose clock was ahead hides no lane from the next. Where no seal can be trusted, what is recent is looked at for its activity.
        var from = standing is null ? now - Watched : standing.Last is not { } last ? DateTimeOffset.MinValue : (last.At < now ? last.At : now) - Skew;
        IEnumerable<string> months = from == DateTimeOffset.MinValue
            ? await tables.ListAuditMonthsAsync(cancellationToken)
            : Enumerable.Range(0, 1200).Select(count => RowKeys.Month(FirstOfMonth(from).AddMonths(count))).TakeWhile(month => string.CompareOrdinal(month, RowKeys.Month(now + Skew)) <= 0);
        foreach (var month in months)
        {
            await foreach (var lane in lanes.ListAsync(month, LaneName.From(from), cancellationToken))
            {
                if (LaneName.StartOf(lane) is not null)
                {
                    yield return lane;
                }
            }
        }
    }

    private static DateTimeOffset FirstOfMonth(DateTimeOffset instant) => new(instant.UtcDateTime.Year, instant.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);

    private async Task ReplayAsync(string lane, LaneHead head, Azure.ETag version, CancellationToken cancellationToken)
    {
        var (page, calls, ended) = (new ActivityBatch(), new List<AuditEntry>(), new HashSet<string>(StringComparer.Ordinal));
        await foreach (var row in lanes.ReadAsync(lane, head.Projected + 1, cancellationToken))
        {
            var text = AuditRow.Read(row).Text;
            if (AuditEntry.Parse(text) is not { } entry)
            {
                continue; // Not as the vault writes it: the verifier's to name.
            }

            if (entry.Kind is AuditKinds.Call)
            {
                calls.Add(entry);
            }
            else
            {
                ended.Add(entry.Id);
                page.Add(entry, Utf8Text.Of(text));
            }

            if (page.Entries.Count == 100)
            {
                if (!await WritePageAsync())
                {
                    return;
                }
            }
        }

        if (!await WritePageAsync())
        {
            return;
        }

        foreach (var call in calls.Where(call => !ended.Contains(call.Id)))
        {
            await projection.WriteUnknownAsync(call);
        }

        await lanes.NoteProjectedAsync(lane, head.Sequence, version, cancellationToken);
        Log.Replayed(logger, head.Sequence - head.Projected, lane);

        async Task<bool> WritePageAsync()
        {
            var isWritten = await projection.TryWriteAsync(page.Entries);
            page.Clear();
            return isWritten;
        }
    }
}
