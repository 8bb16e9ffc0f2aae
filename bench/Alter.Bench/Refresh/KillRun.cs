using System.Collections.Concurrent;
using Alter.Bench.Running;

namespace Alter.Bench.Refresh;

/// <summary>All kills of one kind of rotation.</summary>
internal sealed class KillRun(BenchVault vault, string rotation, RefreshKillSetup setup)
{
    private static readonly TimeSpan LatestKill = TimeSpan.FromSeconds(1.2);
    private static readonly TimeSpan HeardWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(180);

    private readonly ConcurrentBag<(DateTimeOffset Began, DateTimeOffset Over)> kills = [];
    private readonly ConcurrentBag<FollowedGrant> followed = [];
    private int fewest = int.MaxValue;
    private int busy;

    public async Task<Dictionary<string, object>> RunAsync(List<string> misses, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        await vault.Caller.CallAsync(await vault.GrantAsync(rotation, isStale: false), cancellationToken);
        var ends = new List<Task>();
        var seeding = SeedAsync();
        for (var kill = 1; kill <= setup.Kills; kill++)
        {
            var grants = await seeding;
            seeding = kill < setup.Kills ? SeedAsync() : seeding; // Beside this wave.
            ends.AddRange(await WaveAsync(grants, cancellationToken));
            if (kill % 10 is 0)
            {
                var elapsed = TimeProvider.System.GetElapsedTime(started);
                Progress.Say($"refresh-kill {rotation}: {kill} of {setup.Kills} kills after {elapsed.TotalSeconds:0} s; {ends.Count(end => !end.IsCompleted)} grants undecided");
            }
        }

        await Task.WhenAll(ends);
        Progress.Say($"refresh-kill {rotation}: all decided after {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0} s; looking at {followed.Count} grants");
        return await SumUpAsync(misses, cancellationToken);
    }

    private Task<BenchGrant[]> SeedAsync() => Task.WhenAll(Enumerable.Range(0, setup.Grants).Select(_ => vault.GrantAsync(rotation, isStale: true)));

    // Returns at the kill; what was cut off is followed meanwhile, beside the next waves.
    private async Task<IReadOnlyList<Task>> WaveAsync(BenchGrant[] grants, CancellationToken cancellationToken)
    {
        var ready = await ReadyAsync(cancellationToken);
        Interlocked.Add(ref busy, grants.Length);
        var first = grants.Select(grant => vault.Caller.CallAsync(grant, cancellationToken)).ToArray();
        await MomentAsync(grants, first, cancellationToken);
        fewest = Math.Min(fewest, first.Count(call => !call.IsCompleted));
        var began = TimeProvider.System.GetUtcNow();
        await vault.Host.KillAsync(ready[Random.Shared.Next(ready.Length)], cancellationToken);
        kills.Add((began, TimeProvider.System.GetUtcNow()));
        return [.. grants.Select((grant, i) => FollowAsync(grant, first[i], began, isLeftAlone: i % 2 is 1, cancellationToken))];
    }

