using Alter.Audit;
using Alter.Functions.Http;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Audit;

/// <summary>The query of <c>GET /sdk/audit</c>.</summary>
/// <param name="User">One user's, by the hash that entries name them with; null: as the user token says.</param>
/// <param name="Filter">Which entries.</param>
/// <param name="Limit">How many at most.</param>
/// <param name="Cursor">Where the last page ended.</param>
/// <param name="Format"><c>json</c>, <c>ndjson</c> or <c>csv</c>.</param>
internal sealed record AuditQuery(string? User, ActivityFilter Filter, int Limit, string? Cursor, string Format)
{
    internal const string Json = "json";
    internal const string Ndjson = "ndjson";
    internal const string Csv = "csv";
    private const int UsualLimit = 100;

    /// <summary>Reads it strictly; every mistake comes at once.</summary>
    internal static Outcome<AuditQuery> Read(IQueryCollection query)
    {
        var asked = new StrictQuery(query, "user", "provider", "grant_id", "outcome", "since", "until", "limit", "cursor", "format");
        var read = new AuditQuery(
            asked.UserHash("user"), FilterOf(asked), asked.Number("limit", 1, Activity.MaxLimit, UsualLimit), asked.Text("cursor"), asked.OneOf("format", Json, Json, Ndjson, Csv));
        return asked.Refusal is { } refusal ? refusal : read;
    }

    /// <summary>The parameters that say which entries are wanted, whoever asks.</summary>
    internal static ActivityFilter FilterOf(StrictQuery asked) => new(
        asked.Id("provider", "The id of a provider."),
        asked.GrantId("grant_id"),
        asked.Id("outcome", "answered, a refusal's code, or what became of a grant."),
        asked.Instant("since"),
        asked.Instant("until"));
}
