using System.Text.Json;
using System.Threading.Channels;
using Alter.FunctionsHost;
using Alter.FunctionsHost.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.FunctionsHost;

public sealed class TimerListenerTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 10, 0, 30, TimeSpan.Zero);

    private readonly WatchedTime time = new(Start);
    private readonly Channel<TypedData> runs = Channel.CreateUnbounded<TypedData>();

    [Fact]
    public async Task Each_tick_runs_once_and_not_before_its_time()
    {
        using var stopping = new CancellationTokenSource();
        var listening = Listener("0 * * * * *", Succeed).RunAsync(stopping.Token);

        await time.TimerSetAsync();
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(runs.Reader.TryRead(out _));
        time.Advance(TimeSpan.FromSeconds(1));
        await runs.Reader.ReadAsync(TestContext.Current.CancellationToken);
        for (var minute = 0; minute < 2; minute++)
        {
            await time.TimerSetAsync();
            time.Advance(TimeSpan.FromMinutes(1));
            await runs.Reader.ReadAsync(TestContext.Current.CancellationToken);
            Assert.False(runs.Reader.TryRead(out _));
        }

        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listening);
    }

    [Fact]
    public async Task A_failed_run_is_not_repeated_and_the_next_tick_comes()
    {
        using var stopping = new CancellationTokenSource();
        var listening = Listener("0 * * * * *", Fail).RunAsync(stopping.Token);

        await time.TimerSetAsync();
        time.Advance(TimeSpan.FromSeconds(30));
        await runs.Reader.ReadAsync(TestContext.Current.CancellationToken);
        await time.TimerSetAsync();
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(runs.Reader.TryRead(out _));
        time.Advance(TimeSpan.FromSeconds(1));
        await runs.Reader.ReadAsync(TestContext.Current.CancellationToken);

        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listening);
    }

    [Fact]
    public async Task The_function_learns_its_schedule()
    {
        await Listener("0 * * * * *", Succeed).FireAsync(CancellationToken.None);
        var input = JsonDocument.Parse((await runs.Reader.ReadAsync(TestContext.Current.CancellationToken)).Json).RootElement;
        Assert.False(input.GetProperty("IsPastDue").GetBoolean());
        Assert.Equal(Start.AddSeconds(30), input.GetProperty("ScheduleStatus").GetProperty("Next").GetDateTimeOffset());
    }

    [Fact]
    public async Task Who_fires_a_timer_by_hand_learns_of_its_failure() =>
        await Assert.ThrowsAsync<InvocationFailedException>(() => Listener("0 * * * * *", Fail).FireAsync(CancellationToken.None));

    private TimerListener Listener(string schedule, RunFunction run) => new(
        new FunctionDefinition("Tick", "Tick", new TimerTrigger("timer", schedule, RunOnStartup: false)),
        TimerSchedule.Parse(schedule, SettingsTests.Given(), out _)!,
        run,
        time);

    private Task Succeed(FunctionDefinition function, TypedData input, IReadOnlyDictionary<string, TypedData> metadata, CancellationToken cancellationToken) =>
        runs.Writer.WriteAsync(input, cancellationToken).AsTask();

    private async Task Fail(FunctionDefinition function, TypedData input, IReadOnlyDictionary<string, TypedData> metadata, CancellationToken cancellationToken)
    {
        await runs.Writer.WriteAsync(input, cancellationToken);
        throw new InvocationFailedException("no");
    }

    // Tells when the listener waits: advancing earlier would take the tick away from under it.
    private sealed class WatchedTime(DateTimeOffset start) : FakeTimeProvider(start)
    {
        private readonly Channel<bool> timers = Channel.CreateUnbounded<bool>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            timers.Writer.TryWrite(true);
            return timer;
        }

        public async Task TimerSetAsync() => await timers.Reader.ReadAsync(TestContext.Current.CancellationToken);
    }
}
