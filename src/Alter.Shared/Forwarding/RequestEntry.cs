using System.Buffers;
using System.Net;
using Alter.Audit;
using Alter.Grants;
using Alter.Policies;
using Microsoft.AspNetCore.Http;

namespace Alter.Forwarding;

/// <summary>What is known of a request, gathered while it is served: for the record, and for what answers it. Until its app is known there is nothing to record.</summary>
public sealed class RequestEntry
{
    private static readonly PathString Proxy = "/sdk/proxy";
    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    private readonly DateTimeOffset at;
    private readonly string method;
    private readonly string? traceId;
    private bool isCall;

    private RequestEntry(HttpContext context, string id, DateTimeOffset at)
    {
        this.at = at;
        Id = id;
        method = context.Request.Method;
        traceId = TraceIdOf(context.Request.Headers.TraceParent.ToString());
        Url = context.Request.Path is { HasValue: true } path && !IsCall(path) ? AuditText.Clean(path.Value, 1024) : null; // Of a call the provider's, or none.
    }

    /// <summary>The request's id.</summary>
    public string Id { get; }

    /// <summary>The app's id; empty as long as it is not known.</summary>
    public string App { get; set; } = "";

    /// <inheritdoc cref="AuditEntry.KeyId"/>
    public string? KeyId { get; set; }

    /// <inheritdoc cref="AuditEntry.User"/>
    public string? User { get; set; }

    /// <inheritdoc cref="AuditEntry.Provider"/>
    public string? Provider { get; set; }

    /// <inheritdoc cref="AuditEntry.GrantId"/>
    public Guid? GrantId { get; set; }

    /// <inheritdoc cref="AuditEntry.Caller"/>
    public string? Caller { get; set; }

    /// <inheritdoc cref="AuditEntry.Reason"/>
    public string? Reason { get; set; }

    /// <inheritdoc cref="AuditEntry.Context"/>
    public IReadOnlyDictionary<string, string>? Context { get; set; }

    /// <inheritdoc cref="AuditEntry.Url"/>
    public string? Url { get; set; }

    /// <summary>The key is to be replaced, and the answer says so.</summary>
    public bool KeyIsDeprecated { get; set; }

    /// <summary>Who called the vault, by the document's rule; null: not known. The record does not keep it.</summary>
    public IPAddress? CallerAddress { get; set; }

    /// <summary>Why the vault said no; null: it did not.</summary>
    public Refusal? Refusal { get; set; }

    /// <summary>Its call has an entry without an end: something failed unexpectedly behind it.</summary>
    public bool IsOpen => isCall && End is null;

    /// <summary>How its call ended; null: it has no end, or the request was none.</summary>
    public AuditEntry? End { get; private set; }

    /// <summary>Whether a path is that of proxied calls: routing takes a slash at its end for nothing.</summary>
    public static bool IsCall(PathString path) => path.StartsWithSegments(Proxy, StringComparison.OrdinalIgnoreCase, out var rest) && rest.Value is "" or "/";

    /// <summary>Begins it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="id">Its id.</param>
    /// <param name="at">When it came.</param>
    public static RequestEntry Begin(HttpContext context, string id, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(context);
        var entry = new RequestEntry(context, id, at);
        context.Features.Set(entry);
        return entry;
    }

    /// <summary>That of a request; null outside of one.</summary>
    public static RequestEntry? Of(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<RequestEntry>();
    }

    /// <summary>The request is a call that is decided and recorded from here on.</summary>
    internal void Open() => isCall = true;

    /// <summary>Its call has ended.</summary>
    internal void Close(AuditEntry end) => End = end;

    /// <summary>What is known by now, before it is done. Once the call's grant is known it is the grant's and its owner's too.</summary>
    internal AuditEntry ToEntry(Grant? grant = null) => ToEntry(AuditKinds.Call, grant);

    /// <summary>How the request ended.</summary>
    /// <param name="grant">The call's; null: not known, or it is none.</param>
    /// <param name="refusal">Why the vault refused it; null: it did not.</param>
    /// <param name="endedAt">When.</param>
    /// <param name="outcome">What became of one that was not refused.</param>
    /// <param name="status">What the caller was answered with; null: nothing.</param>
    /// <param name="bytesIn">Of the request's body; null: nobody counted.</param>
    /// <param name="bytesOut">Of the answer's body; likewise.</param>
    public AuditEntry ToEnd(Grant? grant, Refusal? refusal, DateTimeOffset endedAt, string outcome, int? status, long? bytesIn = null, long? bytesOut = null) =>
        ToEntry(AuditKinds.End, grant, refusal, endedAt, outcome, status, bytesIn, bytesOut);

    // In one go, for each call has two: a copy that is changed would be a third.
    private AuditEntry ToEntry(
        string kind, Grant? grant, Refusal? refusal = null, DateTimeOffset? endedAt = null, string? outcome = null, int? status = null, long? bytesIn = null, long? bytesOut = null)
    {
        var (place, policy) = (grant?.Place, (refusal as PolicyViolation)?.PolicyError);
        return new AuditEntry
        {
            Kind = kind,
            Id = Id,
            RequestId = Id,
            At = at,
            App = App,
            KeyId = KeyId,
            User = place is null || place.UserHash == User ? User : place.UserHash, // Of two that are equal the one that is kept with the token.
            Provider = place?.Provider ?? Provider,
            GrantId = place?.GrantId ?? GrantId,
            Account = place?.AccountKey,
            Generation = grant?.Generation,
            Caller = Caller,
            Reason = Reason,
            Context = Context,
            Method = method,
            Url = Url,
            TraceId = traceId,
            LatencyMs = endedAt is { } end ? (int)Math.Clamp((end - at).TotalMilliseconds, 0, int.MaxValue) : null,
            Outcome = refusal?.Code ?? outcome,
            Status = status,
            BytesIn = bytesIn,
            BytesOut = bytesOut,
            Policy = policy?.Policy,
            Rule = policy?.Rule,
        };
    }

    // W3C Trace Context §3.2: 00-<trace>-<span>-<flags>, and perhaps more in a later version.
    private static string? TraceIdOf(string traceParent) =>
        traceParent is { Length: >= 55 } && traceParent[2] is '-' && traceParent[35] is '-' && traceParent[52] is '-'
            && IsHex(traceParent.AsSpan(0, 2)) && IsHex(traceParent.AsSpan(3, 32)) && IsHex(traceParent.AsSpan(36, 16)) && IsHex(traceParent.AsSpan(53, 2))
            ? traceParent.Substring(3, 32)
            : null;

    private static bool IsHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(LowerHex);
}
