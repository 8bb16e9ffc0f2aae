using Azure;
using Azure.Data.Tables;

namespace Alter.Storage;

/// <summary>How far periodic work has come: rows <c>jobs</c>/{job}/<c>cursor</c>. A missed tick is caught up with, because each duty keeps its own mark.</summary>
public sealed class JobMarks(AlterTables tables)
{
    private const string OperationColumn = "op";

    /// <summary>A job's mark as read.</summary>
    /// <param name="Cursor">Where the pass stands; null at its start.</param>
    /// <param name="DueAt">When it goes on.</param>
    /// <param name="ETag">What a write is conditional on.</param>
    public sealed record Mark(string? Cursor, DateTimeOffset DueAt, ETag ETag);

    /// <summary>The mark; a job never run is due at once.</summary>
    /// <remarks>One storage operation.</remarks>
    public async Task<Mark> ReadAsync(string job, CancellationToken cancellationToken)
    {
        await tables.EnsureAsync(cancellationToken);
        var row = await tables.Jobs.GetEntityIfExistsAsync<TableEntity>(job, "cursor", cancellationToken: cancellationToken);
        return row.HasValue
            ? new Mark(row.Value!.GetString("cursor"), row.Value.GetDateTimeOffset("due") ?? default, row.Value.ETag)
            : new Mark(null, default, default);
    }

    /// <summary>Moves the mark; false where another runner moved it first.</summary>
    /// <remarks>One storage operation; one more on a conflict.</remarks>
    public async Task<bool> TryMoveAsync(string job, Mark from, string? cursor, DateTimeOffset dueAt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(from);
        var operation = OperationId.New();
        var row = new TableEntity(job, "cursor") { [OperationColumn] = operation, ["due"] = dueAt };
        if (cursor is not null)
        {
            row["cursor"] = cursor;
        }

        try
        {
            await (from.ETag == default
                ? tables.Jobs.AddEntityAsync(row, cancellationToken)
                : tables.Jobs.UpdateEntityAsync(row, from.ETag, TableUpdateMode.Replace, cancellationToken));
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            // Our own write may have landed and its answer got lost: who takes that for another runner's leaves the hour's work undone.
            var moved = await tables.Jobs.GetEntityIfExistsAsync<TableEntity>(job, "cursor", cancellationToken: cancellationToken);
            return moved.HasValue && moved.Value!.GetString(OperationColumn) == operation;
        }
    }
}
