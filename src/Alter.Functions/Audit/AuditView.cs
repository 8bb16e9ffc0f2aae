using Alter.Audit;

namespace Alter.Functions.Audit;

/// <summary>An entry on the wire.</summary>
internal sealed record AuditView
{
    public required string Id { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Kind { get; init; }

    public required string App { get; init; }

    public string? KeyId { get; init; }

    public string? Caller { get; init; }

    public string? User { get; init; }

    public Guid? GrantId { get; init; }

    public string? Account { get; init; }

    public string? Provider { get; init; }

    public string? Method { get; init; }

    public string? Url { get; init; }

    public int? Status { get; init; }

    public int? LatencyMs { get; init; }

    public long? BytesIn { get; init; }

    public long? BytesOut { get; init; }

    public string? Outcome { get; init; }

    public string? Detail { get; init; }

    public string? Policy { get; init; }

    public string? Rule { get; init; }

    public string? Reason { get; init; }

    public IReadOnlyDictionary<string, string>? Context { get; init; }

    public string? RequestId { get; init; }

    public string? TraceId { get; init; }

    /// <summary>In one plain sentence why it ended so, and what to do.</summary>
    public required string Explain { get; init; }

    public static AuditView Of(AuditEntry entry) => new()
    {
        Id = entry.Id,
        At = entry.At,
        Kind = entry.Kind,
        App = entry.App,
        KeyId = entry.KeyId,
        Caller = entry.Caller,
        User = entry.User,
        GrantId = entry.GrantId,
        Account = entry.Account,
        Provider = entry.Provider,
        Method = entry.Method,
        Url = entry.Url,
        Status = entry.Status,
        LatencyMs = entry.LatencyMs,
        BytesIn = entry.BytesIn,
        BytesOut = entry.BytesOut,
        Outcome = entry.Outcome,
        Detail = entry.Detail,
        Policy = entry.Policy,
        Rule = entry.Rule,
        Reason = entry.Reason,
        Context = entry.Context,
        RequestId = entry.RequestId,
        TraceId = entry.TraceId,
        Explain = entry.Explanation,
    };
}
