using System.Text.Json;
using Alter.Storage;
using Azure;
using Azure.Data.Tables;

namespace Alter.Grants;

/// <summary>The one row that says how far re-wrapping has come: <c>jobs</c>/<c>rewrap</c>/<c>cursor</c>.</summary>
public sealed class RewrapProgressStore(AlterTables tables)
{
    private const string Partition = "rewrap";
    private const string Row = "cursor";
    private const string OperationColumn = "op";
    private const string ProgressColumn = "progress";

    /// <summary>What is known; null where nobody has walked yet, or the row is of another form.</summary>
    /// <remarks>One storage operation; makes no table.</remarks>
    public async Task<RewrapProgress?> FindAsync(CancellationToken cancellationToken) => (await ReadAsync(cancellationToken)).Progress;

    internal async Task<(RewrapProgress? Progress, ETag ETag)> ReadAsync(CancellationToken cancellationToken)
    {
        var row = await tables.Jobs.GetEntityIfExistsAsync<TableEntity>(Partition, Row, cancellationToken: cancellationToken);
        return row.HasValue ? (Parse(row.Value!), row.Value!.ETag) : (null, default);
    }

    /// <summary>Writes it if nobody else did since it was read.</summary>
    /// <returns>The row's new version; null where another walker came first.</returns>
    /// <remarks>One storage operation; one more on a conflict.</remarks>
    internal async Task<ETag?> TryWriteAsync(RewrapProgress progress, ETag read, CancellationToken cancellationToken)
    {
        await tables.EnsureAsync(cancellationToken);
        var operation = OperationId.New();
        var row = new TableEntity(Partition, Row) { [OperationColumn] = operation, [ProgressColumn] = JsonSerializer.Serialize(progress) };
        try
        {
            var response = await (read == default
                ? tables.Jobs.AddEntityAsync(row, cancellationToken)
                : tables.Jobs.UpdateEntityAsync(row, read, TableUpdateMode.Replace, cancellationToken));
            return response.Headers.ETag;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
        {
            // Our own write may have landed and its answer got lost, so that the client's retry met it.
            var found = await tables.Jobs.GetEntityIfExistsAsync<TableEntity>(Partition, Row, cancellationToken: cancellationToken);
            return found.HasValue && found.Value!.TryGetValue(OperationColumn, out var op) && op as string == operation ? found.Value.ETag : null;
        }
    }

    private static RewrapProgress? Parse(TableEntity row)
    {
        try
        {
            return row.TryGetValue(ProgressColumn, out var value) && value is string json && JsonSerializer.Deserialize<RewrapProgress>(json) is { Version: not null } progress
                && (progress.Running is null or { Rows: not null }) && (progress.Last is null or { Rows: not null, FinishedAt: not null })
                    ? progress
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
