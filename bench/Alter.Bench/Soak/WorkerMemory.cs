using System.Diagnostics;
using Alter.FunctionsHost;

namespace Alter.Bench.Soak;

/// <summary>The resident memory of one worker's process over a run.</summary>
internal sealed class WorkerMemory(LocalWorker worker)
{
    private static readonly TimeSpan Often = TimeSpan.FromSeconds(2);

    private readonly List<double> samples = [];

    /// <summary>In MB, on average between a fifth and three tenths of the run.</summary>
    public int AfterQuarter => Average(0.2, 0.3);

    /// <summary>In MB, on average over its last tenth.</summary>
    public int AtEnd => Average(0.9, 1);

    /// <summary>How many times as much at the end.</summary>
    public double Ratio => AfterQuarter is 0 ? 0 : Math.Round((double)AtEnd / AfterQuarter, 2);

    public async Task WatchAsync(CancellationToken time)
    {
        while (!time.IsCancellationRequested)
        {
            if (worker.ProcessId is > 0 and var id)
            {
                using var process = Process.GetProcessById(id);
                samples.Add(process.WorkingSet64 / 1e6);
            }

            await Task.Delay(Often, TimeProvider.System, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private int Average(double from, double to) =>
        (int)Math.Round(samples.Skip((int)(samples.Count * from)).Take(Math.Max(1, (int)(samples.Count * (to - from)))).DefaultIfEmpty().Average());
}
