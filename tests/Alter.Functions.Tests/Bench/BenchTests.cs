using Alter.Bench;
using Alter.Bench.Refresh;
using Alter.Bench.Storage;

namespace Alter.Functions.Tests.Bench;

/// <summary>Each program of bench/ in its shortest form: it runs, and misses no goal.</summary>
public sealed class BenchTests
{
    [Fact]
    public async Task The_race_at_expiry_is_measured() =>
        MissesNothing(await RefreshRace.RunAsync(new RefreshRaceSetup(Calls: 20, Workers: 2, Rounds: 1, TimeSpan.FromSeconds(1)), TestContext.Current.CancellationToken));

    [Fact]
    public async Task Kills_during_refresh_are_measured() =>
        MissesNothing(await RefreshKill.RunAsync(new RefreshKillSetup(Kills: 1, Workers: 2, Grants: 8, LeaseSeconds: 4, ["none"]), TestContext.Current.CancellationToken));

    [Fact]
    public async Task Storage_operations_are_as_the_page_has_them() =>
        MissesNothing(await RoundTrips.RunAsync(TestContext.Current.CancellationToken));

    [Fact]
    public async Task The_timer_is_measured() =>
        MissesNothing(await TimerCost.RunAsync([200, 400], 50, TestContext.Current.CancellationToken));

    [Fact]
    public async Task Kills_during_Connect_are_measured() =>
        MissesNothing(await Alter.Bench.Connect.ConnectKill.RunAsync(new(Kills: 1, Workers: 2, People: 4), TestContext.Current.CancellationToken));

    private static void MissesNothing(Report report) => Assert.True(report.Misses.Count is 0, string.Join('\n', report.Misses));
}
