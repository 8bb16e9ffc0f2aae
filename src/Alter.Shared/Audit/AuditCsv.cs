using System.Globalization;
using System.Text.RegularExpressions;

namespace Alter.Audit;

/// <summary>
/// Entries as CSV (RFC 4180). Every cell is quoted, and what a spreadsheet would take for a formula begins with an apostrophe: callers choose some of
/// these texts, and somebody else opens the file.
/// </summary>
public static partial class AuditCsv
{
    private static readonly (string Name, Func<AuditEntry, string?> Value)[] Columns =
    [
        ("at", entry => entry.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
        ("kind", entry => entry.Kind),
        ("app", entry => entry.App),
        ("key_id", entry => entry.KeyId),
        ("caller", entry => entry.Caller),
        ("user", entry => entry.User),
        ("grant_id", entry => entry.GrantId?.ToString("D")),
        ("provider", entry => entry.Provider),
        ("method", entry => entry.Method),
        ("url", entry => entry.Url),
        ("status", entry => Number(entry.Status)),
        ("latency_ms", entry => Number(entry.LatencyMs)),
        ("bytes_in", entry => Number(entry.BytesIn)),
        ("bytes_out", entry => Number(entry.BytesOut)),
        ("outcome", entry => entry.Outcome),
        ("detail", entry => entry.Detail),
        ("policy", entry => entry.Policy),
        ("rule", entry => entry.Rule),
        ("reason", entry => entry.Reason),
        ("context", entry => entry.Context is { Count: > 0 } context ? string.Join("; ", context.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}={one.Value}")) : null),
        ("request_id", entry => entry.RequestId),
        ("trace_id", entry => entry.TraceId),
        ("explain", entry => entry.Explanation),
    ];

    /// <summary>A whole table, with a row of names.</summary>
    public static string Of(IEnumerable<AuditEntry> entries) => string.Concat([Header, .. entries.Select(Line)]);

    /// <summary>The names of the columns, as a line.</summary>
    public static string Header { get; } = LineOf(Columns.Select(column => column.Name));

    /// <summary>One entry, as a line.</summary>
    public static string Line(AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return LineOf(Columns.Select(column => column.Value(entry)));
    }

    /// <summary>One cell.</summary>
    public static string Cell(string? text)
    {
        text ??= "";
        return $"\"{FormulaStart().Replace(text, "$0'").Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    // At the beginning, and behind a semicolon: where that is what parts a list, a spreadsheet ends the cell there, quoted or not. Full-width signs too: they are read alike.
    [GeneratedRegex(@"(?:^|;)(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])", RegexOptions.CultureInvariant)]
    private static partial Regex FormulaStart();

    private static string LineOf(IEnumerable<string?> cells) => string.Join(',', cells.Select(Cell)) + "\r\n";

    private static string? Number(long? number) => number?.ToString(CultureInfo.InvariantCulture);
}
