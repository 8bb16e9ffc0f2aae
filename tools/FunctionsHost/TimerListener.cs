using System.Text.Json;
using Alter.FunctionsHost.Protocol;

namespace Alter.FunctionsHost;

/// <summary>Runs one timer function: once per tick on one of the workers, and never while an earlier tick is still in work.</summary>
internal sealed class TimerListener(FunctionDefinition function, TimerSchedule schedule, RunFunction run, TimeProvider time)
{
    // Timers cannot wait for longer than 49 days; a yearly tick is approached in steps.
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);
    private static readonly Dictionary<string, TypedData> NoMetadata = [];

    private DateTimeOffset last;

    public FunctionDefinition Function => function;

    public async Task RunAsync(CancellationToken stopping)
    {
        if (((TimerTrigger)function.Trigger).RunOnStartup)
        {
            await TryFireAsync(stopping);
        }

        var tick = time.GetUtcNow();
        // Counting from the last tick too: a clock read a hair early would find the same tick again.
        while (schedule.Next(Later(tick, time.GetUtcNow())) is { } next)
        {
            for (var wait = next - time.GetUtcNow(); wait > TimeSpan.Zero; wait = next - time.GetUtcNow())
            {
                await Task.Delay(wait < LongestWait ? wait : LongestWait, time, stopping);
            }

            tick = next;
            await TryFireAsync(stopping);
        }
    }

    /// <summary>Runs the function now, beside the schedule.</summary>
    /// <exception cref="InvocationFailedException">It failed.</exception>
    public async Task FireAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var status = new { Last = last, Next = schedule.Next(now), LastUpdated = now };
        var input = new TypedData { Json = JsonSerializer.Serialize(new { Schedule = new { AdjustForDST = true }, ScheduleStatus = status, IsPastDue = false }) };
        last = now;
        await run(function, input, NoMetadata, cancellationToken);
    }

    private async Task TryFireAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FireAsync(cancellationToken);
        }
        catch (InvocationFailedException)
        {
            // Logged where it happened. As in Azure a failed run is not repeated; the next tick comes.
        }
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
