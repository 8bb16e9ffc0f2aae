using Microsoft.Extensions.Logging;

namespace Alter.FunctionsHost;

/// <summary>Runs a built Functions app locally: real isolated workers behind one address, with its timers and queues.</summary>
public sealed class LocalFunctionsHost : IAsyncDisposable
{
    private const int MostWorkers = 64;
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource leaving;
    private readonly HostLog log;
    private readonly WorkerPool pool;
    private readonly HttpFront front;
    private readonly WorkerGateway gateway;
    private readonly List<Task> running = [];
    private Listeners listeners = Listeners.None;
    private Task? stopped;

    private LocalFunctionsHost(HostLog log, WorkerPool pool, HttpFront front, WorkerGateway gateway, CancellationTokenSource leaving)
    {
        (this.log, this.pool, this.front, this.gateway, this.leaving) = (log, pool, front, gateway, leaving);
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    /// <summary>Where the app answers, such as <c>http://127.0.0.1:7071/</c>.</summary>
    public Uri Address => front.Url;

    /// <summary>The workers, in the order of their numbers.</summary>
    public IReadOnlyList<LocalWorker> Workers => pool.Workers;

    /// <summary>Starts everything and returns when all workers take calls.</summary>
    /// <exception cref="HostStartException">The folder is no Functions app, the port is taken, or the worker does not start.</exception>
    public static async Task<LocalFunctionsHost> StartAsync(FunctionsHostOptions options, CancellationToken cancellationToken = default)
    {
        if (options.Workers is < 1 or > MostWorkers)
        {
            throw new HostStartException($"The number of workers must be from 1 to {MostWorkers}.");
        }

        var app = AppFolder.Open(options.AppDirectory);
        var settings = Settings.Merge(Settings.FromFile(app.Directory), Settings.FromProcess(), options.Settings);
        var log = new HostLog(options.Output, options.Time, app.Configuration.LogLevels);
        var workers = new List<LocalWorker>();
        var pool = new WorkerPool(workers, log);
        var front = await HttpFront.StartAsync(options, settings, pool, log, cancellationToken);

        // Core Tools sets both.
        settings.SetDefault("WEBSITE_HOSTNAME", front.Url.Authority.Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
        settings.SetDefault("AZURE_FUNCTIONS_ENVIRONMENT", "Development");
        settings.SetDefault("FUNCTIONS_WORKER_RUNTIME", "dotnet-isolated");

        var leaving = new CancellationTokenSource();
        var gateway = await WorkerGateway.StartAsync(cancellationToken);
        workers.AddRange(Enumerable.Range(1, options.Workers).Select(number => new LocalWorker(number, app, gateway, settings, log, leaving.Token)));
        var host = new LocalFunctionsHost(log, pool, front, gateway, leaving);
        try
        {
            await host.OpenAsync(app, settings, options.Time, cancellationToken);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills a worker's process; see <see cref="LocalWorker.KillAsync"/>.</summary>
    /// <param name="index">Counts from 0, as in <see cref="Workers"/>.</param>
    public Task KillAsync(int index, CancellationToken cancellationToken = default) => Workers[index].KillAsync(cancellationToken);

    /// <summary>Runs a timer function now and waits for it.</summary>
    /// <exception cref="InvocationFailedException">It failed.</exception>
    public Task FireTimerAsync(string name, CancellationToken cancellationToken = default) =>
        listeners.Timer(name)?.FireAsync(cancellationToken) ?? throw new ArgumentException($"There is no timer function \"{name}\".", nameof(name));

    /// <summary>Ends calls and listeners in good order, then the workers.</summary>
    public Task StopAsync() => stopped ??= StopOnceAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stopping.Dispose();
        leaving.Dispose();
    }

    private async Task OpenAsync(AppFolder app, Settings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        foreach (var worker in pool.Workers)
        {
            worker.Start();
        }

        var functions = (await Task.WhenAll(pool.Workers.Select(w => w.FirstReady)).WaitAsync(cancellationToken))[0];
        foreach (var disabled in functions.Where(IsDisabled))
        {
            log.Host(LogLevel.Warning, $"{disabled.Name} is disabled by a setting.", "Host.Startup");
        }

        functions = [.. functions.Where(f => !IsDisabled(f))];
        var routes = RouteTable.Build(functions, app.Configuration.RoutePrefix, front.Constraints, ReportFault);
        listeners = Listeners.Create(functions, settings, app.Configuration.Queues, pool.InvokeAsync, log, time, ReportFault);
        running.AddRange(listeners.Start(stopping.Token));
        front.Open(routes, new AdminEndpoint(name => listeners.TryStart(name, stopping.Token)));
        Greeting.Print(log, Address, routes, listeners);

        bool IsDisabled(FunctionDefinition f) => settings.IsTrue($"AzureWebJobs.{f.Name}.Disabled") || settings.IsTrue($"AzureWebJobs__{f.Name}__Disabled");

        void ReportFault(string name, string fault) => log.Say($"The function {name} is in error: {fault}.");
    }

    private async Task StopOnceAsync()
    {
        using (var limit = new CancellationTokenSource(DrainLimit, TimeProvider.System))
        {
            await front.StopAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Listeners first ask their functions to end; what does not end loses its worker.
        await stopping.CancelAsync();
        var listening = Task.WhenAll(running);
        await Task.WhenAny(listening, Task.Delay(DrainLimit, TimeProvider.System));
        await leaving.CancelAsync();
        await Task.WhenAll(pool.Workers.Select(w => w.StopAsync(DrainLimit)));
        await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await front.DisposeAsync();
        await gateway.DisposeAsync();
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
    }

    private void OnProcessExit(object? sender, EventArgs e)
    {
        leaving.Cancel();
        foreach (var worker in pool.Workers)
        {
            worker.KillNow();
        }
    }
}
