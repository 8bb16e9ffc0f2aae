using System.Collections.Concurrent;
using Alter.Bench.Running;

namespace Alter.Bench.Soak;

/// <summary>How much is run.</summary>
/// <param name="Duration">How long calls are made.</param>
/// <param name="Workers">Worker processes; the first is spared from kills, for its memory is watched.</param>
/// <param name="CallsPerSecond">The bound of the rate.</param>
/// <param name="Users">Each has two accounts at provider <c>strict</c>, one at <c>grace</c> and one at <c>none</c>.</param>
public sealed record SoakSetup(TimeSpan Duration, int Workers, int CallsPerSecond, int Users)
{
    /// <summary>Life of access tokens: short, so that many are refreshed.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The quiet between two bursts of one kind, on average.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>A burst, on average.</summary>
    public TimeSpan Burst { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two kills, on average.</summary>
    public TimeSpan BetweenKills { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Null: the vault's own lease of 45 seconds.</summary>
    public int? LeaseSeconds { get; init; }
}

/// <summary>A long time at a bounded rate while everything around the vault fails in turn.</summary>
/// <remarks>
/// Storage answers 503 in bursts (to a third of the requests, half of them done all the same), providers take 2 to 6 seconds in bursts, Key Vault is down in bursts, and random
/// workers are killed. Goals: no answer for another's account; no grant lost, but for <c>refresh_interrupted</c> where a provider takes a spent token for a stolen
/// one; no answer that neither trouble explains; from ten minutes on, a worker that needs no more memory at the end than after a quarter.
/// </remarks>
public static class Soak
{
    private const double FlatUpTo = 1.3;
    private static readonly TimeSpan LongEnoughForMemory = TimeSpan.FromMinutes(10);
    private static readonly string[] PerUser = ["strict", "strict", "grace", "none"];
    private static readonly string[] OfTheTrouble = ["vault_unavailable", "audit_unavailable", "provider_timeout", "provider_unreachable", "token_refresh_in_progress"];

    /// <summary>Runs it.</summary>
    public static async Task<Report> RunAsync(SoakSetup setup, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(setup);
        var start = new BenchSetup
        {
            Workers = setup.Workers,
            LeaseSeconds = setup.LeaseSeconds,
            Grace = TimeSpan.FromSeconds((setup.LeaseSeconds ?? 45) * 3), // Two attempts that are cut off still leave a third.
            DisturbsStorage = true,
            HasKeyVault = OperatingSystem.IsLinux(),
        };
        await using var vault = await BenchVault.StartAsync(start, cancellationToken);
        foreach (var server in vault.Servers.Values)
        {
            server.AccessTokenLifetime = setup.TokenLifetime;
        }

        var accounts = new SoakAccounts(vault);
        foreach (var (user, provider) in from user in Enumerable.Range(0, setup.Users) from provider in PerUser select (user, provider))
        {
            await accounts.AddAsync($"user-{user}", provider);
        }

        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(setup.Duration);
        var (faults, memory) = (new SoakFaults(vault, setup), new WorkerMemory(vault.Host.Workers[0]));
        var outcomes = new ConcurrentBag<SoakOutcome>();
        var around = new[] { faults.RunAsync(time.Token), memory.WatchAsync(time.Token) };
        var heldBack = await CallAsync(accounts, faults, setup, outcomes, time.Token, cancellationToken);
        await Task.WhenAll(around);
        var lost = await accounts.EndAsync(TimeSpan.FromSeconds((setup.LeaseSeconds ?? 45) + 60), cancellationToken);
        return SumUp(vault, setup, faults, memory, outcomes, heldBack, lost);
    }

    // Open loop: the next call does not wait for the last, so that trouble does not slow down who asks.
    private static async Task<int> CallAsync(
        SoakAccounts accounts, SoakFaults faults, SoakSetup setup, ConcurrentBag<SoakOutcome> outcomes, CancellationToken time, CancellationToken cancellationToken)
    {
        using var beat = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / setup.CallsPerSecond), TimeProvider.System);
        var (underWay, heldBack, started, said) = (new ConcurrentDictionary<Task, byte>(), 0, TimeProvider.System.GetTimestamp(), 0);
        while (!time.IsCancellationRequested)
        {
            await beat.WaitForNextTickAsync(cancellationToken);
            if (underWay.Count >= setup.CallsPerSecond * 15)
            {
                heldBack++;
                continue;
            }

            var call = OneAsync();
            underWay[call] = 0;
            _ = call.ContinueWith(done => underWay.TryRemove(done, out var _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            if (TimeProvider.System.GetElapsedTime(started).TotalSeconds / 30 > said + 1)
            {
                said++;
                Progress.Say($"soak: {said * 30} s, {outcomes.Count} calls, {outcomes.Count(outcome => outcome.Label is "200")} of them 200; {faults}");
            }
        }

        await Task.WhenAll(underWay.Keys);
        return heldBack;

        async Task OneAsync()
        {
            var (grant, isTroubled) = (accounts.Random(), faults.IsOn);
            var call = await accounts.CallAsync(grant, cancellationToken);
            outcomes.Add(new SoakOutcome(
                call.Label,
                call.Took,
                isTroubled || faults.IsOn,
                IsWrong: call.Status is 200 && call.Account != grant.Family.Account,
                IsExplained: call.Status is 200
                    || OfTheTrouble.Contains(call.Code)
                    || (call.Code.Length is 0 && call.Status is 0 or >= 500)
                    || (call is { Status: 403, Cause: "refresh_interrupted" } or { Status: 401 } && grant.Family.IsRevoked)));
        }
    }

    private static Report SumUp(
        BenchVault vault, SoakSetup setup, SoakFaults faults, WorkerMemory memory, ConcurrentBag<SoakOutcome> outcomes, int heldBack, SoakLosses lost)
    {
        var good = new Percentiles(outcomes.Where(outcome => outcome.Label is "200").Select(outcome => outcome.Took));
        var rows = outcomes.GroupBy(outcome => outcome.Label).OrderByDescending(same => same.Count()).Select(same => new Dictionary<string, object>
        {
            ["answer"] = same.Key,
            ["calls"] = same.Count(),
            ["share (%)"] = Math.Round(100.0 * same.Count() / outcomes.Count, 2),
            ["of these while something was down (%)"] = Math.Round(100.0 * same.Count(outcome => outcome.WasTroubled) / same.Count(), 1),
        }).ToArray();
        var (wrong, unexplained) = (outcomes.Count(outcome => outcome.IsWrong), outcomes.Where(outcome => !outcome.IsExplained).ToArray());
        var misses = new List<string>();
        Require(wrong is 0, $"{wrong} answers were another account's.");
        Require(lost.Otherwise.Count is 0, $"{lost.Otherwise.Count} grants were lost or stuck. One of them: {(lost.Otherwise is [var first, ..] ? first : "")}");
        Require(unexplained.Length is 0, $"{unexplained.Length} answers are explained by no trouble: {string.Join(", ", unexplained.CountBy(outcome => outcome.Label))}. {string.Join(" / ", vault.Faults.Take(3))}");
        Require(outcomes.Any(outcome => outcome.Label is "200"), "No call went well.");
        Require(setup.Duration < LongEnoughForMemory || memory.Ratio <= FlatUpTo, $"the worker's memory grew to {memory.Ratio} times what it was after a quarter.");
        var sizes = new Dictionary<string, object>
        {
            ["minutes"] = Math.Round(setup.Duration.TotalMinutes, 1),
            ["workers"] = setup.Workers,
            ["calls_per_second"] = setup.CallsPerSecond,
            ["users"] = setup.Users,
            ["accounts"] = setup.Users * PerUser.Length,
        };
        return new Report("soak", sizes, rows, misses)
        {
            Summary = new Dictionary<string, object>
            {
                ["calls"] = outcomes.Count,
                ["not made, because too many were under way"] = heldBack,
                ["200, p50 (ms)"] = (int)good[50].TotalMilliseconds,
                ["200, p99 (ms)"] = (int)good[99].TotalMilliseconds,
                ["redemptions"] = vault.Servers.Values.Sum(server => server.Requests),
                ["troubles"] = faults.ToString(),
                ["storage requests answered 503"] = vault.Relay!.Faults,
                ["reads of Key Vault"] = vault.KeyVault?.Reads ?? 0,
                ["answers for another account"] = wrong,
                ["lost as refresh_interrupted"] = lost.Interrupted,
                ["lost or stuck otherwise"] = lost.Otherwise.Count,
                ["memory after a quarter (MB)"] = memory.AfterQuarter,
                ["memory at the end (MB)"] = memory.AtEnd,
                ["end ÷ quarter"] = memory.Ratio,
            },
        };

        void Require(bool isMet, string miss)
        {
            if (!isMet)
            {
                misses.Add(miss);
            }
        }
    }

    private sealed record SoakOutcome(string Label, TimeSpan Took, bool WasTroubled, bool IsWrong, bool IsExplained);
}
