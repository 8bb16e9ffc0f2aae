using Alter.Apps;
using Alter.Keys;
using Alter.Storage;
using Microsoft.Extensions.Logging;

namespace Alter.Audit;

/// <summary>Drops the months of the record that are past <c>audit.retention_months</c>, whole tables at a time.</summary>
/// <remarks>
/// <code>
///   1 a seal that says up to which month is dropped, and which seal is the oldest that stays     crash: the tables are still there, and go next time
///   2 the tables of these months
///   3 the seals before the oldest
/// </code>
/// So that a verifier tells what retention took from what somebody else took, the seal comes first.
/// </remarks>
public sealed class DropOldRecord(AlterTables tables, KeyRing ring, ConfigurationSource configuration, TimeProvider time, ILogger<DropOldRecord> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(6);

    private readonly AuditSealStore seals = new(tables);
    private DateTimeOffset nextAt;

    /// <summary>One look; nothing for six hours after one.</summary>
    /// <remarks>One storage operation where nothing is due.</remarks>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (now < nextAt || configuration.Current is not { } vault)
        {
            return;
        }

        var months = await tables.ListAuditMonthsAsync(cancellationToken);
        var kept = RowKeys.Month(now.AddMonths(-vault.Audit.RetentionMonths));
        var due = months.Where(month => string.CompareOrdinal(month, kept) < 0).ToList();
        if (due.Count > 0 && !await DropAsync(due, kept, now, cancellationToken))
        {
            return; // Another sealer came between: in a minute.
        }

        nextAt = now + Interval;
    }

    private async Task<bool> DropAsync(List<string> due, string kept, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var last = (await seals.FindLastAsync(cancellationToken))?.Seal;
        var oldest = last?.Oldest ?? 1;
        if (last is null || string.CompareOrdinal(last.Dropped, due[^1]) < 0)
        {
            oldest = await OldestAsync(kept, last, cancellationToken);
            var seal = new AuditSeal(
                (last?.Number ?? 0) + 1,
                now,
                last?.Heads ?? new Dictionary<string, SealedHead>(),
                last is null ? AuditChain.Beginning : AuditChain.SealHash(last, last.HeadsText()),
                due[^1],
                oldest);
            if (await seals.TryAddAsync(seal, await ring.CurrentAsync(cancellationToken), cancellationToken) is not { } hash) // 1
            {
                return false;
            }

            Log.Sealed(logger, seal.Number, seal.Heads.Count, Convert.ToHexStringLower(hash));
        }

        foreach (var month in due) // 2
        {
            await tables.ActivityOf(month).DeleteAsync(cancellationToken);
            await tables.AuditOf(month).DeleteAsync(cancellationToken); // Last: as long as it is there, the next look leads here.
        }

        Log.MonthDropped(logger, due[^1], await seals.DropBeforeAsync(oldest, cancellationToken)); // 3
        return true;
    }

    // The first seal of the first month that stays; the newest where none is of it.
    private async Task<long> OldestAsync(string kept, AuditSeal? last, CancellationToken cancellationToken)
    {
        var oldest = last?.Number ?? 1;
        await foreach (var stored in seals.ListAsync(cancellationToken))
        {
            if (stored.Seal is not { } seal || string.CompareOrdinal(RowKeys.Month(seal.At), kept) < 0)
            {
                break;
            }

            oldest = seal.Number;
        }

        return oldest;
    }
}
