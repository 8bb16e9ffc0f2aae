using Alter.Bench;
using Alter.Bench.Refresh;
using Alter.Bench.Storage;

namespace Alter.Functions.Tests.Bench;

/// <summary>Programs of bench/ in their shortest form: they run, and miss no goal.</summary>
public sealed class BenchTests
{
    [Fact]
    public async Task The_race_at_expiry_is_measured() =>
        MissesNothing(await RefreshRace.RunAsync(new RefreshRaceSetup(Calls: 20, Workers: 2, Rounds: 1, TimeSpan.FromSeconds(1)), TestContext.Current.CancellationToken));

    [Fact]
    public async Task Storage_operations_are_as_the_page_has_them()
    {
        var report = await RoundTrips.RunAsync(TestContext.Current.CancellationToken);

        // How many run one after the other is read off the clock, which a busy machine blurs: that is the program's to say, not a test's.
        Assert.All(report.Rows, row => Assert.Equal(row["documented, on and off the path"], row["operations measured"]));
    }

    [Fact]
    public async Task The_timer_is_measured() =>
        MissesNothing(await TimerCost.RunAsync([200, 400], 50, TestContext.Current.CancellationToken));

    private static void MissesNothing(Report report) => Assert.True(report.Misses.Count is 0, string.Join('\n', report.Misses));
}
