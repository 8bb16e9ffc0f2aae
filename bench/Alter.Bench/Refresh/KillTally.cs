namespace Alter.Bench.Refresh;

/// <summary>What became of the grants of one kind of rotation.</summary>
/// <param name="Grants">How many were followed to their end.</param>
/// <param name="FewestInFlight">At any kill.</param>
internal sealed record KillTally(int Grants, int FewestInFlight)
{
    public required int Cut { get; init; }

    /// <summary>The last answer of each that is neither refreshed nor ended.</summary>
    public required IReadOnlyList<string> Stuck { get; init; }

    /// <summary>How many hold a refresh token the provider no longer takes.</summary>
    public required int Spent { get; init; }

    /// <summary>The last answer of each that ended.</summary>
    public required IReadOnlyList<string> Lost { get; init; }

    public required int Interrupted { get; init; }

    /// <summary>The story of each that ended although no kill explains it, or without saying so.</summary>
    public required IReadOnlyList<string> Unexplained { get; init; }

    /// <summary>From the kill to the end, of those cut off who called again at once.</summary>
    public required IReadOnlyList<TimeSpan> DecidedAfter { get; init; }

    public static KillTally operator +(KillTally one, KillTally other) => new(one.Grants + other.Grants, Math.Min(one.FewestInFlight, other.FewestInFlight))
    {
        Cut = one.Cut + other.Cut,
        Stuck = [.. one.Stuck, .. other.Stuck],
        Spent = one.Spent + other.Spent,
        Lost = [.. one.Lost, .. other.Lost],
        Interrupted = one.Interrupted + other.Interrupted,
        Unexplained = [.. one.Unexplained, .. other.Unexplained],
        DecidedAfter = [.. one.DecidedAfter, .. other.DecidedAfter],
    };

    /// <summary>The row of the report.</summary>
    public Dictionary<string, object> ToRow(string rotation, int kills)
    {
        var decided = new Percentiles(DecidedAfter);
        return new Dictionary<string, object>
        {
            ["rotation"] = rotation,
            ["kills"] = kills,
            ["grants"] = Grants,
            ["fewest in flight"] = FewestInFlight,
            ["calls cut off"] = Cut,
            ["stuck"] = Stuck.Count,
            ["lost"] = Lost.Count,
            ["said refresh_interrupted"] = Interrupted,
            ["lost otherwise"] = MayLose(rotation) ? Unexplained.Count : Lost.Count,
            ["decided after kill p50 (s)"] = Math.Round(decided[50].TotalSeconds, 1),
            ["longest (s)"] = Math.Round(decided[100].TotalSeconds, 1),
        };
    }

    /// <summary>Each goal that was missed.</summary>
    public IEnumerable<string> Misses(string rotation, int most)
    {
        if (Stuck.Count > 0)
        {
            yield return $"{rotation}: {Stuck.Count} grants were stuck: {Labels(Stuck)}.";
        }

        if (Spent > 0)
        {
            yield return $"{rotation}: {Spent} grants hold a refresh token the provider no longer takes.";
        }

        if (Lost.Count > 0 && !MayLose(rotation))
        {
            yield return $"{rotation}: {Lost.Count} grants were lost: {Labels(Lost)}.";
        }

        if (Unexplained.Count > 0)
        {
            yield return $"{rotation}: {Unexplained.Count} grants were lost although the worker that redeemed was not killed within a lease, or without saying refresh_interrupted: {Labels(Lost)}. One of them: {Unexplained[0]}";
        }

        if (FewestInFlight < Math.Min(50, most))
        {
            yield return $"{rotation}: only {FewestInFlight} grants were in flight at one kill.";
        }
    }

    // A provider that takes a spent token for a stolen one.
    private static bool MayLose(string rotation) => rotation is "strict" or "unknown";

    private static string Labels(IEnumerable<string> labels) => string.Join(", ", labels.CountBy(label => label).Select(count => $"{count.Value} × {count.Key}"));
}
