using System.Globalization;
using Alter.Bench.Running;
using Alter.Grants;
using Alter.Storage;
using Alter.Testing;
using Azure.Data.Tables;

namespace Alter.Bench.Refresh;

/// <summary>What the minute's look for due grants costs, by how many grants wait for a later time.</summary>
/// <remarks>
/// It reads table <c>due</c> alone, which has one row per stored grant; that row is all that is seeded. Goals: as many operations, and no more time, however many are stored. Azurite looks at
/// every row of a table for any range and at many for any key, which table storage does not. So time is held against a control beside it: as many queries over ranges
/// where nothing lies, and as many transactions on rows known by key.
/// </remarks>
public static class TimerCost
{
    private const int Shards = 16;
    private const int Looks = 5;

    // Of medians of five: what grew with the stored grants beyond the control would grow a hundredfold.
    private const double FlatUpTo = 2;

    /// <summary>Dispatches five times per size.</summary>
    /// <param name="sizes">Stored grants, rising.</param>
    /// <param name="due">How many of them are due.</param>
    /// <param name="judgesTime">False: time is reported and misses nothing.</param>
    /// <param name="cancellationToken">Ends the seeding.</param>
    public static async Task<Report> RunAsync(IReadOnlyList<int> sizes, int due, bool judgesTime, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        await using var azurite = await Azurite.StartAsync();
        using var vault = new Vault(new VaultSetup(azurite.ConnectionString, A.App(A.AppId())));
        var rows = new List<IReadOnlyDictionary<string, object>>();
        var misses = new List<string>();
        var (stored, ratios) = (0, new List<double>());
        await LookAsync(vault, due, cancellationToken); // First use: tables, JIT.
        foreach (var size in sizes)
        {
            var started = TimeProvider.System.GetTimestamp();
            await SeedAsync(vault, size - due - stored, () => TimeSpan.FromDays(1 + (29 * Random.Shared.NextDouble())), cancellationToken);
            stored = Math.Max(stored, size - due);
            Progress.Say($"timer-cost: {size} stored after {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0} s");
            var looks = new List<Look>();
            for (var n = 0; n < Looks; n++)
            {
                looks.Add(await LookAsync(vault, due, cancellationToken));
            }

            var took = new Percentiles(looks.Select(look => look.Took));
            var control = new Percentiles(looks.Select(look => look.Control));
            ratios.Add(took.Over(control, 50));
            rows.Add(new Dictionary<string, object>
            {
                ["stored grants"] = size,
                ["due"] = due,
                ["messages"] = looks.Max(look => look.Messages),
                ["table operations, most of five"] = looks.Max(look => look.Operations),
                ["ms without sending, median of five"] = (int)took[50].TotalMilliseconds,
                ["control, median of five"] = (int)control[50].TotalMilliseconds,
                ["look ÷ control"] = ratios[^1],
            });
            var most = Shards * (1 + (int)Math.Ceiling(due / 100.0));
            if (looks.Find(look => look.Messages != due || look.Operations > most) is { } wrong)
            {
                misses.Add($"{size} stored: {wrong.Messages} messages for {due} due grants, {wrong.Operations} table operations instead of at most {most}.");
            }
        }

        if (judgesTime && ratios[^1] > ratios[0] * FlatUpTo)
        {
            misses.Add($"The look took {ratios[^1]} times the control with {sizes[^1]} stored grants, {ratios[0]} times with {sizes[0]}: more than {FlatUpTo} times as much.");
        }

        return new Report("timer-cost", new Dictionary<string, object> { ["due"] = due, ["stored"] = sizes }, rows, misses);
    }

    private static async Task<Look> LookAsync(Vault vault, int due, CancellationToken cancellationToken)
    {
        var rows = await SeedAsync(vault, due, () => TimeSpan.FromMinutes(-1), cancellationToken);
        var control = await ControlAsync(vault, rows, cancellationToken);
        var (before, started, sent) = (vault.Network.Requests, TimeProvider.System.GetTimestamp(), 0);
        await vault.Due.DispatchAsync(
            (_, _) =>
            {
                Interlocked.Increment(ref sent);
                return Task.CompletedTask;
            },
            TimeSpan.FromMinutes(5),
            cancellationToken);
        var look = new Look(sent, vault.Network.Requests - before, TimeProvider.System.GetElapsedTime(started), control);
        await SubmitAsync(vault, rows, TableTransactionActionType.Delete, cancellationToken);
        return look;
    }

    // Shard by shard side by side, as the look goes; the range holds nothing, and the rows are known.
    private static async Task<TimeSpan> ControlAsync(Vault vault, TableEntity[] rows, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Shards).Select(async number =>
        {
            var nothing = TableClient.CreateQueryFilter($"PartitionKey eq {Shard(number)} and RowKey lt {"0"}");
            await vault.Tables.Due.QueryAsync<TableEntity>(nothing, cancellationToken: cancellationToken).CountAsync(cancellationToken);
            await SubmitAsync(vault, rows.Where(row => row.PartitionKey == Shard(number)), TableTransactionActionType.UpdateMerge, cancellationToken);
        }));
        return TimeProvider.System.GetElapsedTime(started);
    }

    private static string Shard(int number) => number.ToString("D2", CultureInfo.InvariantCulture);

    private static async Task<TableEntity[]> SeedAsync(Vault vault, int count, Func<TimeSpan> from, CancellationToken cancellationToken)
    {
        await vault.Tables.EnsureAsync(cancellationToken);
        var now = TimeProvider.System.GetUtcNow();
        var owner = new GrantOwner("shop", new string('a', 64));
        var rows = Enumerable.Range(0, Math.Max(0, count)).Select(_ => Row(owner, GrantId.New(owner), now + from())).ToArray();
        await SubmitAsync(vault, rows, TableTransactionActionType.UpsertReplace, cancellationToken);
        return rows;
    }

    // As DueIndex writes it; should it ever write otherwise, no message would be sent for these.
    private static TableEntity Row(GrantOwner owner, Guid id, DateTimeOffset at) =>
        new(Shard(Convert.ToInt32(id.ToString("N")[^1..], 16)), $"{RowKeys.Ticks(at)}|{id:D}") { ["gpk"] = owner.Partition, ["grk"] = "erp|account" };

    private static Task SubmitAsync(Vault vault, IEnumerable<TableEntity> rows, TableTransactionActionType action, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        rows.GroupBy(row => row.PartitionKey).SelectMany(shard => shard.Chunk(100)),
        new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken },
        async (batch, token) => await Patiently.AskAsync(() => vault.Tables.Due.SubmitTransactionAsync(batch.Select(row => new TableTransactionAction(action, row, Azure.ETag.All)), token)));

    private sealed record Look(int Messages, int Operations, TimeSpan Took, TimeSpan Control);
}
