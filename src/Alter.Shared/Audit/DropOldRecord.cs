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
    private readonly SealChain chain = new(tables, ring, logger);
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
        if (await chain.ReadAsync(cancellationToken) is not { } standing)
        {
            return false; // On what somebody else wrote no month is dropped.
        }

        var last = standing.Last;
        var oldest = last?.Oldest ?? 1;
        if (last is null || string.CompareOrdinal(last.Dropped, due[^1]) < 0)
        {
            oldest = await chain.OldestAsync(standing, kept, cancellationToken);
            if (!await chain.AddAsync(standing, standing.Heads, now, due[^1], oldest, cancellationToken)) // 1
            {
                return false;
            }
        }

        foreach (var month in due) // 2
        {
            await tables.ActivityOf(month).DeleteAsync(cancellationToken);
            await tables.AuditOf(month).DeleteAsync(cancellationToken); // Last: as long as it is there, the next look leads here.
        }

        Log.MonthDropped(logger, due[^1], await seals.DropBeforeAsync(oldest, cancellationToken)); // 3
        return true;
    }
}
