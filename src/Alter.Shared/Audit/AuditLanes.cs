using System.Runtime.CompilerServices;
using Alter.Storage;
using Azure;
using Azure.Data.Tables;

namespace Alter.Audit;

/// <summary>Reads lanes, whoever wrote them.</summary>
internal sealed class AuditLanes(AlterTables tables)
{
    /// <summary>The lanes of a month from a name on, without reading their entries.</summary>
    /// <remarks>One storage operation a lane, and one more.</remarks>
    internal async IAsyncEnumerable<string> ListAsync(string month, string from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey ge {from}");
        while (await FirstAsync(month, filter, cancellationToken) is { } lane)
        {
            yield return lane;
            filter = TableClient.CreateQueryFilter($"PartitionKey gt {lane}"); // Leaps over all its rows.
        }
    }

    /// <summary>How far a lane has come; null where it is not there.</summary>
    /// <remarks>One storage operation.</remarks>
    internal async Task<(LaneHead Head, ETag Version)?> FindHeadAsync(string lane, CancellationToken cancellationToken)
    {
        if (LaneName.StartOf(lane) is not { } start)
        {
            return null;
        }

        try
        {
            var row = await tables.AuditOf(RowKeys.Month(start)).GetEntityIfExistsAsync<TableEntity>(lane, AuditRow.Head, cancellationToken: cancellationToken);
            return row.HasValue && AuditRow.ReadHead(row.Value!) is { } head ? (head, row.Value!.ETag) : null;
        }
        catch (RequestFailedException e) when (e.Status is 404)
        {
            return null;
        }
    }

    /// <summary>Entries of a lane from a sequence on, in order.</summary>
    /// <remarks>A storage operation per 1,000.</remarks>
    internal IAsyncEnumerable<TableEntity> ReadAsync(string lane, long from, CancellationToken cancellationToken) =>
        tables.AuditOf(RowKeys.Month(LaneName.StartOf(lane)!.Value)).QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {lane} and RowKey ge {AuditRow.RowKey(from)} and RowKey lt {AuditRow.Head}"), cancellationToken: cancellationToken);

    /// <summary>Says that a lane's entries are in the activity tables, unless its writer goes on meanwhile.</summary>
    /// <remarks>One storage operation.</remarks>
    internal async Task NoteProjectedAsync(string lane, long upTo, ETag version, CancellationToken cancellationToken)
    {
        try
        {
            await tables.AuditOf(RowKeys.Month(LaneName.StartOf(lane)!.Value)).UpdateEntityAsync(AuditRow.OfProjected(lane, upTo), version, TableUpdateMode.Merge, cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status is 412)
        {
            // It lives on; or our own answer was lost. Replaying again changes nothing.
        }
    }

    private async Task<string?> FirstAsync(string month, string filter, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var row in tables.AuditOf(month).QueryAsync<TableEntity>(filter, 1, ["PartitionKey"], cancellationToken))
            {
                return row.PartitionKey;
            }
        }
        catch (RequestFailedException e) when (e.Status is 404)
        {
            // No table: nobody recorded anything that month.
        }

        return null;
    }
}
