using System.Globalization;
using Alter.Bench.Running;
using Alter.Testing;

namespace Alter.Bench.Policies;

/// <summary>How much is run.</summary>
/// <param name="Checks">Warm checks measured for each part.</param>
/// <param name="Calls">Calls against each limit.</param>
/// <param name="Workers">Worker processes that count.</param>
/// <param name="Small">A limit that is counted call by call.</param>
/// <param name="Large">One that is shared out in blocks.</param>
public sealed record PolicyCostSetup(int Checks, int Calls, int Workers, int Small, int Large);

/// <summary>What policies add to a warm call, and whether many workers keep a limit.</summary>
public static class PolicyCost
{
    // As many as Azurite answers without queueing: the question is the count, not the speed.
    private const int AtOnce = 32;

    /// <summary>Measures both.</summary>
    public static async Task<Report> RunAsync(PolicyCostSetup setup, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(setup);
        var summary = new Dictionary<string, object>();
        foreach (var (part, microseconds, bytes) in await WarmCheck.RunAsync(setup.Checks, cancellationToken))
        {
            summary[part] = string.Create(CultureInfo.InvariantCulture, $"{microseconds:0.00} µs, {bytes:0} bytes");
        }

        Progress.Say("Warm checks are measured; workers start.");
        var policies = new Dictionary<string, string> { ["none"] = Rate(setup.Small), ["strict"] = Rate(setup.Large) };
        await using var vault = await BenchVault.StartAsync(new BenchSetup { Workers = setup.Workers, Policies = policies }, cancellationToken);
        var (rows, misses) = (new List<Dictionary<string, object>>(), new List<string>());
        foreach (var (provider, limit) in new[] { ("none", setup.Small), ("strict", setup.Large) })
        {
            rows.Add(await CountAsync(vault, provider, limit, setup.Calls, misses, cancellationToken));
        }

        var sizes = new Dictionary<string, object> { ["checks"] = setup.Checks, ["calls"] = setup.Calls, ["workers"] = setup.Workers };
        return new Report("policy", sizes, rows, misses) { Summary = summary };
    }

    // A day: no window ends in between, but for a run over midnight UTC.
    private static string Rate(int limit) => $$"""[{ "name": "limit", "kind": "rate", "per": "app", "limit": {{limit}}, "window_seconds": 86400 }]""";

    private static async Task<Dictionary<string, object>> CountAsync(
        BenchVault vault, string provider, int limit, int calls, List<string> misses, CancellationToken cancellationToken)
    {
        var grant = await vault.GrantAsync(provider, isStale: false);
        var labels = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        var started = TimeProvider.System.GetTimestamp();
        await Parallel.ForEachAsync(Enumerable.Range(0, calls), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (_, token) =>
            labels.AddOrUpdate((await vault.Caller.CallAsync(grant, token)).Label, 1, (_, count) => count + 1));
        var took = TimeProvider.System.GetElapsedTime(started);
        var (allowed, refused) = (labels.GetValueOrDefault("200"), labels.GetValueOrDefault("429 policy_violation"));
        var least = Math.Min(calls, limit) * 99 / 100;
        if (allowed > limit || (calls > limit && allowed < least))
        {
            misses.Add($"Limit {limit}: {allowed} calls were allowed.");
        }

        // The emulator on a busy machine may not answer in time: such a call is refused for that, and is none of the limit's.
        var unanswered = labels.GetValueOrDefault("503 vault_unavailable") + labels.GetValueOrDefault("503 audit_unavailable");
        if (allowed + refused + unanswered != calls || unanswered > calls / 100)
        {
            misses.Add($"Limit {limit}: {string.Join(", ", labels.Select(label => $"{label.Value} × {label.Key}"))}.");
        }

        return new()
        {
            ["limit"] = limit,
            ["calls"] = calls,
            ["allowed"] = allowed,
            ["of the limit"] = string.Create(CultureInfo.InvariantCulture, $"{100.0 * allowed / limit:0.0} %"),
            ["refused with 429"] = refused,
            ["anything else"] = calls - allowed - refused,
            ["seconds"] = Math.Round(took.TotalSeconds, 1),
        };
    }
}
