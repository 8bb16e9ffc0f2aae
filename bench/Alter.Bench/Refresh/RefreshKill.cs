using Alter.Bench.Running;

namespace Alter.Bench.Refresh;

/// <summary>How much is run.</summary>
/// <param name="Kills">Kills per kind of rotation.</param>
/// <param name="Workers">Worker processes.</param>
/// <param name="Grants">Refreshes begun before each kill.</param>
/// <param name="LeaseSeconds">A lease short enough to wait for.</param>
/// <param name="Rotations">Among <c>none</c>, <c>grace</c>, <c>strict</c> and <c>unknown</c>.</param>
public sealed record RefreshKillSetup(int Kills, int Workers, int Grants, int LeaseSeconds, IReadOnlyList<string> Rotations)
{
    /// <summary>A grant that is neither refreshed nor ended this long after its lease is stuck.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>SIGKILL of a random worker at a random moment while many grants are being refreshed.</summary>
/// <remarks>
/// <code>
///   seed stale grants ─► one call each ─► some of them at the provider, 0 … 1.2 s more ─► kill; the provider redeems after 0 … 1 s and answers 0.5 … 1 s later
///        │ half of those cut off call again at once, as an app would
///        │ the other half are left alone until lease + 10 s: what the vault mends by itself is mended by then
///        │ meanwhile the next wave, as soon as half of the workers take calls and most calls are over
///   every grant in the end: refreshed (its stored token good at the provider), ended with a cause, or stuck
/// </code>
/// Goals: none stuck; none lost where a spent token is still taken; with <c>strict</c> and <c>unknown</c> only those whose token was redeemed by the very worker that was
/// killed within a lease, and each of them says <c>refresh_interrupted</c>.
/// </remarks>
public static class RefreshKill
{
    // The emulator looks at every row of a table for any question: with the grants of more waves it is all that is measured.
    private const int KillsPerVault = 20;

    /// <summary>Runs the kinds one after the other.</summary>
    public static async Task<Report> RunAsync(RefreshKillSetup setup, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(setup);
        var start = new BenchSetup { Workers = setup.Workers, LeaseSeconds = setup.LeaseSeconds, Grace = TimeSpan.FromSeconds(setup.LeaseSeconds * 5), Settings = BenchVault.StartedOften };
        var began = TimeProvider.System.GetTimestamp();
        var tallies = new Dictionary<string, KillTally>();
        foreach (var rotation in setup.Rotations)
        {
            for (var killed = 0; killed < setup.Kills;)
            {
                await using var vault = await BenchVault.StartAsync(start, cancellationToken);
                vault.Servers[rotation].BeforeRedeeming = () => TimeSpan.FromSeconds(Random.Shared.NextDouble());
                vault.Servers[rotation].BeforeAnswer = () => TimeSpan.FromSeconds(0.5 + (Random.Shared.NextDouble() / 2));
                var many = Math.Min(KillsPerVault, setup.Kills - killed);
                var tally = await new KillRun(vault, rotation, setup, many).RunAsync(cancellationToken);
                tallies[rotation] = tallies.TryGetValue(rotation, out var before) ? before + tally : tally;
                killed += many;
                Progress.Say($"refresh-kill {rotation}: {killed} of {setup.Kills} kills after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} s, {tallies[rotation].Lost.Count} lost");
            }
        }

        var sizes = new Dictionary<string, object>
        {
            ["kills"] = setup.Kills,
            ["workers"] = setup.Workers,
            ["grants_per_kill"] = setup.Grants,
            ["lease_seconds"] = setup.LeaseSeconds,
        };
        return new Report(
            "refresh-kill",
            sizes,
            [.. tallies.Select(tally => tally.Value.ToRow(tally.Key, setup.Kills))],
            [.. tallies.SelectMany(tally => tally.Value.Misses(tally.Key, setup.Grants))]);
    }
}
