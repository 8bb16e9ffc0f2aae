using System.Globalization;
using System.Text.RegularExpressions;
using Alter.Apps;
using Alter.Audit;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Audit;

/// <summary>How entries are answered.</summary>
internal enum AuditFormat
{
    Json,
    Ndjson,
    Csv,
}

/// <summary>The query of <c>GET /sdk/audit</c>.</summary>
internal sealed partial record AuditQuery(ActivityFilter Filter, int Limit, string? Cursor, AuditFormat Format)
{
    private const int UsualLimit = 100;
    private static readonly Dictionary<string, AuditFormat> Formats = new(StringComparer.Ordinal) { ["json"] = AuditFormat.Json, ["ndjson"] = AuditFormat.Ndjson, ["csv"] = AuditFormat.Csv };
    private static readonly string[] Known = ["provider", "grant_id", "outcome", "since", "until", "limit", "cursor", "format"];

    /// <summary>Reads it strictly; every mistake comes at once.</summary>
    public static Outcome<AuditQuery> Read(IQueryCollection query)
    {
        var errors = new Dictionary<string, string[]>();
        foreach (var (name, values) in query)
        {
            if (!Known.Contains(name))
            {
                errors[name[..Math.Min(name.Length, 60)]] = [$"This version knows {string.Join(", ", Known)}."];
            }
            else if (values.Count > 1)
            {
                errors[name] = ["It must be there once."];
            }
        }

        var provider = Matching("provider", "The id of a provider.");
        var outcome = Matching("outcome", "answered, a refusal's code, or what became of a grant.");
        Guid? grant = Guid.TryParseExact(Text("grant_id"), "D", out var id) ? id : null;
        if (grant is null && Text("grant_id") is not null)
        {
            errors["grant_id"] = ["The id of a grant."];
        }

        var (since, until) = (Instant("since"), Instant("until"));
        var limit = UsualLimit;
        if (Text("limit") is { } number && !(int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= Activity.MaxLimit))
        {
            errors["limit"] = [$"A whole number from 1 to {Activity.MaxLimit}."];
        }

        if (!Formats.TryGetValue(Text("format") ?? "json", out var format))
        {
            errors["format"] = [$"One of {string.Join(", ", Formats.Keys)}."];
        }

        return errors.Count > 0
            ? new InvalidRequest("The query cannot be understood; errors names each parameter.", errors)
            : new AuditQuery(new ActivityFilter(provider, grant, outcome, since, until), limit, Text("cursor"), format);

        string? Text(string name) => query[name].ToString() is { Length: > 0 } value ? value : null;

        // A42: what goes into a storage query has a form first.
        string? Matching(string name, string words)
        {
            if (Text(name) is { } value && !Forms.Id().IsMatch(value))
            {
                errors[name] = [words];
            }

            return Text(name);
        }

        DateTimeOffset? Instant(string name)
        {
            if (Text(name) is not { } value)
            {
                return null;
            }

            if (Time().IsMatch(value) && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant))
            {
                return instant;
            }

            errors[name] = ["An instant as in RFC 3339, such as 2026-11-28T10:00:00Z."];
            return null;
        }
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d))?\z")]
    private static partial Regex Time();
}
