using System.Collections.Concurrent;
using Alter.Bench.Running;

namespace Alter.Bench.Refresh;

/// <summary>Some kills of one kind of rotation with one vault.</summary>
/// <param name="vault">A new one, for the emulator looks at every row it holds for each question.</param>
/// <param name="rotation">The kind; its provider is named for it.</param>
/// <param name="setup">The sizes of the whole program.</param>
/// <param name="many">How many kills.</param>
internal sealed class KillRun(BenchVault vault, string rotation, RefreshKillSetup setup, int many)
{
    private static readonly TimeSpan LatestKill = TimeSpan.FromSeconds(1.2);
    private static readonly TimeSpan HeardWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(180);

    private readonly ConcurrentBag<(DateTimeOffset Began, DateTimeOffset Over)> kills = [];
    private readonly ConcurrentBag<FollowedGrant> followed = [];
    private int fewest = int.MaxValue;
    private int busy;

    /// <summary>What became of the grants.</summary>
    public async Task<KillTally> RunAsync(CancellationToken cancellationToken)
    {
        await vault.Caller.CallAsync(await vault.GrantAsync(rotation, isStale: false), cancellationToken);
        var ends = new List<Task>();
        var seeding = SeedAsync();
        for (var kill = 1; kill <= many; kill++)
        {
            var grants = await seeding;
            seeding = kill < many ? SeedAsync() : seeding; // Beside this wave.
            ends.AddRange(await WaveAsync(grants, cancellationToken));
        }

        await Task.WhenAll(ends);
        return await TallyAsync(cancellationToken);
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

    private async Task<KillTally> TallyAsync(CancellationToken cancellationToken)
    {
        var grants = followed.ToArray();
        var spent = 0;
        await Parallel.ForEachAsync(grants.Where(one => one.Last.Status is 200), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken }, async (one, _) =>
        {
            if (!one.Grant.Server.Redeems(await StoredRefreshTokenAsync(one.Grant)))
            {
                Interlocked.Increment(ref spent); // The call went well, and yet the next refresh would not.
            }
        });
        var lost = grants.Where(one => one.Last.Status is 403).ToArray();
        return new KillTally(grants.Length, fewest)
        {
            Cut = grants.Count(one => one.WasCut),
            Stuck = [.. grants.Where(one => one.Last.Status is not (200 or 403)).Select(one => one.Last.Label)],
            Spent = spent,
            Lost = [.. lost.Select(one => one.Last.Label)],
            Interrupted = lost.Count(one => one.Last.Cause is "refresh_interrupted"),
            Unexplained = [.. lost.Where(one => !IsExplained(one)).Select(Story)],
            DecidedAfter = [.. grants.Where(one => one.WasCut && !one.WasLeftAlone).Select(one => one.DecidedAfter)],
        };
    }

    private async Task<string?> StoredRefreshTokenAsync(BenchGrant grant) =>
        (await Patiently.AskAsync(async () => await vault.Inside.TokensAsync(await vault.Inside.ReadAsync(grant.Row)))).Refresh;

    // The very worker that redeemed first was killed while its lease ran, for the connection it asked on broke then: the tokens died with it, and the
    // provider met the spent one again. A kill of another worker at the same time explains nothing.
    private bool IsExplained(FollowedGrant one) =>
        one.Last.Cause is "refresh_interrupted"
        && one.Grant.Family.Presented is [{ ClosedAt: { } closed } redeemed, _, ..]
        && closed <= redeemed.ArrivedAt + TimeSpan.FromSeconds(setup.LeaseSeconds)
        && kills.Any(kill => kill.Began <= closed && closed <= kill.Over + HeardWithin);

    private string Story(FollowedGrant one) =>
        $"presented {string.Join(", ", one.Grant.Family.Presented.Select(at => $"{at.ArrivedAt:HH:mm:ss.f} (closed {at.ClosedAt:HH:mm:ss.f})"))}; {string.Join(" / ", vault.LinesAbout(one.Grant).Take(6))}";

    private sealed record FollowedGrant(BenchGrant Grant, CallResult Last, bool WasCut, bool WasLeftAlone, TimeSpan DecidedAfter);
}
