using Azure;
using Azure.Data.Tables;

namespace Alter.Storage;

/// <summary>Tables whose partitions begin with an hour (<see cref="RowKeys.Hour"/>): what is past goes without looking at what is not.</summary>
internal static class HourPartitions
{
    private const int MostInTransaction = 100;

    /// <summary>Deletes every row of the partitions before an instant's hour.</summary>
    /// <returns>How many were met.</returns>
    /// <remarks>A query per 1,000 rows and a transaction per 100 of a partition: the cost follows what is past, not what is stored.</remarks>
    internal static async Task<int> PurgeAsync(TableClient table, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var count = 0;
        var filter = TableClient.CreateQueryFilter($"PartitionKey lt {RowKeys.Hour(before)}");
        await foreach (var page in table.QueryAsync<TableEntity>(filter, maxPerPage: 1000, select: ["PartitionKey", "RowKey"], cancellationToken: cancellationToken).AsPages())
        {
            foreach (var batch in page.Values.GroupBy(row => row.PartitionKey).SelectMany(partition => partition.Chunk(MostInTransaction)))
            {
                await DeleteAsync(table, batch, cancellationToken);
                count += batch.Length;
            }
        }

        return count;
    }

    private static async Task DeleteAsync(TableClient table, TableEntity[] batch, CancellationToken cancellationToken)
    {
        try
        {
            await table.SubmitTransactionAsync(batch.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, ETag.All)), cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status is 404)
        {
            // Another purge was faster; what it left comes up again.
        }
    }
}
