using System.Diagnostics;

namespace Alter.Bench.Running;

/// <summary>What a process used while it was watched.</summary>
/// <param name="Cpu">Processor time, of all its threads.</param>
/// <param name="PeakMemory">The most resident memory, in bytes, of looks 50 ms apart.</param>
/// <param name="Allocated">Bytes allocated on the managed heap; null: it cannot be asked.</param>
public sealed record ProcessUse(TimeSpan Cpu, long PeakMemory, long? Allocated);

/// <summary>Watches one process.</summary>
public sealed class ProcessWatch : IDisposable
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(50);

    private readonly Process process;
    private readonly int? probePort;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task looking;
    private readonly TimeSpan cpuBefore;
    private readonly long? allocatedBefore;
    private long peak;

    private ProcessWatch(Process process, int? probePort, long? allocatedBefore)
    {
        (this.process, this.probePort, this.allocatedBefore) = (process, probePort, allocatedBefore);
        cpuBefore = process.TotalProcessorTime;
        looking = LookAsync();
    }

    /// <summary>Begins.</summary>
    /// <param name="processId">Which process.</param>
    /// <param name="probePort">Where <see cref="InsideWorker"/> answers in it; null: it does not.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public static async Task<ProcessWatch> BeginAsync(int processId, int? probePort, CancellationToken cancellationToken) =>
        new(Process.GetProcessById(processId), probePort, probePort is { } port ? (await InsideWorker.AskAsync(port, cancellationToken)).Allocated : null);

    /// <summary>Ends, and tells.</summary>
    public async Task<ProcessUse> EndAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        await looking;
        Look();
        var cpu = process.TotalProcessorTime - cpuBefore;
        var allocated = probePort is { } port ? (await InsideWorker.AskAsync(port, cancellationToken)).Allocated - allocatedBefore : null;
        return new ProcessUse(cpu, peak, allocated);
    }

    public void Dispose()
    {
        stopping.Dispose();
        process.Dispose();
    }

    private async Task LookAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            Look();
            await Task.Delay(Often, TimeProvider.System, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Look()
    {
        process.Refresh();
        peak = Math.Max(peak, process.WorkingSet64);
    }
}
