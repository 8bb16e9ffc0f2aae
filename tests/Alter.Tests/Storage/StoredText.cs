using System.Globalization;
using System.Text.RegularExpressions;
using Alter.Storage;
using Alter.Testing;
using Azure.Data.Tables;
using Azure.Storage.Queues;

namespace Alter.Tests.Storage;

/// <summary>Everything stored, as lines of text that are the same for two runs of one path: no times, ids, hashes or sealed bytes.</summary>
internal static partial class StoredText
{
    private static readonly string[] OfNoMeaning = ["odata.etag", "Timestamp", "PartitionKey", "RowKey"];

    /// <summary>Reads tables and queues. A message that was sent twice counts once: whoever receives it looks at the row.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(OwnAzurite azurite, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<string, IReadOnlyList<TableEntity>>();
        // Outcomes are statistics: one that gets lost is written with the next.
        foreach (var table in LossyWorld.Tables.Where(table => table is not "outcomes"))
        {
            rows[table] = await azurite.Table(table).QueryAsync<TableEntity>(cancellationToken: cancellationToken).ToListAsync(cancellationToken);
        }

        var pointedTo = rows["grants"]
            .Where(row => row.ContainsKey("due"))
            .Select(row => $"{RowKeys.Ticks(row.GetDateTimeOffset("due")!.Value)}|{row.GetString("gid")}")
            .ToHashSet();
        var lines = rows.SelectMany(table => table.Value.Select(row => Line(table.Key, row, pointedTo))).ToList();
        foreach (var queue in LossyWorld.Queues)
        {
            var client = new QueueClient(azurite.ConnectionString, queue);
            if (await client.ExistsAsync(cancellationToken))
            {
                // Received, not peeked: a message whose time has not come is not looked for, its sending is among the counted requests.
                var messages = (await client.ReceiveMessagesAsync(32, cancellationToken: cancellationToken)).Value;
                lines.AddRange(messages.Select(message => $"{queue}: {Plain(message.MessageText)}").Distinct());
            }
        }

        return [.. lines.Order(StringComparer.Ordinal)];
    }

    private static string Line(string table, TableEntity row, HashSet<string> pointedTo)
    {
        // Shards and hours are drawn by lot.
        var key = table is "due" ? (pointedTo.Contains(row.RowKey) ? "the grant's" : "stale") : table is "connect" ? row.RowKey.Split('|')[0] : $"{row.PartitionKey} {row.RowKey}";
        var columns = row.Where(column => !OfNoMeaning.Contains(column.Key)).OrderBy(column => column.Key, StringComparer.Ordinal).Select(column => $"{column.Key}={ValueOf(column.Value)}");
        return $"{table}: {Plain(key)} {string.Join(' ', columns)}";
    }

    private static string ValueOf(object value) => value switch
    {
        DateTimeOffset => "{time}",
        byte[] => "{bytes}",
        _ => Plain(Convert.ToString(value, CultureInfo.InvariantCulture)!),
    };

    private static string Plain(string text) =>
        Random().Replace(Owner().Replace(Hour().Replace(Instant().Replace(Id().Replace(text, "{id}"), "{time}"), "{hour}"), "{owner}"), "{random}");

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Id();

    [GeneratedRegex(@"\b\d{18,19}\b|\d{4}-\d\d-\d\dT[\d:.]+(Z|[+]00:00)?")]
    private static partial Regex Instant();

    [GeneratedRegex(@"\b\d{10}\|[0-9a-f]{2}\b")]
    private static partial Regex Hour();

    [GeneratedRegex(@"(?<=\|)[0-9a-f]{15}\b")]
    private static partial Regex Owner();

    [GeneratedRegex(@"[A-Za-z0-9_+/=-]{26,}|\b[0-9a-f]{12}\b")]
    private static partial Regex Random();
}
