using Cronos;

namespace Alter.FunctionsHost;

/// <summary>A timer's cron expression of six fields, seconds first (five are taken too), in UTC whatever the machine's zone.</summary>
internal sealed class TimerSchedule
{
    private readonly CronExpression expression;

    private TimerSchedule(CronExpression expression) => this.expression = expression;

    /// <returns>The schedule, or null with the reason; a time span is none, for Azure's Flex plan refuses it.</returns>
    public static TimerSchedule? Parse(string text, Settings settings, out string fault)
    {
        if (!settings.TryResolve(text, out var resolved))
        {
            fault = $"its schedule needs the setting \"{resolved}\"";
            return null;
        }

        var fields = resolved.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
        if (CronExpression.TryParse(resolved, fields == 5 ? CronFormat.Standard : CronFormat.IncludeSeconds, out var expression))
        {
            fault = "";
            return new TimerSchedule(expression);
        }

        fault = $"its schedule \"{resolved}\" is no cron expression of six fields";
        return null;
    }

    /// <summary>The first tick after the given instant; null when there is none left.</summary>
    public DateTimeOffset? Next(DateTimeOffset after) => expression.GetNextOccurrence(after, TimeZoneInfo.Utc);
}
