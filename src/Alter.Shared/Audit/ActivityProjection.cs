using Alter.Storage;
using Azure;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;

namespace Alter.Audit;

/// <summary>Brings entries into the activity tables. Off every path, and as often as one likes: keys are the entries' own.</summary>
public sealed class ActivityProjection(AlterTables tables, ILogger<ActivityProjection> logger)
{
    private const int MostInTransaction = 100;
    private const long MostWeight = 3 * 1024 * 1024; // Of the 4 MiB of a request.

    /// <summary>Writes those that people look for.</summary>
    /// <returns>False where storage did not take all; what it took stays.</returns>
    /// <remarks>One storage operation an entry with a user, one an app and day for all.</remarks>
    internal async Task<bool> TryWriteAsync(IReadOnlyList<AuditEntry> entries)
    {
        try
        {
            // One call may have an entry twice, after a lane that failed: the later one stays.
            var shown = entries.Where(ActivityRow.Shows).GroupBy(ActivityRow.RowKey).Select(same => same.Last()).ToList();
            await Task.WhenAll([
                .. shown.Where(HasUser).Select(WriteForUserAsync),
                .. shown.GroupBy(entry => (Month: RowKeys.Month(entry.At), Partition: ActivityRow.DayPartition(entry))).SelectMany(
                    day => Batches(day.Select(entry => ActivityRow.Of(entry, day.Key.Partition))), (day, rows) => WriteForAppAsync(day.Key.Month, rows)),
            ]);
            return true;
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            Log.NotProjected(logger, entries.Count, e);
            return false;
        }
    }

    /// <summary>Says of a call whose end is not in its lane that it is not known; where an end was written, that stays.</summary>
    internal async Task WriteUnknownAsync(AuditEntry call)
    {
        var entry = call with { Kind = AuditKinds.End, Outcome = AuditOutcomes.Unknown };
        var table = tables.ActivityOf(RowKeys.Month(entry.At));
        foreach (var partition in HasUser(entry) ? new[] { ActivityRow.UserPartition(entry), ActivityRow.DayPartition(entry) } : [ActivityRow.DayPartition(entry)])
        {
            try
            {
                await AlterTables.InTableAsync(table, () => table.AddEntityAsync(ActivityRow.Of(entry, partition), CancellationToken.None));
            }
            catch (RequestFailedException e) when (e.Status is 409)
            {
                // Its end came by another lane, or an earlier replay was here.
            }
        }
    }

    // Of an erased user nothing new is to lie under their own key.
    private static bool HasUser(AuditEntry entry) => entry.User is { Length: > 15 } && entry.Outcome is not GrantEvents.Erased;

    private Task<Response> WriteForUserAsync(AuditEntry entry)
    {
        var table = tables.ActivityOf(RowKeys.Month(entry.At));
        return AlterTables.InTableAsync(table, () => table.UpsertEntityAsync(ActivityRow.Of(entry, ActivityRow.UserPartition(entry)), TableUpdateMode.Replace, CancellationToken.None));
    }

    private Task<Response<IReadOnlyList<Response>>> WriteForAppAsync(string month, List<TableTransactionAction> rows)
    {
        var table = tables.ActivityOf(month);
        return AlterTables.InTableAsync(table, () => table.SubmitTransactionAsync(rows, CancellationToken.None));
    }

    // By number and by weight: every character of an entry may be escaped to six bytes.
    private static IEnumerable<List<TableTransactionAction>> Batches(IEnumerable<TableEntity> rows)
    {
        var (batch, weight) = (new List<TableTransactionAction>(), 0L);
        foreach (var row in rows)
        {
            var own = 1000 + (6L * row.GetString(ActivityRow.EntryColumn).Length);
            if (batch.Count == MostInTransaction || (batch.Count > 0 && weight + own > MostWeight))
            {
                yield return batch;
                (batch, weight) = ([], 0);
            }

            batch.Add(new(TableTransactionActionType.UpsertReplace, row));
            weight += own;
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }
}
