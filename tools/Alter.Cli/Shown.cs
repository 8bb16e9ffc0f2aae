using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Alter.Cli;

/// <summary>Text a stranger may have written, made fit for a terminal.</summary>
internal static class Shown
{
    private const int MaxLength = 200;

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Visible ASCII alone: an escape sequence could repaint the screen, another script could look like the right issuer.</summary>
    public static string Text(string text)
    {
        var kept = string.Concat(text.Take(MaxLength).Select(c => c is >= ' ' and <= '~' ? c.ToString() : $"\\u{(int)c:x4}"));
        return text.Length > MaxLength ? kept + "…" : kept;
    }

    /// <summary>Several, with blanks between.</summary>
    public static string Texts(IReadOnlyCollection<string> texts) => string.Join("  ", texts.Take(10).Select(Text)) + (texts.Count > 10 ? "  …" : "");

    /// <summary>A JSON string to paste.</summary>
    public static string Quoted(string text) => JsonSerializer.Serialize(Text(text), Json);

    /// <summary>A JSON list to paste.</summary>
    public static string List(IEnumerable<string> texts) => $"[{string.Join(", ", texts.Select(Quoted))}]";

    /// <summary>"3 minutes", in the largest unit that fits.</summary>
    public static string Span(TimeSpan span)
    {
        var (count, unit) = span.Duration() switch
        {
            { TotalDays: >= 2 } days => (days.TotalDays, "days"),
            { TotalHours: >= 2 } hours => (hours.TotalHours, "hours"),
            { TotalMinutes: >= 2 } minutes => (minutes.TotalMinutes, "minutes"),
            var seconds => (seconds.TotalSeconds, "seconds"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(count)} {unit}");
    }
}
