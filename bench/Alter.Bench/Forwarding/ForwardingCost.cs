using Alter.Bench.Running;

namespace Alter.Bench.Forwarding;

/// <summary>How much is run.</summary>
public sealed record ForwardingSetup
{
    private const long KB = 1024;

    /// <summary>Bytes of the answers, each a part of the table of its own.</summary>
    public IReadOnlyList<long> Answers { get; init; } = [KB, KB * KB, KB * KB * KB];

    /// <summary>Callers at once, likewise.</summary>
    public IReadOnlyList<int> Connections { get; init; } = [1, 64];

    /// <summary>How long each way is called in its turn.</summary>
    public TimeSpan Turn { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long each way is called by all callers before anything is measured; a worker as often as that until its runtime has hardly anything left to compile.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>But not more often.</summary>
    public int MostWarmUps { get; init; } = 10;

    /// <summary>How many turns each way has, after one of each of its workers that is not counted.</summary>
    public int Rounds { get; init; } = 6;

    /// <summary>How many workers of the bare forwarder, and of the vault with storage in process, take their way's turns in turn.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>The folder of a published bare forwarder; null: what was built beside this program.</summary>
    public string? BareDirectory { get; init; }

    /// <summary>False: figures are reported and miss nothing; what failed does.</summary>
    public bool JudgesFigures { get; init; } = true;
}

/// <summary>What a proxied call costs beside the same call without a vault.</summary>
/// <remarks>
/// All ways stand ready side by side and take turns, so that whatever the machine does besides meets all of them. Goals, against a bare forwarder in the same kind of worker under
/// the same host: with storage answered in process at least 0.8 of its throughput (0.95 where the answer is long), at most 150 µs more at the median of a single caller's
/// shortest calls, and no more memory for a long answer than for a short one.
/// </remarks>
public static class ForwardingCost
{
    private const double LeastShare = 0.8;
    private const double LeastShareOfLong = 0.95;
    private const int FewMethods = 50;
    private const long MemoryNoise = 64 * 1024 * 1024;

    // What calls leave to be recorded, or cut off behind them, is none of the next one's turn.
    private static readonly TimeSpan UntilQuiet = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MostAdded = TimeSpan.FromMicroseconds(150);

    /// <summary>Measures every way with every length and number of connections.</summary>
    public static async Task<Report> RunAsync(ForwardingSetup setup, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(setup);
        await using var ways = await Ways.StartAsync(setup.Connections.Max(), setup.Workers, setup.BareDirectory, cancellationToken);
        for (var worker = 0; worker < setup.Workers; worker++)
        {
            foreach (var way in worker % 2 is 0 ? ways.All : ways.All.Reverse())
            {
                if (worker < way.Instances.Count)
                {
                    await WarmUpAsync(way.Instances[worker], setup, cancellationToken);
                }
            }
        }

        var cells = new List<Cell>();
        foreach (var answer in setup.Answers.Select(bytes => new ForwardedAnswer(bytes)))
        {
            foreach (var connections in setup.Connections)
            {
                cells.AddRange(await MeasureAsync(ways, answer, connections, setup, cancellationToken));
                Progress.Say($"forwarding: {answer} over {connections} connections is measured");
            }
        }

        var sizes = new Dictionary<string, object>
        {
            ["turn_seconds"] = setup.Turn.TotalSeconds,
            ["rounds"] = setup.Rounds,
            ["workers"] = setup.Workers,
            ["answers"] = setup.Answers,
            ["connections"] = setup.Connections,
        };
        return new Report("forwarding", sizes, [.. cells.Select(cell => Row(cell, BareOf(cells, cell)))], [.. Failures(cells), .. setup.JudgesFigures ? Missed(cells) : []])
        {
            Chart = new Chart("Throughput, in times a bare forwarder's; the marks are the goals", [.. cells.Where(cell => cell.Way is Way.Canned or Way.Azurite).Select(cell => new ChartBar(
                $"{cell.Answer}, {(cell.Connections is 1 ? "1 connection" : $"{cell.Connections} connections")}", cell.Way, cell.Over(BareOf(cells, cell)), cell.Way is Way.Canned ? Least(cell) : null))]),
        };
    }

    // The runtime compiles a busy worker twice over, beside its calls: until it has, that is what would be measured.
    private static async Task WarmUpAsync(Instance instance, ForwardingSetup setup, CancellationToken cancellationToken)
    {
        var compiled = 0L;
        for (var time = 0; time < setup.MostWarmUps; time++)
        {
            await Load.RunAsync(instance, new ForwardedAnswer(setup.Answers.Min()), setup.Connections.Max(), setup.WarmUp, cancellationToken);
            if (instance.ProbePort is not { } port || (await InsideWorker.AskAsync(port, cancellationToken)).Compiled is var now && now - compiled < FewMethods)
            {
                return;
            }

            compiled = now;
        }
    }

