using Alter.Grants;
using Alter.Storage;
using Azure;
using Azure.Data.Tables;

namespace Alter.Audit;

/// <summary>
/// Removes what lies under an erased user's key in the activity tables. The record itself, and its copy by app and day, stay: they hold the user's salted
/// hash and no name, and go with their month.
/// </summary>
public sealed class ActivityErasure(AlterTables tables)
{
    private const int MostInTransaction = 100;

    /// <summary>Removes it; a repetition goes on with what is left.</summary>
    /// <returns>How many entries.</returns>
    /// <remarks>A query a month, and one operation per 100 entries.</remarks>
    public async Task<int> RunAsync(GrantOwner owner, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        var count = 0;
        foreach (var month in await tables.ListAuditMonthsAsync(cancellationToken))
        {
            var table = tables.ActivityOf(month);
            foreach (var batch in (await RowsAsync(table, owner, cancellationToken)).Chunk(MostInTransaction))
            {
                await table.SubmitTransactionAsync(batch.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, ETag.All)), cancellationToken);
                count += batch.Length;
            }
        }

        return count;
    }

    // Two users whose hashes begin alike share a partition.
    private static async Task<List<TableEntity>> RowsAsync(TableClient table, GrantOwner owner, CancellationToken cancellationToken)
    {
        var rows = new List<TableEntity>();
        try
        {
            await foreach (var row in table.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {owner.Partition}"), cancellationToken: cancellationToken))
            {
                if (row.TryGetValue(ActivityRow.EntryColumn, out var text) && AuditEntry.Parse(text as string)?.User == owner.Hash)
                {
                    rows.Add(row);
                }
            }
        }
        catch (RequestFailedException e) when (e.Status is 404)
        {
            // Nothing was brought there that month.
        }

        return rows;
    }
}
