using System.Text.Json.Nodes;
using Alter.Audit;
using Alter.Bench.Running;
using Azure;
using Azure.Data.Tables;

namespace Alter.Bench.Audit;

/// <summary>The record of a vault under measurement, as somebody sees it who may write to its storage.</summary>
internal sealed class RecordLook(BenchVault vault)
{
    /// <summary>Three ways to tamper with one sealed row; each gives what the verifier said, null where it said nothing, and puts the row back.</summary>
    public IReadOnlyDictionary<string, Func<CancellationToken, Task<string?>>> Tampering => new Dictionary<string, Func<CancellationToken, Task<string?>>>
    {
        ["cut"] = token => TamperAsync((table, rows) => table.DeleteEntityAsync(rows[1].PartitionKey, rows[1].RowKey, ETag.All, token), token),
        ["alter"] = token => TamperAsync(
            (table, rows) =>
            {
                var altered = Copy(rows[1], rows[1].RowKey);
                altered["entry"] = altered.GetString("entry").Replace("\"kind\"", "\"kinds\"", StringComparison.Ordinal);
                return table.UpsertEntityAsync(altered, TableUpdateMode.Replace, token);
            },
            token),
        ["swap"] = token => TamperAsync(
            async (table, rows) =>
            {
                await table.UpsertEntityAsync(Copy(rows[1], rows[2].RowKey), TableUpdateMode.Replace, token);
                await table.UpsertEntityAsync(Copy(rows[2], rows[1].RowKey), TableUpdateMode.Replace, token);
            },
            token),
    };

    /// <summary>The ids of all calls that were recorded.</summary>
    public async Task<IReadOnlySet<string>> CallsAsync(CancellationToken cancellationToken)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var month in await vault.Inside.Tables.ListAuditMonthsAsync(cancellationToken))
        {
            await foreach (var row in vault.Inside.Tables.AuditOf(month).QueryAsync<TableEntity>(cancellationToken: cancellationToken))
            {
                if (row.GetString("entry") is { } text && JsonNode.Parse(text) is { } entry && (string?)entry["kind"] is AuditKinds.Call)
                {
                    ids.Add((string)entry["id"]!);
                }
            }
        }

        return ids;
    }

    /// <summary>What the verifier says.</summary>
    public Task<RecordVerdict> VerifyAsync(CancellationToken cancellationToken) => new VerifyRecord(vault.Inside.Tables, vault.Inside.Ring).RunAsync([], cancellationToken);

    private async Task<string?> TamperAsync(Func<TableClient, List<TableEntity>, Task> tamper, CancellationToken cancellationToken)
    {
        var table = vault.Inside.Tables.AuditOf((await vault.Inside.Tables.ListAuditMonthsAsync(cancellationToken))[^1]);
        var rows = new List<TableEntity>();
        await foreach (var row in table.QueryAsync<TableEntity>(cancellationToken: cancellationToken))
        {
            if (rows.Count > 0 && rows[0].PartitionKey != row.PartitionKey && rows.Count > 3)
            {
                break;
            }

            if (rows.Count > 0 && rows[0].PartitionKey != row.PartitionKey)
            {
                rows.Clear(); // A lane too short to tamper with.
            }

            rows.Add(row);
        }

        await tamper(table, rows);
        var fault = (await VerifyAsync(cancellationToken)).Faults is [var first, ..] ? first : null;
        foreach (var row in rows.Take(3))
        {
            await table.UpsertEntityAsync(Copy(row, row.RowKey), TableUpdateMode.Replace, cancellationToken);
        }

        return fault;
    }

    private static TableEntity Copy(TableEntity row, string rowKey)
    {
        var copy = new TableEntity(row.PartitionKey, rowKey);
        foreach (var (name, value) in row.Where(column => column.Key is not ("PartitionKey" or "RowKey" or "Timestamp" or "odata.etag")))
        {
            copy[name] = value;
        }

        return copy;
    }
}
