using System.Globalization;
using Alter.Storage;
using Azure;
using Azure.Data.Tables;

namespace Alter.Grants;

/// <summary>What one run over the due index found.</summary>
/// <param name="Sent">Messages it sent.</param>
/// <param name="Due">Rows whose time has come, those that were queued before and not looked at yet included.</param>
/// <param name="Oldest">Since when the first of them is due; null: none is.</param>
public sealed record DueDispatch(int Sent, int Due, DateTimeOffset? Oldest);

/// <summary>What has to be looked at, and when: table <c>due</c>, 16 shards by grant id, ordered by time within each.</summary>
/// <remarks>
/// An index, not a truth: a row is written before the grant points to it and deleted after the grant points elsewhere. A row the grant
/// does not point to is stale and goes when its time comes; a missing one is added again by the daily sweep.
/// </remarks>
public sealed class DueIndex(AlterTables tables, TimeProvider time)
{
    private const int Shards = 16;

    /// <summary>Adds a row; an existing one of the same instant stays.</summary>
    /// <remarks>One storage operation.</remarks>
    public async Task AddAsync(Grant grant, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        await tables.EnsureAsync(cancellationToken);
        await tables.Due.UpsertEntityAsync(
            new TableEntity(ShardOf(grant.Id), RowKey(at, grant.Id)) { ["gpk"] = grant.Key.Partition, ["grk"] = grant.Key.Row },
            TableUpdateMode.Replace,
            cancellationToken);
    }

    /// <summary>Deletes a row; a missing one is fine.</summary>
    /// <remarks>One storage operation.</remarks>
    public Task DeleteAsync(Guid grantId, DateTimeOffset at, CancellationToken cancellationToken) =>
        tables.Due.DeleteEntityAsync(ShardOf(grantId), RowKey(at, grantId), ETag.All, cancellationToken);

    /// <summary>Whether a row is there.</summary>
    /// <remarks>One storage operation.</remarks>
    public async Task<bool> ContainsAsync(Guid grantId, DateTimeOffset at, CancellationToken cancellationToken) =>
        (await tables.Due.GetEntityIfExistsAsync<TableEntity>(ShardOf(grantId), RowKey(at, grantId), select: ["RowKey"], cancellationToken: cancellationToken)).HasValue;

    /// <summary>Sends one message per due row and hides the row for a while, so that the next run does not send it again.</summary>
    /// <remarks>16 range queries, a message per due row, a transaction per 100 of a shard: independent of how many grants are stored.</remarks>
    public async Task<DueDispatch> DispatchAsync(Func<GrantMessage, CancellationToken, Task> send, TimeSpan hideFor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(send);
        await tables.EnsureAsync(cancellationToken);
        var shards = await Task.WhenAll(Enumerable.Range(0, Shards).Select(shard => DispatchShardAsync(
            shard.ToString("D2", CultureInfo.InvariantCulture),
            send,
            hideFor,
            cancellationToken)));
        return new DueDispatch(shards.Sum(shard => shard.Sent), shards.Sum(shard => shard.Due), shards.Min(shard => shard.Oldest));
    }

    private async Task<DueDispatch> DispatchShardAsync(string shard, Func<GrantMessage, CancellationToken, Task> send, TimeSpan hideFor, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {shard} and RowKey lt {RowKeys.Ticks(now)}");
        var (sent, found) = (0, 0);
        DateTimeOffset? oldest = null;
        await foreach (var page in tables.Due.QueryAsync<TableEntity>(filter, maxPerPage: 1000, cancellationToken: cancellationToken).AsPages())
        {
            found += page.Values.Count;
            oldest ??= page.Values.Select(Read).FirstOrDefault(message => message is not null) is { } first ? new DateTimeOffset(first.Due, TimeSpan.Zero) : (DateTimeOffset?)null; // In order of time.
            foreach (var batch in page.Values.Where(row => !(row.GetDateTimeOffset("queued_until") > now)).Chunk(100))
            {
                var messages = batch.Select(Read).OfType<GrantMessage>().ToArray();
                await Parallel.ForEachAsync(
                    messages,
                    new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
                    async (message, token) => await send(message, token));
                sent += messages.Length;

                // Crash before this: the messages are sent again, and the grant's row makes that harmless.
                await HideAsync(batch, now + hideFor, cancellationToken);
            }
        }

        return new DueDispatch(sent, found, oldest);
    }

    private async Task HideAsync(TableEntity[] rows, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var actions = rows.Select(row => new TableTransactionAction(
            TableTransactionActionType.UpdateMerge,
            new TableEntity(row.PartitionKey, row.RowKey) { ["queued_until"] = until },
            ETag.All));
        try
        {
            await tables.Due.SubmitTransactionAsync(actions, cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status is 404)
        {
            // A worker already finished with one of them and deleted its row; what stays unhidden is at most sent twice.
        }
    }

    private static GrantMessage? Read(TableEntity row)
    {
        var parts = row.RowKey.Split('|');
        return parts is [var ticks, var id]
            && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var due)
            && Guid.TryParseExact(id, "D", out var grantId)
                ? new GrantMessage(GrantMessage.Version, "due", row.GetString("gpk") ?? "", row.GetString("grk") ?? "", grantId, due)
                : null;
    }

    private static string ShardOf(Guid id) =>
        // The last digits are random; the first ones are the owner's and would put one user's grants into one shard.
        (Convert.ToInt32(id.ToString("N")[^1..], 16) % Shards).ToString("D2", CultureInfo.InvariantCulture);

    private static string RowKey(DateTimeOffset at, Guid id) => $"{RowKeys.Ticks(at)}|{id:D}";
}
