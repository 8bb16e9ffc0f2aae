using System.Globalization;
using Alter.FunctionsHost;

namespace Alter.Tests.FunctionsHost;

public sealed class TimerScheduleTests
{
    private static readonly Settings None = SettingsTests.Given();

    [Fact]
    public void Six_fields_begin_with_the_second()
    {
        var schedule = TimerSchedule.Parse("15 */5 * * * *", None, out _);
        Assert.Equal(At("2026-01-01T10:05:15Z"), schedule?.Next(At("2026-01-01T10:01:00Z")));
    }

    [Fact]
    public void Five_fields_are_taken_as_well()
    {
        var schedule = TimerSchedule.Parse("*/5 * * * *", None, out _);
        Assert.Equal(At("2026-01-01T10:05:00Z"), schedule?.Next(At("2026-01-01T10:01:00Z")));
    }

    [Fact]
    public void A_tick_is_not_its_own_successor()
    {
        var schedule = TimerSchedule.Parse("0 * * * * *", None, out _);
        Assert.Equal(At("2026-01-01T10:02:00Z"), schedule?.Next(At("2026-01-01T10:01:00Z")));
    }

    [Fact]
    public void A_schedule_may_stand_in_a_setting()
    {
        var schedule = TimerSchedule.Parse("%Often%", SettingsTests.Given(("Often", "* * * * * *")), out _);
        Assert.Equal(At("2026-01-01T10:00:01Z"), schedule?.Next(At("2026-01-01T10:00:00Z")));
    }

    [Theory]
    [InlineData("%Often%", "needs the setting \"Often\"")]
    [InlineData("00:05:00", "no cron expression")]
    [InlineData("every minute", "no cron expression")]
    [InlineData("", "no cron expression")]
    public void What_Azure_would_refuse_is_refused_with_a_reason(string text, string reason)
    {
        Assert.Null(TimerSchedule.Parse(text, None, out var fault));
        Assert.Contains(reason, fault, StringComparison.Ordinal);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
