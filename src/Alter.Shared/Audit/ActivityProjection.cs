using System.Runtime.InteropServices;
using Alter.Storage;
using Alter.Storage.Wire;
using Azure;
using Microsoft.Extensions.Logging;

namespace Alter.Audit;

/// <summary>Brings entries into the activity tables. Off every path, and as often as one likes: keys are the entries' own.</summary>
public sealed class ActivityProjection(AlterTables tables, ILogger<ActivityProjection> logger)
{
    private const int MostInTransaction = 100;
    private const long MostWeight = 3 * 1024 * 1024; // Of the 4 MiB of a request.

    /// <summary>Writes entries.</summary>
    /// <returns>False where storage did not take all; what it took stays.</returns>
    /// <remarks>One storage operation a user and one an app and day, each for up to 100 entries.</remarks>
    internal async Task<bool> TryWriteAsync(IReadOnlyList<ActivityEntry> entries)
    {
        try
        {
            // All are put together before the first is sent: once this returns nothing reads an entry's text any more.
            var writes = Gather(entries).SelectMany(place => Batches(place.Value.Values), (place, rows) => (Table: tables.ActivityOf(place.Key.Month), Rows: rows)).ToList();
            await Task.WhenAll(writes.Select(write => tables.WriteAsync(write.Table, write.Rows)));
            return true;
        }
        catch (Exception e) // Whatever it is: nobody waits for it, and the sealer replays it.
        {
            Log.NotProjected(logger, entries.Count, e);
            return false;
        }
    }

    /// <summary>Says of a call whose end is not in its lane that it is not known; where an end was written, that stays.</summary>
    internal async Task WriteUnknownAsync(AuditEntry call)
    {
        var end = call with { Kind = AuditKinds.End, Outcome = AuditOutcomes.Unknown };
        var entry = ActivityEntry.Of(end, end.ToText().Memory);
        var table = tables.ActivityOf(RowKeys.Month(entry.At));
        foreach (var partition in HasUser(entry) ? new[] { ActivityRow.UserPartition(entry), ActivityRow.DayPartition(entry) } : [ActivityRow.DayPartition(entry)])
        {
            try
            {
                await AlterTables.InTableAsync(table, () => table.AddEntityAsync(ActivityRow.Of(entry, partition).ToEntity(), CancellationToken.None));
            }
            catch (RequestFailedException e) when (e.Status is 409)
            {
                // Its end came by another lane, or an earlier replay was here.
            }
        }
    }

    // By month and partition. One call may have an entry twice, after a lane that failed: the later one stays.
    private static Dictionary<(string Month, string Partition), Dictionary<string, TableRow>> Gather(IReadOnlyList<ActivityEntry> entries)
    {
        var places = new Dictionary<(string Month, string Partition), Dictionary<string, TableRow>>();
        foreach (var entry in entries)
        {
            var (month, row) = (RowKeys.Month(entry.At), ActivityRow.Of(entry, ActivityRow.DayPartition(entry)));
            Put(month, row);
            if (HasUser(entry))
            {
                Put(month, row.Under(ActivityRow.UserPartition(entry)));
            }
        }

        return places;

        void Put(string month, TableRow row)
        {
            ref var rows = ref CollectionsMarshal.GetValueRefOrAddDefault(places, (month, row.PartitionKey), out _);
            (rows ??= new Dictionary<string, TableRow>(StringComparer.Ordinal))[row.RowKey] = row;
        }
    }

    // Of an erased user nothing new is to lie under their own key.
    private static bool HasUser(in ActivityEntry entry) => entry.User is { Length: > 15 } && entry.Outcome is not GrantEvents.Erased;

    // By number and by weight: every byte of an entry may be escaped to six.
    private static IEnumerable<List<RowWrite>> Batches(IEnumerable<TableRow> rows)
    {
        var (batch, weight) = (new List<RowWrite>(), 0L);
        foreach (var row in rows)
        {
            var own = 1000 + (6L * ((Utf8Text)row[ActivityRow.EntryColumn]!).Length);
            if (batch.Count == MostInTransaction || (batch.Count > 0 && weight + own > MostWeight))
            {
                yield return batch;
                (batch, weight) = ([], 0);
            }

            batch.Add(new(row, Replaces: true));
            weight += own;
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }
}