    // At least half of the workers take calls, the others are still being started; and few grants of the waves before are called at this moment, for waves that pile up
    // measure nothing but a machine without breath.
    private async Task<int[]> ReadyAsync(CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var ready = Enumerable.Range(0, setup.Workers).Where(index => vault.Host.Workers[index].IsReady).ToArray();
            if (ready.Length >= (setup.Workers + 1) / 2 && Volatile.Read(ref busy) <= setup.Grants / 3)
            {
                return ready;
            }

            if (TimeProvider.System.GetElapsedTime(started) > StartsWithin)
            {
                throw new TimeoutException($"{ready.Length} workers came back; {busy} grants are still being called.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    // Some share of the requests has reached the provider, then up to 1.2 s more; earlier where fewer than 50 would be left in flight.
    private async Task MomentAsync(BenchGrant[] grants, Task<CallResult>[] first, CancellationToken cancellationToken)
    {
        var arrivals = Random.Shared.Next(setup.Grants * 3 / 4);
        await UntilAsync(() => grants.Count(grant => grant.Family.HasArrived) >= arrivals);
        var (since, pause) = (TimeProvider.System.GetTimestamp(), LatestKill * Random.Shared.NextDouble());
        await UntilAsync(() => TimeProvider.System.GetElapsedTime(since) >= pause);

        async Task UntilAsync(Func<bool> condition)
        {
            while (!condition() && first.Count(call => !call.IsCompleted) > 55)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
            }
        }
    }

    private async Task FollowAsync(BenchGrant grant, Task<CallResult> first, DateTimeOffset killedAt, bool isLeftAlone, CancellationToken cancellationToken)
    {
        var lease = TimeSpan.FromSeconds(setup.LeaseSeconds);
        var call = await first;
        var wasCut = call.Status is not 200;
        if (wasCut && isLeftAlone)
        {
            Interlocked.Decrement(ref busy);
            await Task.Delay(lease + TimeSpan.FromSeconds(10), TimeProvider.System, cancellationToken);
            Interlocked.Increment(ref busy);
        }

        while (call.Status is not (200 or 403) && TimeProvider.System.GetUtcNow() - killedAt < lease + setup.Patience)
        {
            call = await vault.Caller.CallAsync(grant, cancellationToken);
            if (call.Status is not (200 or 403))
            {
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken); // As an app would that does not read Retry-After.
            }
        }

        Interlocked.Decrement(ref busy);
        followed.Add(new FollowedGrant(grant, call, wasCut, wasCut && isLeftAlone, TimeProvider.System.GetUtcNow() - killedAt));
    }

    private async Task<Dictionary<string, object>> SumUpAsync(List<string> misses, CancellationToken cancellationToken)
    {
        var (lost, unexplained, stuck, spent) = (0, 0, 0, 0);
        foreach (var one in followed.Where(one => one.Last.Status is not 200))
        {
            lost += one.Last.Status is 403 ? 1 : 0;
            unexplained += one.Last.Status is 403 && !IsExplained(one) ? 1 : 0;
            stuck += one.Last.Status is 403 ? 0 : 1;
        }

        await Parallel.ForEachAsync(followed.Where(one => one.Last.Status is 200), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken }, async (one, _) =>
        {
            if (!one.Grant.Server.Redeems(await StoredRefreshTokenAsync(one.Grant)))
            {
                Interlocked.Increment(ref spent); // The call went well, and yet the next refresh would not.
            }
        });

        Require(stuck is 0, $"{stuck} grants were stuck, the last with {followed.Where(one => one.Last.Status is not (200 or 403)).Select(one => one.Last.Label).LastOrDefault()}.");
        Require(spent is 0, $"{spent} grants hold a refresh token the provider no longer takes.");
        Require(MayLose || lost is 0, $"{lost} grants were lost: {Labels(403)}.");
        Require(unexplained is 0, $"{unexplained} grants were lost although the worker that redeemed was not killed within a lease, or without saying refresh_interrupted: {Labels(403)}. One of them: {followed.Where(one => one.Last.Status is 403 && !IsExplained(one)).Select(Story).FirstOrDefault()}");
        Require(fewest >= Math.Min(50, setup.Grants), $"only {fewest} grants were in flight at one kill.");
        var cut = followed.Where(one => one.WasCut).ToArray();
        var recovered = new Percentiles(cut.Where(one => !one.WasLeftAlone).Select(one => one.DecidedAfter));
        return new Dictionary<string, object>
        {
            ["rotation"] = rotation,
            ["kills"] = setup.Kills,
            ["grants"] = followed.Count,
            ["fewest in flight"] = fewest,
            ["calls cut off"] = cut.Length,
            ["stuck"] = stuck,
            ["lost"] = lost,
            ["said refresh_interrupted"] = followed.Count(one => one.Last.Cause is "refresh_interrupted"),
            ["lost otherwise"] = MayLose ? unexplained : lost,
            ["decided after kill p50 (s)"] = Math.Round(recovered[50].TotalSeconds, 1),
            ["longest (s)"] = Math.Round(recovered[100].TotalSeconds, 1),
        };

        void Require(bool isMet, string miss)
        {
            if (!isMet)
            {
                misses.Add($"{rotation}: {miss}");
            }
        }
    }

    private async Task<string?> StoredRefreshTokenAsync(BenchGrant grant) =>
        (await Patiently.AskAsync(async () => await vault.Inside.TokensAsync(await vault.Inside.ReadAsync(grant.Row)))).Refresh;

    // A provider that takes a spent token for a stolen one.
    private bool MayLose => rotation is "strict" or "unknown";

    // The very worker that redeemed first was killed while its lease ran, for the connection it asked on broke then: the tokens died with it, and the
    // provider met the spent one again. A kill of another worker at the same time explains nothing.
    private bool IsExplained(FollowedGrant one) =>
        one.Last.Cause is "refresh_interrupted"
        && one.Grant.Family.Presented is [{ ClosedAt: { } closed } redeemed, _, ..]
        && closed <= redeemed.ArrivedAt + TimeSpan.FromSeconds(setup.LeaseSeconds)
        && kills.Any(kill => kill.Began <= closed && closed <= kill.Over + HeardWithin);

    private string Story(FollowedGrant one) =>
        $"presented {string.Join(", ", one.Grant.Family.Presented.Select(at => $"{at.ArrivedAt:HH:mm:ss.f} (closed {at.ClosedAt:HH:mm:ss.f})"))}; {string.Join(" / ", vault.LinesAbout(one.Grant).Take(6))}";

    private string Labels(int status) => string.Join(", ", followed.Where(one => one.Last.Status == status).CountBy(one => one.Last.Label).Select(count => $"{count.Value} × {count.Key}"));

    private sealed record FollowedGrant(BenchGrant Grant, CallResult Last, bool WasCut, bool WasLeftAlone, TimeSpan DecidedAfter);
}
