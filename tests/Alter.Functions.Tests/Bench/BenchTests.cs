using Alter.Bench;
using Alter.Bench.Forwarding;
using Alter.Bench.Growth;
using Alter.Bench.Policies;
using Alter.Bench.Refresh;
using Alter.Bench.Soak;
using Alter.Bench.Starting;
using Alter.Bench.Storage;

namespace Alter.Functions.Tests.Bench;

/// <summary>Programs of bench/ in their shortest form: they run, and miss no goal.</summary>
public sealed class BenchTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_race_at_expiry_is_measured() =>
        MissesNothing(await RefreshRace.RunAsync(new RefreshRaceSetup(Calls: 20, Workers: 2, Rounds: 1, TimeSpan.FromSeconds(1)), Cancellation));

    [Fact]
    public async Task Storage_operations_are_as_the_page_has_them()
    {
        var report = await RoundTrips.RunAsync(Cancellation);

        // How many run one after the other is read off the clock, which a busy machine blurs: that is the program's to say, not a test's.
        Assert.All(report.Rows, row => Assert.Equal(row["documented, on and off the path"], row["operations measured"]));
    }

    [Fact]
    public async Task The_timer_is_measured() =>
        MissesNothing(await TimerCost.RunAsync([200, 400], 50, judgesTime: false, Cancellation));

    [Fact]
    public async Task What_is_due_at_once_is_drained() =>
        MissesNothing(await Drain.RunAsync(new DrainSetup(Grants: 60, Workers: 2) { WaitsForTick = false }, Cancellation));

    [Fact]
    public async Task A_short_soak_loses_no_grant_and_mixes_up_no_account() => MissesNothing(await Soak.RunAsync(
        new SoakSetup(TimeSpan.FromSeconds(20), Workers: 2, CallsPerSecond: 10, Users: 2)
        {
            TokenLifetime = TimeSpan.FromSeconds(9),
            Quiet = TimeSpan.FromSeconds(5),
            Burst = TimeSpan.FromSeconds(3),
            BetweenKills = TimeSpan.FromSeconds(8),
            LeaseSeconds = 15,
        },
        Cancellation));

    [Fact]
    public async Task Policies_are_measured_and_limits_are_kept() =>
        MissesNothing(await PolicyCost.RunAsync(new PolicyCostSetup(Checks: 50, Calls: 500, Workers: 2, Small: 20, Large: 420), Cancellation));

    [Fact]
    public async Task What_forwarding_costs_is_measured_beside_a_bare_forwarder()
    {
        var report = await ForwardingCost.RunAsync(
            new ForwardingSetup { Answers = [1 << 10, 16 << 20], Connections = [1, 4], WarmUp = TimeSpan.FromMilliseconds(200), MostWarmUps = 1, Turn = TimeSpan.FromMilliseconds(200), Rounds = 1, Workers = 1, JudgesFigures = false }, Cancellation);

        MissesNothing(report);
        var ways = report.Rows.Where(row => row["way"] is "vault, storage in process" or "vault, Azurite" or "bare forwarder").ToArray();
        Assert.Equal(3 * 2 * 2, ways.Length);
        Assert.All(ways, row => Assert.True(row["allocated per call (KB)"] is > 0.0, "The worker was asked what it allocates."));
    }

    [Fact]
    public async Task The_start_is_measured_beside_an_empty_worker() =>
        MissesNothing(await StartCost.RunAsync(new StartSetup(Starts: 1) { JudgesFigures = false }, Cancellation));

    [Fact]
    public async Task The_cost_of_a_call_is_measured_by_the_number_of_stored_grants()
    {
        var report = await GrowthCost.RunAsync(new GrowthSetup { Stored = [1, 300], OfOneUser = 3, Calls = 5, JudgesFigures = false }, Cancellation);

        Assert.Equal([(1, 1), (300, 1), (4, 3)], report.Rows.Select(row => ((int)row["stored grants"], (int)row["of the calling user"])));
    }

    private static void MissesNothing(Report report) => Assert.True(report.Misses.Count is 0, $"{report.ToTable()}");
}
