using Alter.Audit;
using Alter.Functions.Audit;
using Alter.Functions.Http;
using Alter.Wallet;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Wallet;

/// <summary>The query of <c>GET /wallet/activity</c>.</summary>
/// <param name="Query">What is asked for.</param>
/// <param name="IsExport">As CSV, and all of it.</param>
internal sealed record WalletActivityRequest(WalletActivityQuery Query, bool IsExport)
{
    private const int UsualLimit = 25;

    /// <summary>The request, or <see cref="InvalidRequest"/> with every parameter that is wrong.</summary>
    internal static Outcome<WalletActivityRequest> Read(IQueryCollection query)
    {
        var asked = new StrictQuery(query, "app", "provider", "grant_id", "outcome", "since", "until", "cursor", "limit", "format");
        var app = asked.Id("app", "The id of an app.");
        if (app is null)
        {
            asked.Wrong("app", "It must be there.");
        }

        var limit = asked.Number("limit", 1, WalletActivityQuery.MaxLimit, UsualLimit);
        var format = asked.OneOf("format", AuditQuery.Json, AuditQuery.Json, AuditQuery.Csv);
        var read = new WalletActivityQuery(app ?? "", AuditQuery.FilterOf(asked), asked.Text("cursor"), limit);
        return asked.Refusal is { } refusal ? refusal : new WalletActivityRequest(read, format is AuditQuery.Csv);
    }
}

/// <summary>One entry as the person it is about sees it.</summary>
public sealed record WalletActivityEntry
{
    public required DateTimeOffset At { get; init; }

    /// <summary><c>end</c>: a call; <c>grant</c>: the connection changed; <c>connect</c>: a visit to Connect without result.</summary>
    public required string Kind { get; init; }

    public required string? Provider { get; init; }

    public required Guid? GrantId { get; init; }

    /// <summary>Who the caller says it is.</summary>
    public required string? Caller { get; init; }

    /// <summary>Which of the app's keys.</summary>
    public required string? KeyId { get; init; }

    public required string? Method { get; init; }

    /// <summary>Without its query.</summary>
    public required string? Url { get; init; }

    public required int? Status { get; init; }

    public required int? LatencyMs { get; init; }

    public required string? Outcome { get; init; }

    public required string? Policy { get; init; }

    public required string? Rule { get; init; }

    /// <summary>Why the caller called.</summary>
    public required string? Reason { get; init; }

    public required IReadOnlyDictionary<string, string>? Context { get; init; }

    public required string? RequestId { get; init; }

    /// <summary>Why it ended so and what to do, in one sentence.</summary>
    public required string Explanation { get; init; }

    internal static WalletActivityEntry Of(AuditEntry entry) => new()
    {
        At = entry.At,
        Kind = entry.Kind,
        Provider = entry.Provider,
        GrantId = entry.GrantId,
        Caller = entry.Caller,
        KeyId = entry.KeyId,
        Method = entry.Method,
        Url = entry.Url,
        Status = entry.Status,
        LatencyMs = entry.LatencyMs,
        Outcome = entry.Outcome,
        Policy = entry.Policy,
        Rule = entry.Rule,
        Reason = entry.Reason,
        Context = entry.Context,
        RequestId = entry.RequestId,
        Explanation = entry.Explanation,
    };
}
