using System.Globalization;
using System.Text.RegularExpressions;
using Alter.Bench.Running;
using Alter.Storage;
using Azure.Data.Tables;
using Azure.Storage.Queues;

namespace Alter.Bench.Refresh;

/// <summary>How much is run.</summary>
/// <param name="Grants">Grants that are due at once.</param>
/// <param name="Workers">Worker processes.</param>
public sealed record DrainSetup(int Grants, int Workers)
{
    /// <summary>False: the timer is fired at once instead of waiting for its own tick.</summary>
    public bool WaitsForTick { get; init; } = true;
}

/// <summary>Many grants are due at once: the minute's timer queues them and the workers refresh them.</summary>
/// <remarks>
/// Goals: every grant refreshed, its token presented once, nothing left in the index and nothing set aside as poison. The local host has one listener for all workers,
/// with at most 24 messages in work; on Azure every instance has its own.
/// </remarks>
public static partial class Drain
{
    private const string Kind = "strict";

    /// <summary>Seeds, waits for the tick, and looks until nothing is due any more.</summary>
    public static async Task<Report> RunAsync(DrainSetup setup, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(setup);
        var grants = Array.Empty<BenchGrant>();
        var start = new BenchSetup { Workers = setup.Workers, BeforeHost = async vault => grants = await SeedAsync(vault, setup.Grants, cancellationToken) };
        await using var vault = await BenchVault.StartAsync(start, cancellationToken);
        var server = vault.Servers[Kind];
        var tick = await TickAsync(vault, setup, cancellationToken);
        var (first, drained) = await UntilDrainedAsync(vault, server, setup, tick, cancellationToken);
        return await SumUpAsync(vault, setup, grants, first, drained, cancellationToken);
    }

    private static async Task<BenchGrant[]> SeedAsync(BenchVault vault, int count, CancellationToken cancellationToken)
    {
        // The first run of the day walks all rows: another question than this program's.
        await vault.Inside.Purge.RunAsync(cancellationToken);
        await vault.Inside.Sweep.RunAsync(cancellationToken);
        var (grants, made) = (new BenchGrant[count], 0);
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken }, async (n, _) =>
        {
            grants[n] = await vault.GrantAsync(Kind, isStale: true, dueIn: TimeSpan.FromMinutes(-1));
            if (Interlocked.Increment(ref made) % 1000 is 0)
            {
                Progress.Say($"drain: {made} of {count} grants stored");
            }
        });
        return grants;
    }

    // The instant the timer ran.
    private static async Task<long> TickAsync(BenchVault vault, DrainSetup setup, CancellationToken cancellationToken)
    {
        if (!setup.WaitsForTick)
        {
            var fired = TimeProvider.System.GetTimestamp();
            await vault.Host.FireTimerAsync("RunPeriodicWork", cancellationToken);
            return fired;
        }

        var now = TimeProvider.System.GetUtcNow();
        await Task.Delay(TimeSpan.FromTicks(TimeSpan.TicksPerMinute - (now.Ticks % TimeSpan.TicksPerMinute)), TimeProvider.System, cancellationToken);
        return TimeProvider.System.GetTimestamp();
    }

    // Null: not within its time.
    private static async Task<(TimeSpan First, TimeSpan? Drained)> UntilDrainedAsync(
        BenchVault vault, FakeTokenServer server, DrainSetup setup, long tick, CancellationToken cancellationToken)
    {
        var patience = TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(setup.Grants / 5.0);
        var (first, said) = (TimeSpan.Zero, 0);
        while (TimeProvider.System.GetElapsedTime(tick) is var elapsed && elapsed < patience)
        {
            first = first == TimeSpan.Zero && server.Requests > 0 ? elapsed : first;
            if (server.Requests >= setup.Grants && await DueAsync(vault, cancellationToken) is 0)
            {
                return (first, elapsed);
            }

            if ((int)elapsed.TotalSeconds / 10 > said)
            {
                said = (int)elapsed.TotalSeconds / 10;
                Progress.Say($"drain: {server.Requests} of {setup.Grants} redeemed after {elapsed.TotalSeconds:0} s");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
        }

        return (first, null);
    }

    private static async Task<int> DueAsync(BenchVault vault, CancellationToken cancellationToken)
    {
        var due = TableClient.CreateQueryFilter($"RowKey lt {RowKeys.Ticks(TimeProvider.System.GetUtcNow())}");
        return await Patiently.AskAsync(async () => await vault.Inside.Tables.Due.QueryAsync<TableEntity>(due, select: ["RowKey"], cancellationToken: cancellationToken).CountAsync(cancellationToken));
    }

    private static async Task<Report> SumUpAsync(
        BenchVault vault, DrainSetup setup, BenchGrant[] grants, TimeSpan first, TimeSpan? drained, CancellationToken cancellationToken)
    {
        var (left, unrefreshed) = (await DueAsync(vault, cancellationToken), 0);
        await Parallel.ForEachAsync(grants, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken }, async (grant, _) =>
        {
            if ((await Patiently.AskAsync(() => vault.Inside.ReadAsync(grant.Row))).Generation != grant.Row.Generation + 1)
            {
                Interlocked.Increment(ref unrefreshed);
            }
        });
        var presented = grants.Select(grant => grant.Family.Presented.Count).ToArray();
        var poisoned = await PoisonedAsync(vault, cancellationToken);
        var byWorker = vault.Log.Select(line => RefreshedBy().Match(line)).Where(match => match.Success).CountBy(match => match.Groups[1].Value).Select(worker => worker.Value).ToArray();
        var seconds = (drained ?? TimeSpan.FromMinutes(5)).TotalSeconds;
        var row = new Dictionary<string, object>
        {
            ["due at once"] = setup.Grants,
            ["workers"] = setup.Workers,
            ["first redeemed after (s)"] = Math.Round(first.TotalSeconds, 1),
            ["drained after (s)"] = drained is null ? "not" : Math.Round(seconds, 1),
            ["refreshes per second"] = Math.Round(setup.Grants / seconds, 1),
            ["of the slowest worker"] = Math.Round(byWorker.Length < setup.Workers ? 0 : byWorker.Min() / seconds, 1),
            ["of the fastest"] = Math.Round(byWorker.DefaultIfEmpty().Max() / seconds, 1),
            ["redemptions per grant"] = Math.Round(presented.Average(), 4),
            ["most of one grant"] = presented.Max(),
            ["due rows left"] = left,
            ["poisoned messages"] = poisoned,
        };
        var misses = new List<string>();
        if (drained is null || unrefreshed + left + poisoned > 0 || presented.Any(count => count is not 1))
        {
            misses.Add($"{unrefreshed} grants were not refreshed once, {presented.Count(count => count is not 1)} presented their token another number of times than once, {left} due rows were left, {poisoned} messages were set aside. {string.Join(" / ", vault.Faults.Take(3))}");
        }

        return new Report("drain", new Dictionary<string, object> { ["grants"] = setup.Grants, ["workers"] = setup.Workers }, [row], misses);
    }

    private static async Task<int> PoisonedAsync(BenchVault vault, CancellationToken cancellationToken)
    {
        var poison = new QueueClient(vault.Azurite.ConnectionString, $"{AlterQueues.Refresh}-poison");
        return await poison.ExistsAsync(cancellationToken) ? (await poison.GetPropertiesAsync(cancellationToken)).Value.ApproximateMessagesCount : 0;
    }

    [GeneratedRegex(@" worker (\d+) .* was refreshed;")]
    private static partial Regex RefreshedBy();
}
