using Alter.FunctionsHost.Protocol;
using Microsoft.Extensions.Logging;

namespace Alter.FunctionsHost;

/// <summary>One place for a worker process: whoever dies in it is replaced.</summary>
public sealed class LocalWorker
{
    // Azure grants a worker a minute; a local one needs about a second.
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly AppFolder app;
    private readonly WorkerGateway gateway;
    private readonly Settings settings;
    private readonly HostLog log;
    private readonly TaskCompletionSource<IReadOnlyList<FunctionDefinition>> firstReady = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();
    private TaskCompletionSource<Running> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile WorkerProcess? process;
    private volatile Running? running;
    private volatile bool leaving;
    private int restarts;

    internal LocalWorker(int number, AppFolder app, WorkerGateway gateway, Settings settings, HostLog log)
    {
        (Number, this.app, this.gateway, this.settings, this.log) = (number, app, gateway, settings, log);
    }

    /// <summary>Counts from 1, as in the log.</summary>
    public int Number { get; }

    /// <summary>The process that holds the place now; 0 while there is none.</summary>
    public int ProcessId { get; private set; }

    /// <summary>How often a process of this place died and was replaced.</summary>
    public int RestartCount => Volatile.Read(ref restarts);

    /// <summary>Whether the worker takes calls.</summary>
    public bool IsReady => running is not null;

    internal WorkerChannel? Channel => running?.Channel;

    /// <summary>Completes as soon as the worker takes calls.</summary>
    public Task WhenReadyAsync(CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return ready.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Kills the process (SIGKILL); completes once it is gone and its pending calls have failed. A new one is started by itself.</summary>
    public async Task KillAsync(CancellationToken cancellationToken = default)
    {
        if (running is { } victim)
        {
            victim.Process.Kill();
            await victim.Gone.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The functions of the first process that got ready.</summary>
    internal Task<IReadOnlyList<FunctionDefinition>> FirstReady => firstReady.Task;

    /// <summary>Keeps the place filled until the host stops.</summary>
    internal async Task RunAsync(CancellationToken stopping)
    {
        for (var failures = 0; !stopping.IsCancellationRequested;)
        {
            var served = false;
            try
            {
                served = await RunOnceAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is HostStartException or WorkerLostException or TimeoutException or OperationCanceledException)
            {
                log.Host(LogLevel.Error, $"Worker {Number} did not start: {e.Message}", "Host.Startup");
                if (firstReady.TrySetException(new HostStartException($"Worker {Number} did not start: {e.Message}")))
                {
                    return; // The very first start failed, which is the caller's to mend.
                }
            }

            if (leaving || stopping.IsCancellationRequested)
            {
                break;
            }

            failures = served ? 0 : failures + 1;
            var pause = TimeSpan.FromMilliseconds(Math.Min(100 * Math.Pow(2, failures), LongestPause.TotalMilliseconds));
            Interlocked.Increment(ref restarts);
            log.Host(LogLevel.Warning, $"Worker {Number} is restarted.");
            await Task.Delay(pause, TimeProvider.System, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        firstReady.TrySetCanceled(CancellationToken.None);
    }

    /// <summary>Asks the process to leave, and makes it leave when it does not.</summary>
    internal async Task StopAsync(TimeSpan patience)
    {
        leaving = true;
        if (process is not { } leaver)
        {
            return;
        }

        running?.Channel.Terminate();
        try
        {
            using var limit = new CancellationTokenSource(patience, TimeProvider.System);
            await leaver.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            log.Host(LogLevel.Warning, $"Worker {Number} did not leave within {patience.TotalSeconds:0} s and is killed.");
        }
        catch (InvalidOperationException)
        {
            // It left and was disposed of meanwhile.
        }

        leaver.Kill();
    }

    /// <summary>The last resort when this process itself ends.</summary>
    internal void KillNow()
    {
        leaving = true;
        process?.Kill();
    }

    /// <returns>True when it got ready and then left or died; an exception when it never got ready.</returns>
    private async Task<bool> RunOnceAsync(CancellationToken stopping)
    {
        var workerId = Guid.NewGuid().ToString();
        var channel = new WorkerChannel(Number, log);
        var connected = gateway.ExpectAsync(workerId, channel);
        using var started = WorkerProcess.Start(app, gateway.Address, workerId, settings.All, line => log.WorkerOutput(Number, line));
        (process, ProcessId) = (started, started.Id);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var exited = started.WaitForExitAsync(stopping);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            limit.CancelAfter(StartLimit);
            var functions = await PrepareAsync(channel, connected, exited, limit.Token);
            lock (gate)
            {
                running = new Running(channel, started, gone);
                ready.TrySetResult(running);
            }

            firstReady.TrySetResult(functions);
            await exited;
            return true;
        }
        finally
        {
            gateway.Forget(workerId);
            lock (gate)
            {
                running = null;
                if (ready.Task.IsCompleted)
                {
                    ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }

            // A stop leaves the process to StopAsync, which has asked it to end or is about to.
            if (!stopping.IsCancellationRequested)
            {
                started.Kill();
                await started.WaitForExitAsync(CancellationToken.None);
                (process, ProcessId) = (null, 0);
                if (!leaving)
                {
                    log.Host(LogLevel.Error, $"Worker {Number} (process {started.Id}) ended with exit code {started.ExitCode}.");
                }
            }

            channel.Close();
            gone.TrySetResult();
        }
    }

    private async Task<IReadOnlyList<FunctionDefinition>> PrepareAsync(WorkerChannel channel, Task connected, Task exited, CancellationToken limit)
    {
        var preparing = ConnectAndPrepareAsync();
        if (await Task.WhenAny(preparing, exited) == exited && !limit.IsCancellationRequested)
        {
            throw new WorkerLostException("the process ended before it was ready; its own words are above.");
        }

        return await preparing;

        async Task<IReadOnlyList<FunctionDefinition>> ConnectAndPrepareAsync()
        {
            await connected.WaitAsync(limit);
            return await channel.PrepareAsync(app, limit);
        }
    }

    private sealed record Running(WorkerChannel Channel, WorkerProcess Process, TaskCompletionSource Gone);
}
