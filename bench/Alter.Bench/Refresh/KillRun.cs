using System.Collections.Concurrent;
using Alter.Bench.Running;

namespace Alter.Bench.Refresh;

/// <summary>All kills of one kind of rotation.</summary>
internal sealed class KillRun(BenchVault vault, string rotation, RefreshKillSetup setup)
{
    private static readonly TimeSpan LatestKill = TimeSpan.FromSeconds(1.2);
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(120);

    private readonly ConcurrentBag<DateTimeOffset> kills = [];
    private readonly ConcurrentBag<FollowedGrant> followed = [];
    private int fewest = int.MaxValue;
    private int arrivedBefore;

    public async Task<Dictionary<string, object>> RunAsync(List<string> misses, CancellationToken cancellationToken)
    {
        await vault.Caller.CallAsync(await vault.GrantAsync(rotation, isStale: false), cancellationToken);
        var ends = new List<Task>();
        for (var kill = 0; kill < setup.Kills; kill++)
        {
            ends.AddRange(await WaveAsync(cancellationToken));
        }

        await Task.WhenAll(ends);
        return await SumUpAsync(misses);
    }

    // Returns once the killed worker is back; what was cut off is followed meanwhile.
    private async Task<IReadOnlyList<Task>> WaveAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(vault.Host.Workers.Select(worker => worker.WhenReadyAsync(cancellationToken))).WaitAsync(StartsWithin, TimeProvider.System, cancellationToken);
        var grants = await Task.WhenAll(Enumerable.Range(0, setup.Grants).Select(_ => vault.GrantAsync(rotation, isStale: true)));
        arrivedBefore = vault.Servers[rotation].Requests;
        var first = grants.Select(grant => vault.Caller.CallAsync(grant, cancellationToken)).ToArray();
        await MomentAsync(first, cancellationToken);
        fewest = Math.Min(fewest, first.Count(call => !call.IsCompleted));
        var at = TimeProvider.System.GetUtcNow();
        kills.Add(at);
        await vault.Host.KillAsync(Random.Shared.Next(setup.Workers), cancellationToken);
        kills.Add(TimeProvider.System.GetUtcNow());
        var ends = grants.Select((grant, i) => FollowAsync(grant, first[i], at, isLeftAlone: i % 2 is 1, cancellationToken)).ToArray();
        await Task.WhenAll(first);
        return ends;
    }

    // Some share of the requests has reached the provider, then up to 1.2 s more; earlier where fewer than 50 would be left in flight.
    private async Task MomentAsync(Task<CallResult>[] first, CancellationToken cancellationToken)
    {
        var arrivals = Random.Shared.Next(setup.Grants * 3 / 4);
        await UntilAsync(() => vault.Servers[rotation].Requests - arrivedBefore >= arrivals);
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
            await Task.Delay(lease + TimeSpan.FromSeconds(10), TimeProvider.System, cancellationToken);
        }

        while (call.Status is not (200 or 403) && TimeProvider.System.GetUtcNow() - killedAt < lease + setup.Patience)
        {
            call = await vault.Caller.CallAsync(grant, cancellationToken);
            if (call.Status is not (200 or 403))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, cancellationToken);
            }
        }

        followed.Add(new FollowedGrant(grant, call, wasCut, wasCut && isLeftAlone, TimeProvider.System.GetUtcNow() - killedAt));
    }

    private async Task<Dictionary<string, object>> SumUpAsync(List<string> misses)
    {
        var (lost, unexplained, stuck, spent) = (0, 0, 0, 0);
        foreach (var one in followed)
        {
            if (one.Last.Status is 403)
            {
                lost++;
                unexplained += IsExplained(one) ? 0 : 1;
            }
            else if (one.Last.Status is not 200)
            {
                stuck++;
            }
            else if (!one.Grant.Server.Redeems(await StoredRefreshTokenAsync(one.Grant)))
            {
                spent++; // The call went well, and yet the next refresh would not.
            }
        }

        Require(stuck is 0, $"{stuck} grants were stuck, the last with {followed.Where(one => one.Last.Status is not (200 or 403)).Select(one => one.Last.Label).LastOrDefault()}.");
        Require(spent is 0, $"{spent} grants hold a refresh token the provider no longer takes.");
        Require(rotation is "strict" || lost is 0, $"{lost} grants were lost: {Labels(403)}.");
        Require(unexplained is 0, $"{unexplained} grants were lost without a kill between redemption and storing, or without saying refresh_interrupted: {Labels(403)}. One of them: {followed.Where(one => one.Last.Status is 403 && !IsExplained(one)).Select(Story).FirstOrDefault()}");
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
            ["lost otherwise"] = rotation is "strict" ? unexplained : lost,
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

    // A kill came while the lease of the first redemption ran: its tokens died with the worker, and the provider met the spent one again.
    private bool IsExplained(FollowedGrant one) =>
        one.Last.Cause is "refresh_interrupted"
        && one.Grant.Family.Presented is [var redeemedAt, _, ..]
        && kills.Any(kill => redeemedAt <= kill && kill <= redeemedAt + TimeSpan.FromSeconds(setup.LeaseSeconds));

    private string Story(FollowedGrant one) =>
        $"presented {string.Join(", ", one.Grant.Family.Presented.Select(at => $"{at:HH:mm:ss.f}"))}; {string.Join(" / ", vault.Log.Where(line => line.Contains($"{one.Grant.Row.Id}", StringComparison.Ordinal)).Take(6))}";

    private string Labels(int status) => string.Join(", ", followed.Where(one => one.Last.Status == status).CountBy(one => one.Last.Label).Select(count => $"{count.Value} × {count.Key}"));

    private sealed record FollowedGrant(BenchGrant Grant, CallResult Last, bool WasCut, bool WasLeftAlone, TimeSpan DecidedAfter);
}
