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

    // Of the connections to storage: whoever waits for an answer comes first.
    private const int MostAtOnce = 16;

    /// <summary>Writes entries.</summary>
    /// <returns>False where storage did not take all; what it took stays.</returns>
    /// <remarks>One storage operation a user and one an app and day, each for up to 100 entries.</remarks>
    internal async Task<bool> TryWriteAsync(IReadOnlyList<ActivityEntry> entries)
    {
        Exception? fault = null;
        try
        {
            // All are put together before the first is sent: once this returns nothing reads an entry's text any more.
            var transactions = Gather(entries);
            await Parallel.ForEachAsync(transactions, new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce }, async (transaction, _) =>
            {
                try
                {
                    await tables.WriteAsync(tables.ActivityOf(transaction.Month), transaction.Rows);
                }
                catch (Exception e)
                {
                    fault = e; // The others may be taken.
                }
            });
        }
        catch (Exception e) // Whatever it is: nobody waits for it, and the sealer replays it.
        {
            fault = e;
        }

        if (fault is not null)
        {
            Log.NotProjected(logger, entries.Count, fault);
        }

        return fault is null;
    }

    /// <summary>Says of a call whose end is not in its lane that it is not known; where an end was written, that stays.</summary>
    internal async Task WriteUnknownAsync(AuditEntry call)
    {
        var end = call with { Kind = AuditKinds.End, Outcome = AuditOutcomes.Unknown };
        var text = end.ToText();
        var json = new byte[TableRowJson.MostEscaped(text.Bytes)];
        var entry = ActivityEntry.Of(end, json.AsMemory(0, TableRowJson.Escape(text.Bytes, json)));
        foreach (var partition in HasUser(entry) ? new[] { ActivityRow.UserPartition(entry), ActivityRow.DayPartition(entry) } : [ActivityRow.DayPartition(entry)])
        {
            try
            {
                await tables.WriteAsync(tables.ActivityOf(RowKeys.Month(entry.At)), [new(ActivityRow.Of(entry, partition), Replaces: false)]);
            }
            catch (RequestFailedException e) when (e.Status is 409)
            {
                // Its end came by another lane, or an earlier replay was here.
            }
        }
    }

    // One under each user and one under each app's day; another where it is full.
    private static List<Transaction> Gather(IReadOnlyList<ActivityEntry> entries)
    {
        var (all, open) = (new List<Transaction>(), new Dictionary<Place, Transaction>());
        foreach (var entry in entries)
        {
            var day = DateOnly.FromDateTime(entry.At.UtcDateTime);
            var ofDay = Open(new Place(entry.App, User: null, day), entry);
            var row = ActivityRow.Of(entry, ofDay.Partition);
            ofDay.Add(row, entry);
            if (HasUser(entry))
            {
                var ofUser = Open(new Place(entry.App, entry.User, day), entry);
                ofUser.Add(row.Under(ofUser.Partition), entry);
            }
        }

        return all;

        Transaction Open(Place place, in ActivityEntry entry)
        {
            ref var transaction = ref CollectionsMarshal.GetValueRefOrAddDefault(open, place, out _);
            if (transaction?.HasRoom(entry) is not true)
            {
                transaction = new Transaction(RowKeys.Month(entry.At), place.User is null ? ActivityRow.DayPartition(entry) : ActivityRow.UserPartition(entry));
                all.Add(transaction);
            }

            return transaction;
        }
    }

    // Of an erased user nothing new is to lie under their own key.
    private static bool HasUser(in ActivityEntry entry) => entry.User is { Length: > 15 } && entry.Outcome is not GrantEvents.Erased;

    private readonly record struct Place(string App, string? User, DateOnly Day);

    // By number and by weight.
    private sealed class Transaction(string month, string partition)
    {
        private readonly List<RowWrite> rows = [];
        private long weight;

        public string Month => month;

        public string Partition => partition;

        public IReadOnlyList<RowWrite> Rows => rows;

        public bool HasRoom(in ActivityEntry entry) => rows.Count < MostInTransaction && weight + WeightOf(entry) <= MostWeight;

        public void Add(TableRow row, in ActivityEntry entry)
        {
            rows.Add(new RowWrite(row, Replaces: true));
            weight += WeightOf(entry);
        }

        private static long WeightOf(in ActivityEntry entry) => 1000 + entry.Json.Length;
    }
}
