using System.Globalization;
using Alter.Apps;
using Alter.Audit;
using Alter.Wallet;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Wallet;

/// <summary>The query of <c>GET /wallet/activity</c>.</summary>
/// <param name="Query">What is asked for.</param>
/// <param name="IsExport">As CSV, and all of it.</param>
internal sealed record WalletActivityRequest(WalletActivityQuery Query, bool IsExport)
{
    private const int UsualLimit = 25;
    private static readonly string[] Known = ["app", "provider", "grant_id", "outcome", "since", "until", "cursor", "limit", "format"];

    /// <summary>The request, or <see cref="InvalidRequest"/> with every parameter that is wrong.</summary>
    internal static Outcome<WalletActivityRequest> Read(IQueryCollection query)
    {
        var errors = new Dictionary<string, string[]>();
        foreach (var (name, values) in query)
        {
            if (!Known.Contains(name))
            {
                errors[name.Length <= 100 ? name : "query"] = [$"It is none of {string.Join(", ", Known)}."];
            }
            else if (values.Count != 1)
            {
                errors[name] = ["It must be there once."];
            }
        }

        var app = Text("app") ?? "";
        Check("app", Forms.Id().IsMatch(app), "It must be the id of an app.");
        var provider = Text("provider");
        Check("provider", provider is null || Forms.Id().IsMatch(provider), "It must be the id of a provider.");
        var outcome = Text("outcome");
        Check("outcome", outcome is null || Forms.Id().IsMatch(outcome), "It must be an outcome as entries have it.");
        var grant = Guid.TryParseExact(Text("grant_id"), "D", out var id) ? id : (Guid?)null;
        Check("grant_id", grant is not null || Text("grant_id") is null, "It must be a grant's id.");
        var limit = UsualLimit;
        Check(
            "limit",
            Text("limit") is not { } wanted || (int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= WalletActivityQuery.MaxLimit),
            $"It must be 1 to {WalletActivityQuery.MaxLimit}.");
        Check("format", Text("format") is null or "json" or "csv", "It must be json or csv.");
        var filter = new ActivityFilter(provider, grant, outcome, Instant("since"), Instant("until"));
        return errors.Count > 0
            ? new InvalidRequest("The activity cannot be shown as asked; errors names each parameter.", errors)
            : new WalletActivityRequest(new WalletActivityQuery(app, filter, Text("cursor"), limit), Text("format") is "csv");

        string? Text(string name) => query[name] is [{ Length: > 0 } value] ? value : null;

        void Check(string name, bool isRight, string message)
        {
            if (!isRight)
            {
                errors.TryAdd(name, [message]);
            }
        }

        DateTimeOffset? Instant(string name)
        {
            if (Text(name) is not { } text)
            {
                return null;
            }

            var isInstant = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant);
            Check(name, isInstant, "It must be an instant, such as 2026-11-24T12:00:00Z.");
            return isInstant ? instant : null;
        }
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