    private static async Task<IReadOnlyList<Cell>> MeasureAsync(Ways ways, ForwardedAnswer answer, int connections, ForwardingSetup setup, CancellationToken cancellationToken)
    {
        var cells = ways.All.Select(way => new Cell(way.Name, answer, connections)).ToArray();
        for (var round = 0; round < setup.Workers + setup.Rounds; round++)
        {
            var turns = ways.All.Zip(cells, (way, cell) => (way.In(round), cell)).ToArray();
            foreach (var (instance, cell) in round % 2 is 0 ? turns : turns.AsEnumerable().Reverse())
            {
                using var watch = instance.ProcessId is { } process ? await ProcessWatch.BeginAsync(process, instance.ProbePort, cancellationToken) : null;
                var load = await Load.RunAsync(instance, answer, connections, setup.Turn, cancellationToken);
                var use = watch is null ? null : await watch.EndAsync(cancellationToken);
                if (round >= setup.Workers) // The first of each opens connections.
                {
                    cell.Add(load, use);
                }

                await Task.Delay(UntilQuiet, TimeProvider.System, cancellationToken);
            }
        }

        return cells;
    }

    private static Cell BareOf(IReadOnlyList<Cell> cells, Cell cell) => cells.Single(one => one.Way == Way.Bare && one.Answer == cell.Answer && one.Connections == cell.Connections);

    private static double Least(Cell cell) => cell.Answer.IsLong ? LeastShareOfLong : LeastShare;

    private static Dictionary<string, object> Row(Cell cell, Cell bare) => new()
    {
        ["way"] = cell.Way,
        ["answer"] = $"{cell.Answer}",
        ["connections"] = cell.Connections,
        ["calls"] = cell.Calls,
        ["failed"] = cell.Failed,
        ["p50 (ms)"] = OfCalls(cell.Took[50]),
        ["p99 (ms)"] = OfCalls(cell.Took[99]),
        ["calls/s"] = Math.Round(cell.Throughput / cell.Answer.Bytes, 2),
        ["MB/s"] = Math.Round(cell.Throughput / (1024 * 1024), 1),
        ["÷ bare"] = Math.Round(cell.Over(bare), 3),
        ["p50 − bare (µs)"] = cell.Calls > 0 && bare.Calls > 0 ? Math.Round((cell.Took[50] - bare.Took[50]).TotalMicroseconds) : "",
        ["CPU per call (µs)"] = cell.CpuPerCall is { } cpu ? Math.Round(cpu.TotalMicroseconds) : "",
        ["allocated per call (KB)"] = cell.AllocatedPerCall is { } bytes ? Math.Round(bytes / 1024, 1) : "",
        ["peak memory (MB)"] = cell.PeakMemory is { } peak ? peak / (1024 * 1024) : "",
    };

    private static object OfCalls(TimeSpan took) => took > TimeSpan.Zero ? Math.Round(took.TotalMilliseconds, 3) : "";

    // The emulator, one process for all, may be too slow for a few.
    private static IEnumerable<string> Failures(IEnumerable<Cell> cells) => cells
        .Where(cell => cell.Failed > (cell.Way == Way.Azurite ? Math.Max(1, cell.Calls / 100) : 0))
        .Select(cell => $"{cell.Way}, {cell.Answer}, {cell.Connections} connections: {cell.Failed} calls failed, the first with {cell.Fault}.");

    private static IEnumerable<string> Missed(IReadOnlyList<Cell> cells)
    {
        var shortest = cells.Min(cell => cell.Answer.Bytes);
        foreach (var vault in cells.Where(cell => cell.Way == Way.Canned))
        {
            var (bare, least) = (BareOf(cells, vault), Least(vault));
            var name = $"{vault.Way}, {vault.Answer}, {vault.Connections} connections";
            if (vault.Over(bare) is var share && share < least)
            {
                yield return $"{name}: {share:0.000} of the bare forwarder's throughput, not {least}.";
            }

            if (vault.Connections is 1 && vault.Answer.Bytes == shortest && vault.Took[50] - bare.Took[50] is var added && added > MostAdded)
            {
                yield return $"{name}: {added.TotalMicroseconds:0} µs more at the median, not {MostAdded.TotalMicroseconds:0}.";
            }

            if (vault.Answer.IsLong && cells.Where(one => one.Way == vault.Way && !one.Answer.IsLong).Max(one => one.PeakMemory) is { } before && vault.PeakMemory > before + MemoryNoise)
            {
                yield return $"{name}: {vault.PeakMemory >> 20} MB of memory at most, {before >> 20} MB with short answers.";
            }
        }
    }
}
