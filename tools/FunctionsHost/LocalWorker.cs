using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Alter.FunctionsHost;

/// <summary>One place for a worker process: whoever dies in it is replaced.</summary>
public sealed class LocalWorker
{
    // Azure grants a worker a minute; a local one needs about a second.
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ListeningPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    // The worker chooses its port some time before it listens there; by then another process may have it, and the worker ends.
    private const int MostFirstStarts = 5;

    private readonly AppFolder app;
    private readonly WorkerGateway gateway;
    private readonly Settings settings;
    private readonly HostLog log;
    private readonly CancellationToken leaving;
    private readonly TaskCompletionSource<IReadOnlyList<FunctionDefinition>> firstReady = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();
    private TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile WorkerProcess? process;
    private volatile Running? running;
    private Task supervision = Task.CompletedTask;
    private int restarts;

    internal LocalWorker(int number, AppFolder app, WorkerGateway gateway, Settings settings, HostLog log, CancellationToken leaving)
    {
        (Number, this.app, this.gateway, this.settings, this.log, this.leaving) = (number, app, gateway, settings, log, leaving);
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

    /// <summary>Fills the place and keeps it filled until the token given at construction is cancelled.</summary>
    internal void Start() => supervision = SuperviseAsync();

    /// <summary>Asks the process to leave, the token given at construction having been cancelled, and makes it leave when it does not.</summary>
    internal async Task StopAsync(TimeSpan patience)
    {
        running?.Channel.Terminate();
        try
        {
            await supervision.WaitAsync(patience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            log.Host(LogLevel.Warning, $"Worker {Number} did not leave within {patience.TotalSeconds:0} s and is killed.");
            process?.Kill();
            await supervision;
        }
    }

    /// <summary>The last resort when this process itself ends.</summary>
    internal void KillNow() => process?.Kill();

    private async Task SuperviseAsync()
    {
        for (var failures = 0; !leaving.IsCancellationRequested;)
        {
            var served = false;
            try
            {
                await RunOnceAsync();
                served = true;
            }
            catch (OperationCanceledException) when (leaving.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is HostStartException or WorkerLostException or OperationCanceledException)
            {
                var reason = e is OperationCanceledException ? $"it was not ready after {StartLimit.TotalSeconds:0} s." : e.Message;
                var isGivenUp = e is not WorkerLostException || failures + 1 >= MostFirstStarts;
                if (isGivenUp && firstReady.TrySetException(new HostStartException($"Worker {Number} did not start: {reason}")))
                {
                    return; // The very first start failed, which is the caller's to mend.
                }

                log.Host(LogLevel.Error, $"Worker {Number} did not start: {reason}");
            }

            if (leaving.IsCancellationRequested)
            {
                break;
            }

            failures = served ? 0 : failures + 1;
            var pause = TimeSpan.FromMilliseconds(Math.Min(100 * Math.Pow(2, failures), LongestPause.TotalMilliseconds));
            Interlocked.Increment(ref restarts);
            log.Host(LogLevel.Warning, $"Worker {Number} is restarted.");
            await Task.Delay(pause, TimeProvider.System, leaving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        firstReady.TrySetCanceled(CancellationToken.None);
    }

    // Returns when a process that had been ready is gone; throws when it never got ready: WorkerLostException where it had greeted the host.
    private async Task RunOnceAsync()
    {
        var workerId = Guid.NewGuid().ToString();
        var channel = new WorkerChannel(Number, log);
        var connected = gateway.ExpectAsync(workerId, channel);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var started = WorkerProcess.Start(app, gateway.Address, workerId, settings.All, line => log.WorkerOutput(Number, line));
        (process, ProcessId) = (started, started.Id);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(leaving);
            limit.CancelAfter(StartLimit);
            var exited = started.WaitForExitAsync();
            var functions = await PrepareAsync(started, channel, connected, exited, limit.Token);
            lock (gate)
            {
                running = new Running(channel, started, gone);
                ready.TrySetResult();
            }

            firstReady.TrySetResult(functions);
            await exited;
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

            started.Kill();
            await started.WaitForExitAsync();
            (process, ProcessId) = (null, 0);
            if (!leaving.IsCancellationRequested)
            {
                log.Host(LogLevel.Error, $"Worker {Number} (process {started.Id}) ended with exit code {started.ExitCode}.");
            }

            channel.Close();
            gone.TrySetResult();
        }
    }

    private async Task<IReadOnlyList<FunctionDefinition>> PrepareAsync(WorkerProcess started, WorkerChannel channel, Task connected, Task exited, CancellationToken limit)
    {
        using var living = CancellationTokenSource.CreateLinkedTokenSource(limit);
        var preparing = ConnectAndPrepareAsync(living.Token);
        if (await Task.WhenAny(preparing, exited) == exited && !limit.IsCancellationRequested)
        {
            await living.CancelAsync();
            await ((Task)preparing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.WhenAny(connected, Task.Delay(LastWords, TimeProvider.System, limit)); // What it sent before its end may still have to be read.
            const string Ended = "the process ended before it was ready; its own words are above.";
            throw connected.IsCompletedSuccessfully ? new WorkerLostException(Ended) : new HostStartException(Ended);
        }

        return await preparing;

        async Task<IReadOnlyList<FunctionDefinition>> ConnectAndPrepareAsync(CancellationToken cancellationToken)
        {
            await connected.WaitAsync(cancellationToken);
            var functions = await channel.PrepareAsync(app, cancellationToken);
            await ListensAsync(started, new Uri(channel.HttpUri), cancellationToken);
            return functions;
        }
    }

    // The worker greets the host before it takes HTTP. Where the system tells whose the port is, somebody else's does not count: the worker is about to find it taken.
    private static async Task ListensAsync(WorkerProcess process, Uri address, CancellationToken cancellationToken)
    {
        while (!(ListeningSockets.On(address.Port) is { Count: > 0 } sockets ? process.HasOneOf(sockets) : await AnswersAsync(address, cancellationToken)))
        {
            await Task.Delay(ListeningPause, TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<bool> AnswersAsync(Uri address, CancellationToken cancellationToken)
    {
        using var probe = new TcpClient();
        try
        {
            await probe.ConnectAsync(address.Host, address.Port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private sealed record Running(WorkerChannel Channel, WorkerProcess Process, TaskCompletionSource Gone);
}
