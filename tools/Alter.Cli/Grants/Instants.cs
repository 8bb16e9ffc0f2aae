using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Alter.Cli.Grants;

/// <summary>Instants as they are typed and shown: UTC always.</summary>
internal static partial class Instants
{
    private const string Words = "A span like 90m, 24h or 7d, or an instant like 2026-11-24T12:00Z.";

    /// <summary>To the minute, for a column.</summary>
    public static string Minute(DateTimeOffset? instant) => instant is { } at && at != default ? at.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture) : "-";

    /// <summary>With how far away it is.</summary>
    public static string Told(DateTimeOffset instant, DateTimeOffset now) =>
        $"{instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)}, {(instant > now ? $"in {Shown.Span(instant - now)}" : $"{Shown.Span(now - instant)} ago")}";

    /// <summary><c>--since</c>, as a function of now.</summary>
    public static Option<string?> Since(string description)
    {
        var option = new Option<string?>("--since") { Description = $"{description} {Words}" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && Parse(text, DateTimeOffset.UnixEpoch.AddYears(100)) is null)
            {
                result.AddError($"--since: {Words}");
            }
        });
        return option;
    }

    /// <summary>The instant a text means; null where it means none.</summary>
    public static DateTimeOffset? Parse(string text, DateTimeOffset now)
    {
        if (Span().Match(text) is { Success: true } match)
        {
            var count = int.Parse(match.Groups["count"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
            return now - match.Groups["unit"].Value switch
            {
                "m" => TimeSpan.FromMinutes(count),
                "h" => TimeSpan.FromHours(count),
                _ => TimeSpan.FromDays(count),
            };
        }

        return Iso().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant : null;
    }

    [GeneratedRegex(@"^(?<count>[0-9]{1,4})(?<unit>[mhd])\z")]
    private static partial Regex Span();

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]{5,16}(Z|[+-][0-9]{2}:[0-9]{2})?)?\z")]
    private static partial Regex Iso();
}
