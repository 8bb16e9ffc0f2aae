using Alter.FunctionsHost.Protocol;
using Microsoft.Extensions.Logging;

namespace Alter.FunctionsHost;

/// <summary>All workers behind one address; calls go round.</summary>
internal sealed class WorkerPool(IReadOnlyList<LocalWorker> workers, HostLog log)
{
    private uint turn;

    public IReadOnlyList<LocalWorker> Workers { get; } = workers;

    /// <summary>The next worker that takes calls, or none.</summary>
    public WorkerChannel? Next()
    {
        var first = Interlocked.Increment(ref turn) - 1;
        for (var i = 0u; i < Workers.Count; i++)
        {
            if (Workers[(int)((first + i) % Workers.Count)].Channel is { } channel)
            {
                return channel;
            }
        }

        return null;
    }

    /// <inheritdoc cref="RunFunction"/>
    public async Task InvokeAsync(
        FunctionDefinition function, TypedData input, IReadOnlyDictionary<string, TypedData> metadata, CancellationToken cancellationToken)
    {
        try
        {
            var channel = Next() ?? throw new WorkerLostException("No worker is running.");
            channel.DemandLoaded(function);
            await channel.InvokeAsync(Invocation.Create(Guid.NewGuid().ToString(), function, input, metadata, trace: null), cancellationToken);
            log.Host(LogLevel.Information, $"{function.Name} succeeded.", "Host.Results");
        }
        catch (InvocationFailedException e)
        {
            log.Host(LogLevel.Error, $"{function.Name} failed: {e.Message}", "Host.Results");
            throw;
        }
    }
}
