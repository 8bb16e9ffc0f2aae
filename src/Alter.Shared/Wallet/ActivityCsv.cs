using System.Globalization;
using System.Text;
using Alter.Audit;

namespace Alter.Wallet;

/// <summary>Activity as a table for spreadsheets (RFC 4180). Every cell is quoted, and none begins as a formula would.</summary>
public static class ActivityCsv
{
    private static readonly string[] Columns =
        ["time", "kind", "provider", "grant_id", "caller", "key_id", "method", "url", "status", "outcome", "policy", "rule", "reason", "context", "request_id", "latency_ms", "explanation"];

    /// <summary>The table, with a row of names.</summary>
    /// <param name="entries">One row each.</param>
    public static string Of(IEnumerable<AuditEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var text = new StringBuilder();
        Append(text, Columns);
        foreach (var entry in entries)
        {
            Append(
                text,
                [
                    entry.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), entry.Kind, entry.Provider, entry.GrantId?.ToString("D"), entry.Caller, entry.KeyId, entry.Method,
                    entry.Url, Number(entry.Status), entry.Outcome, entry.Policy, entry.Rule, entry.Reason,
                    entry.Context is { } context ? string.Join("; ", context.Select(pair => $"{pair.Key}={pair.Value}")) : null,
                    entry.RequestId, Number(entry.LatencyMs), entry.Explanation,
                ]);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, IReadOnlyList<string?> cells) => text.AppendJoin(',', cells.Select(Cell)).Append("\r\n");

    // Security A29: spreadsheets run what begins like this.
    private static string Cell(string? value) =>
        $"\"{(value is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" : "")}{value?.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string? Number(int? value) => value?.ToString(CultureInfo.InvariantCulture);
}
