using Alter.Bench.Running;

namespace Alter.Bench.Refresh;

/// <summary>How much is run.</summary>
/// <param name="Calls">Concurrent calls per expiry.</param>
/// <param name="Workers">Worker processes.</param>
/// <param name="Rounds">Expiries per provider.</param>
/// <param name="SlowProvider">How long the slow provider takes to answer.</param>
public sealed record RefreshRaceSetup(int Calls, int Workers, int Rounds, TimeSpan SlowProvider)
{
    /// <summary>Within which the calls of one expiry are begun. Callers are no salvo; what is begun in the same instant queues at the emulator before it meets anything of the vault.</summary>
    public TimeSpan ArriveWithin { get; init; }

    /// <summary>True: storage is reached through a relay that notes its slowest answer; the relay takes its share of the machine.</summary>
    public bool WatchesStorage { get; init; }
}

/// <summary>Many concurrent calls over several workers meet an expired access token, at a provider that ends the family when a refresh token is used twice.</summary>
/// <remarks>
/// Goal: one redemption per expiry and no failed call. Ratios compare with as many concurrent calls whose token is fresh, which arrive in the same way; where those fail as well, it is the
/// machine, the emulator or the storage client's patience (three times two seconds), and the column beside says how slow storage was on the wire.
/// </remarks>
public static class RefreshRace
{
    /// <summary>Runs all rounds against a provider that answers at once, then against a slow one.</summary>
    public static async Task<Report> RunAsync(RefreshRaceSetup setup, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(setup);
        await using var vault = await BenchVault.StartAsync(new BenchSetup { Workers = setup.Workers, DisturbsStorage = setup.WatchesStorage }, cancellationToken);
        await CallAllAsync(vault, await vault.GrantAsync("strict", isStale: false), setup, cancellationToken); // First use: JIT, keys, tables.
        var rows = new List<IReadOnlyDictionary<string, object>>();
        var misses = new List<string>();
        foreach (var delay in new[] { TimeSpan.Zero, setup.SlowProvider })
        {
            vault.Servers["strict"].BeforeAnswer = () => delay;
            rows.Add(await RunRoundsAsync(vault, setup, delay, misses, cancellationToken));
        }

        var sizes = new Dictionary<string, object> { ["calls"] = setup.Calls, ["workers"] = setup.Workers, ["rounds"] = setup.Rounds, ["arrive_within_ms"] = (int)setup.ArriveWithin.TotalMilliseconds };
        return new Report("refresh-race", sizes, rows, misses);
    }

    private static async Task<Dictionary<string, object>> RunRoundsAsync(
        BenchVault vault, RefreshRaceSetup setup, TimeSpan delay, List<string> misses, CancellationToken cancellationToken)
    {
        var (warm, raced, most, failures) = (new List<TimeSpan>(), new List<TimeSpan>(), 0, new List<string>());
        var (redemptions, warmFailures) = (0, 0);
        for (var round = 0; round < setup.Rounds; round++)
        {
            var usual = await CallAllAsync(vault, await vault.GrantAsync("strict", isStale: false), setup, cancellationToken);
            warm.AddRange(usual.Select(call => call.Took));
            warmFailures += usual.Count(call => call.Status is not 200);
            var grant = await vault.GrantAsync("strict", isStale: true);
            var calls = await CallAllAsync(vault, grant, setup, cancellationToken);
            raced.AddRange(calls.Select(call => call.Took));
            failures.AddRange(calls.Where(call => call.Status is not 200).Select(call => $"{call.Label} after {call.Took.TotalSeconds:0} s"));
            var once = grant.Family.Presented.Count;
            (redemptions, most) = (redemptions + once, Math.Max(most, once));
            Progress.Say($"refresh-race, provider answering in {delay.TotalSeconds:0} s: expiry {round + 1} of {setup.Rounds}, {calls.Count(call => call.Status is not 200)} of {setup.Calls} calls and {usual.Count(call => call.Status is not 200)} warm ones failed");
            if (once is not 1 || grant.Family.IsRevoked)
            {
                misses.Add($"Round {round + 1}, provider answering in {delay.TotalSeconds} s: the refresh token was presented {once} times.");
            }
        }

        if (failures.Count > 0)
        {
            misses.Add($"Provider answering in {delay.TotalSeconds} s: {failures.Count} calls failed, and {warmFailures} of as many with a fresh token: {string.Join(", ", failures.CountBy(label => label).Select(count => $"{count.Value} × {count.Key}"))}. The vault's log: {string.Join(" / ", vault.Faults.Take(3))}");
        }

        var (fresh, expired) = (new Percentiles(warm), new Percentiles(raced));
        return new Dictionary<string, object>
        {
            ["provider answers in (s)"] = delay.TotalSeconds,
            ["expiries"] = setup.Rounds,
            ["redemptions per expiry"] = (double)redemptions / setup.Rounds,
            ["most in one"] = most,
            ["failed calls"] = failures.Count,
            ["failed warm calls"] = warmFailures,
            ["slowest storage answer (s)"] = vault.Relay is { } relay ? Math.Round(relay.Slowest.TotalSeconds, 1) : "not watched",
            ["warm p50 (ms)"] = (int)fresh[50].TotalMilliseconds,
            ["p50 ÷ warm"] = expired.Over(fresh, 50),
            ["p95 ÷ warm"] = expired.Over(fresh, 95),
            ["p99 ÷ warm"] = expired.Over(fresh, 99),
            ["p99 without the provider ÷ warm"] = expired.Over(fresh, 99, delay),
        };
    }

    private static Task<CallResult[]> CallAllAsync(BenchVault vault, BenchGrant grant, RefreshRaceSetup setup, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, setup.Calls).Select(async n =>
        {
            await Task.Delay(setup.ArriveWithin * n / setup.Calls, TimeProvider.System, cancellationToken);
            return await vault.Caller.CallAsync(grant, cancellationToken);
        }));
}
