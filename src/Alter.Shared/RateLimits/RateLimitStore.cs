using Alter.Storage;
using Azure;
using Azure.Data.Tables;

namespace Alter.RateLimits;

/// <summary>How many calls of a window are given out: table <c>limits</c>, one row for each key and window.</summary>
/// <param name="tables">The vault's.</param>
/// <param name="time">The clock, for what is past.</param>
public sealed class RateLimitStore(AlterTables tables, TimeProvider time)
{
    // Each loss means that another process won: with so many losses in a row something else is wrong.
    private const int MostTries = 100;
    private const string GrantedColumn = "granted";
    private const string OperationColumn = "op";

    private static readonly TimeSpan Kept = TimeSpan.FromHours(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    /// <summary>A window's row as last seen.</summary>
    /// <param name="Granted">Calls given out.</param>
    /// <param name="ETag">What a write is conditional on; null: there is no row.</param>
    internal sealed record Row(int Granted, ETag? ETag);

    /// <summary>Takes calls out of what a window has left.</summary>
    /// <param name="key">What is counted together.</param>
    /// <param name="window">The window's beginning.</param>
    /// <param name="wanted">How many; fewer are taken where fewer are left.</param>
    /// <param name="seen">The row as this process last saw it; null: never.</param>
    /// <returns>How many were taken, and the row as it is then.</returns>
    /// <remarks>One storage operation; two more for each other process that was faster.</remarks>
    internal async Task<(int Taken, Row Row)> TakeAsync(RateKey key, DateTimeOffset window, int wanted, Row? seen)
    {
        await tables.EnsureAsync(CancellationToken.None);
        var operation = OperationId.New();
        var row = seen ?? new Row(0, null);
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            var taken = Math.Min(wanted, key.Policy.Limit - row.Granted);
            if (taken <= 0)
            {
                return (0, row);
            }

            var entity = new TableEntity(key.Partition(window), RowKeys.Ticks(window)) { [GrantedColumn] = row.Granted + taken, [OperationColumn] = operation };
            try
            {
                var answer = row.ETag is { } etag
                    ? await tables.Limits.UpdateEntityAsync(entity, etag, TableUpdateMode.Replace, CancellationToken.None)
                    : await tables.Limits.AddEntityAsync(entity, CancellationToken.None);
                return (taken, new Row(row.Granted + taken, answer.Headers.ETag));
            }
            catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
            {
                // Who lost twice steps aside for a moment, each for another, lest the same be slower again and again; and reads after that, lest what it read be old.
                if (attempt > 0)
                {
                    await Task.Delay(LongestPause * (Random.Shared.NextDouble() * attempt / MostTries), TimeProvider.System, CancellationToken.None);
                }

                var (found, isOurs) = await ReadAsync(key, window, operation, CancellationToken.None);
                if (isOurs)
                {
                    return (taken, found); // It landed, and its answer got lost.
                }

                row = found;
            }
        }

        throw new TimeoutException("A rate limit could not be counted: other processes were always faster.");
    }

    /// <summary>The row of a window; a window nobody called in has none.</summary>
    /// <remarks>One storage operation.</remarks>
    internal async Task<Row> FindAsync(RateKey key, DateTimeOffset window, CancellationToken cancellationToken)
    {
        await tables.EnsureAsync(cancellationToken);
        return (await ReadAsync(key, window, "", cancellationToken)).Row;
    }

    /// <summary>Deletes windows that ended two hours ago; with the daily sweep.</summary>
    public async Task<int> PurgeAsync(CancellationToken cancellationToken)
    {
        await tables.EnsureAsync(cancellationToken);
        return await HourPartitions.PurgeAsync(tables.Limits, time.GetUtcNow() - Kept, cancellationToken);
    }

    private async Task<(Row Row, bool IsOurs)> ReadAsync(RateKey key, DateTimeOffset window, string operation, CancellationToken cancellationToken)
    {
        var found = await tables.Limits.GetEntityIfExistsAsync<TableEntity>(key.Partition(window), RowKeys.Ticks(window), cancellationToken: cancellationToken);
        if (!found.HasValue)
        {
            return (new Row(0, null), false);
        }

        // What cannot be read as a count is one that is used up: a row nobody of us wrote must not open the limit.
        var granted = found.Value!.TryGetValue(GrantedColumn, out var value) && value is int and >= 0 ? (int)value : key.Policy.Limit;
        return (new Row(granted, found.Value.ETag), found.Value.TryGetValue(OperationColumn, out var op) && op is string text && text == operation);
    }
}
