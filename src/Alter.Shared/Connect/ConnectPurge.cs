using Alter.Storage;
using Azure;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;

namespace Alter.Connect;

/// <summary>Deletes sessions and flows past their hour. Nothing depends on it: every reader checks the expiry itself.</summary>
/// <remarks>A query over partitions that begin with an hour gone by, then a transaction per partition: the cost follows what expired, not what is stored.</remarks>
public sealed class ConnectPurge(AlterTables tables, JobMarks marks, TimeProvider time, ILogger<ConnectPurge> logger)
{
    private const string Job = "connect-purge";
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    /// <summary>Purges, if an hour has passed since the last time.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var mark = await marks.ReadAsync(Job, cancellationToken);
        var now = time.GetUtcNow();
        if (mark.DueAt > now || !await marks.TryMoveAsync(Job, mark, null, now.AddHours(1), cancellationToken))
        {
            return;
        }

        var count = 0;
        var filter = TableClient.CreateQueryFilter($"PartitionKey lt {RowKeys.Hour(now - Kept)}");
        await foreach (var page in tables.Connect.QueryAsync<TableEntity>(filter, maxPerPage: 1000, select: ["PartitionKey", "RowKey"], cancellationToken: cancellationToken).AsPages())
        {
            foreach (var batch in page.Values.GroupBy(row => row.PartitionKey).SelectMany(partition => partition.Chunk(100)))
            {
                await DeleteAsync(batch, cancellationToken);
                count += batch.Length;
            }
        }

        if (count > 0)
        {
            Log.Purged(logger, count);
        }
    }

    private async Task DeleteAsync(TableEntity[] batch, CancellationToken cancellationToken)
    {
        try
        {
            await tables.Connect.SubmitTransactionAsync(
                batch.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, ETag.All)),
                cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status is 404)
        {
            // Another purge was faster; what it left comes up again in an hour.
        }
    }
}
