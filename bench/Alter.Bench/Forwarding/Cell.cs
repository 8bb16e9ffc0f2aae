using Alter.Bench.Running;

namespace Alter.Bench.Forwarding;

/// <summary>All rounds of one way, answer length and number of connections.</summary>
/// <param name="way">Its name.</param>
/// <param name="answer">How long the answers are.</param>
/// <param name="connections">How many callers at once.</param>
internal sealed class Cell(string way, ForwardedAnswer answer, int connections)
{
    private readonly List<LoadResult> rounds = [];
    private readonly List<ProcessUse> uses = [];

    public string Way => way;

    public ForwardedAnswer Answer => answer;

    public int Connections => connections;

    public int Calls => rounds.Sum(round => round.Took.Count);

    public int Failed => rounds.Sum(round => round.Failed);

    public string Fault => rounds.Find(round => round.Failed > 0)?.Fault ?? "";

    public Percentiles Took => new(rounds.SelectMany(round => round.Took));

    /// <summary>Bytes a second.</summary>
    public double Throughput => rounds.Sum(round => round.Bytes) / rounds.Sum(round => round.Elapsed.TotalSeconds);

    /// <summary>Bytes; null: nothing was watched.</summary>
    public long? PeakMemory => uses.Count > 0 ? uses.Max(use => use.PeakMemory) : null;

    /// <summary>Of what stands between; null: nothing was watched.</summary>
    public TimeSpan? CpuPerCall => uses.Count > 0 ? uses.Aggregate(TimeSpan.Zero, (sum, use) => sum + use.Cpu) / Whole : null;

    /// <summary>Bytes of the managed heap; null: it has none, or cannot be asked.</summary>
    public double? AllocatedPerCall => uses.Count > 0 && uses.TrueForAll(use => use.Allocated is not null) ? uses.Sum(use => use.Allocated!.Value) / Whole : null;

    // Answers that were cut off count as much as there was of them.
    private double Whole => Math.Max(1, rounds.Sum(round => round.Bytes)) / (double)answer.Bytes;

    public void Add(LoadResult round, ProcessUse? use)
    {
        rounds.Add(round);
        if (use is not null)
        {
            uses.Add(use);
        }
    }

    /// <summary>How many times another's throughput: the median over the rounds, in which both took their turns.</summary>
    public double Over(Cell other)
    {
        var ratios = rounds.Zip(other.rounds, (mine, others) => others.Bytes > 0 ? mine.Throughput / others.Throughput : 0).Order().ToArray();
        return ratios.Length % 2 is 1 ? ratios[ratios.Length / 2] : (ratios[(ratios.Length / 2) - 1] + ratios[ratios.Length / 2]) / 2;
    }
}
