using System.Collections.Concurrent;
using Alter.Apps;
using Alter.Audit;
using Alter.Bench.Running;
using Microsoft.Extensions.Logging.Abstractions;

namespace Alter.Bench.Audit;

/// <summary>How much is run.</summary>
/// <param name="Lasts">How long calls are made and workers are killed.</param>
/// <param name="Workers">Worker processes.</param>
/// <param name="Callers">Callers, each with one call at a time.</param>
/// <param name="BetweenKills">The mean pause between two kills.</param>
public sealed record AuditKillSetup(TimeSpan Lasts, int Workers, int Callers, TimeSpan BetweenKills);

/// <summary>SIGKILL of random workers while calls are made and recorded; then somebody with storage access tampers.</summary>
/// <remarks>
/// <code>
///   callers: GET and POST in turn, every answered request id kept ─┐
///   kills: a random worker that takes calls, at random moments     ├─► the record, sealed ─► every id of a 200 has its `call`; the chain verifies
///   seals: by the workers' own timer, and once at the end ─────────┘                         ─► cut, swap and alter sealed rows: each is named
///   and, without workers: entries a second, of one lane alone and of each of a process's four
/// </code>
/// </remarks>
public static class AuditKill
{
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(5);

    /// <summary>Runs it.</summary>
    public static async Task<Report> RunAsync(AuditKillSetup setup, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(setup);
        await using var vault = await BenchVault.StartAsync(new BenchSetup { Workers = setup.Workers, Settings = BenchVault.StartedOften }, cancellationToken);
        var grants = await Task.WhenAll(Enumerable.Range(0, setup.Callers).Select(_ => vault.GrantAsync("none", isStale: false)));
        var answered = new ConcurrentDictionary<string, string>();
        var calls = 0;
        using var lasts = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        lasts.CancelAfter(setup.Lasts);
        var killing = KillAsync(vault, setup, lasts.Token);
        await Task.WhenAll(grants.Select(async grant =>
        {
            for (var count = 0; !lasts.IsCancellationRequested; count++)
            {
                var method = count % 2 is 0 ? HttpMethod.Get : HttpMethod.Post;
                var call = await vault.Caller.CallAsync(grant, cancellationToken, method);
                Interlocked.Increment(ref calls);
                if (call.Status is 200)
                {
                    answered[call.RequestId] = method.Method;
                }
            }
        }));
        var kills = await killing;
        Progress.Say($"audit-kill: {calls} calls, {answered.Count} answered, {kills} kills; looking at the record");

        var misses = new List<string>();
        var look = new RecordLook(vault);
        await Patiently.AskAsync(async () =>
        {
            await vault.Inside.Seal.RunAsync(cancellationToken);
            return true;
        });
        var recorded = await look.CallsAsync(cancellationToken);
        var missing = answered.Keys.Where(id => !recorded.Contains(id)).ToList();
        var verdict = await look.VerifyAsync(cancellationToken);
        Require(missing.Count is 0, $"{missing.Count} answered calls have no entry, {missing.FirstOrDefault()} among them.");
        Require(verdict.Faults.Count is 0, $"the record does not verify: {string.Join(" ", verdict.Faults.Take(5))}");
        Require(!answered.IsEmpty && kills > 0, $"{answered.Count} calls were answered and {kills} workers killed.");
        foreach (var (name, tamper) in look.Tampering)
        {
            var fault = await tamper(cancellationToken);
            Require(fault is not null, $"{name}: not named.");
            Progress.Say($"audit-kill: {name}: {fault}");
        }

        var one = await RateAsync(vault, lanes: 1, cancellationToken);
        var four = await RateAsync(vault, lanes: 4, cancellationToken);
        return new Report(
            "audit-kill",
            new Dictionary<string, object> { ["seconds"] = setup.Lasts.TotalSeconds, ["workers"] = setup.Workers, ["callers"] = setup.Callers },
            [
                new Dictionary<string, object>
                {
                    ["calls"] = calls,
                    ["answered"] = answered.Count,
                    ["without an entry"] = missing.Count,
                    ["kills"] = kills,
                    ["entries"] = verdict.Entries,
                    ["lanes"] = verdict.Lanes,
                    ["seals"] = verdict.Seals,
                    ["faults"] = verdict.Faults.Count,
                    ["entries/s, one lane"] = one,
                    ["entries/s and lane, a process's four"] = four / 4,
                },
            ],
            misses);

        void Require(bool isMet, string miss)
        {
            if (!isMet)
            {
                misses.Add(miss);
            }
        }
    }

    private static async Task<int> KillAsync(BenchVault vault, AuditKillSetup setup, CancellationToken cancellationToken)
    {
        var kills = 0;
        try
        {
            while (true)
            {
                await Task.Delay(setup.BetweenKills * (0.5 + Random.Shared.NextDouble()), TimeProvider.System, cancellationToken);
                var ready = Enumerable.Range(0, setup.Workers).Where(index => vault.Host.Workers[index].IsReady).ToArray();
                if (ready.Length >= (setup.Workers + 1) / 2)
                {
                    await vault.Host.KillAsync(ready[Random.Shared.Next(ready.Length)], CancellationToken.None);
                    kills++;
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return kills; // The time is over.
        }
    }

    // Lanes of this process over the same storage; as many callers wait for their entries as a transaction takes.
    private static async Task<int> RateAsync(BenchVault vault, int lanes, CancellationToken cancellationToken)
    {
        var activity = new ActivityFollower(new ActivityProjection(vault.Inside.Tables, NullLogger<ActivityProjection>.Instance), TimeProvider.System);
        var configuration = new ConfigurationSource(new ConfigurationReading(null, []));
        var written = 0;
        var started = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, lanes).SelectMany(number =>
        {
            var lane = new AuditLane(number, vault.Inside.Tables, vault.Inside.Ring, activity, configuration, TimeProvider.System, NullLogger.Instance);
            return Enumerable.Range(0, AuditLane.MostInTransaction).Select(_ => WriteAsync(lane));
        }));
        return (int)(written / TimeProvider.System.GetElapsedTime(started).TotalSeconds);

        async Task WriteAsync(AuditLane lane)
        {
            while (TimeProvider.System.GetElapsedTime(started) < Measured)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var entry = new AuditEntry { Kind = AuditKinds.Start, Id = Guid.NewGuid().ToString("N"), At = TimeProvider.System.GetUtcNow(), Url = "https://api.example.com/v1/items", Reason = "measured" };
                if (await lane.AppendAsync(entry))
                {
                    Interlocked.Increment(ref written);
                }
            }
        }
    }
}
