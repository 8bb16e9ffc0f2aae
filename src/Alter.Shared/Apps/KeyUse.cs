using System.Collections.Concurrent;
using Alter.Storage;
using Alter.Storage.Wire;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;

namespace Alter.Apps;

/// <summary>When app keys were last used: rows <c>jobs</c>/<c>key-use|{app}</c>/{key id}.</summary>
public sealed class KeyUseStore(AlterTables tables)
{
    private const string UsedAtColumn = "used_at";

    /// <summary>Notes a use.</summary>
    /// <remarks>One storage operation.</remarks>
    internal Task NoteAsync(string app, string key, DateTimeOffset at) =>
        tables.WriteAsync(tables.Jobs, [new(new TableRow(PartitionOf(app), key, 1) { [UsedAtColumn] = at }, Replaces: true)]);

    /// <summary>The last noted use of each of an app's keys, by key id; keys that were never used, or left the document, may be missing or more.</summary>
    /// <remarks>One storage operation. Nothing is made: an operator may look at storage no vault ever used.</remarks>
    public async Task<IReadOnlyDictionary<string, DateTimeOffset>> ListAsync(string app, CancellationToken cancellationToken)
    {
        var uses = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {PartitionOf(app)}");
        await foreach (var row in tables.Jobs.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken))
        {
            if (row.TryGetValue(UsedAtColumn, out var value) && value is DateTimeOffset at)
            {
                uses[row.RowKey] = at;
            }
        }

        return uses;
    }

    private static string PartitionOf(string app) => $"key-use|{app}";
}

/// <summary>Notes when app keys are used: off the path, at most every five minutes per key and process.</summary>
public sealed class KeyUse(KeyUseStore store, TimeProvider time, ILogger<KeyUse> logger)
{
    /// <summary>How exact the noted times are.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    // Keys of the document alone: their number is bounded.
    private readonly ConcurrentDictionary<(string App, string Key), DateTimeOffset> noted = new();

    /// <summary>Notes a use; the caller does not wait for it.</summary>
    public void Note(AppConfiguration app, AppKey key)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(key);
        KeyUseMetrics.Count(app.Id, key.Id);
        var (which, now) = ((app.Id, key.Id), time.GetUtcNow());
        if (noted.TryGetValue(which, out var last) && now - last < Interval)
        {
            return;
        }

        noted[which] = now;
        _ = WriteAsync(app.Id, key.Id, now);
    }

    private async Task WriteAsync(string app, string key, DateTimeOffset at)
    {
        try
        {
            await store.NoteAsync(app, key, at);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            Log.KeyUseNotWritten(logger, app, key, e);
        }
    }
}
