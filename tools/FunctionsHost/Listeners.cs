using Microsoft.Extensions.Logging;

namespace Alter.FunctionsHost;

/// <summary>Everything that starts functions by itself: one listener per timer and per queue function, for all workers together.</summary>
internal sealed class Listeners
{
    public static readonly Listeners None = new([], []);

    private readonly List<TimerListener> timers;
    private readonly List<QueueListener> queues;

    private Listeners(List<TimerListener> timers, List<QueueListener> queues) => (this.timers, this.queues) = (timers, queues);

    public IEnumerable<FunctionDefinition> Functions => timers.Select(t => t.Function).Concat(queues.Select(q => q.Function));

    public static Listeners Create(
        IEnumerable<FunctionDefinition> functions, Settings settings, QueueConfiguration configuration, RunFunction run, HostLog log, TimeProvider time,
        Action<string, string> reportFault)
    {
        var (timers, queues) = (new List<TimerListener>(), new List<QueueListener>());
        foreach (var function in functions)
        {
            var fault = "";
            switch (function.Trigger)
            {
                case TimerTrigger timer when TimerSchedule.Parse(timer.Schedule, settings, out fault) is { } schedule:
                    timers.Add(new TimerListener(function, schedule, run, time));
                    break;
                case QueueTrigger trigger when QueueConnection.Open(trigger, settings, out fault) is var (queue, poison):
                    queues.Add(new QueueListener(function, queue, poison, configuration, run, log, time));
                    break;
                case UnknownTrigger unknown:
                    fault = $"this local host knows no trigger of type {unknown.Type}";
                    break;
            }

            if (fault.Length > 0)
            {
                reportFault(function.Name, fault);
            }
        }

        return new Listeners(timers, queues);
    }

    public TimerListener? Timer(string name) => timers.Find(t => Named(t.Function, name));

    public IEnumerable<Task> Start(CancellationToken stopping) =>
        [.. timers.Select(t => t.RunAsync(stopping)), .. queues.Select(q => q.RunAsync(stopping))];

    /// <summary>Starts a function without waiting for it; a queue function gets an empty message.</summary>
    /// <returns>False where there is no such function.</returns>
    public bool TryStart(string name, CancellationToken stopping)
    {
        var run = Timer(name)?.FireAsync(stopping) ?? queues.Find(q => Named(q.Function, name))?.FireAsync("", stopping);
        // Whoever asked has gone already; the outcome is in the log.
        _ = run?.ContinueWith(static done => _ = done.Exception, TaskScheduler.Default);
        return run is not null;
    }

    private static bool Named(FunctionDefinition function, string name) => string.Equals(function.Name, name, StringComparison.OrdinalIgnoreCase);
}
