using System.Buffers;
using Alter.Audit;
using Alter.Storage;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Http;

/// <summary>What is known of a request for the record, gathered while it is served. Until its app is known there is nothing to record.</summary>
internal sealed class RequestEntry
{
    private static readonly PathString Proxy = "/sdk/proxy";
    private static readonly object Item = new();
    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    private readonly DateTimeOffset at;
    private readonly string method;
    private readonly string? traceId;

    private RequestEntry(HttpContext context, DateTimeOffset at)
    {
        this.at = at;
        Id = RequestId.Known(context) ?? OperationId.New(); // Random as a Guid is, without asking the kernel each time.
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

    /// <summary>Why the vault said no; null: it did not.</summary>
    public Refusal? Refusal { get; set; }

    /// <summary>Whether a path is that of proxied calls: routing takes a slash at its end for nothing.</summary>
    public static bool IsCall(PathString path) => path.StartsWithSegments(Proxy, StringComparison.OrdinalIgnoreCase, out var rest) && rest.Value is "" or "/";

    /// <summary>Begins it.</summary>
    public static RequestEntry Begin(HttpContext context, DateTimeOffset at)
    {
        var entry = new RequestEntry(context, at);
        context.Items[Item] = entry;
        return entry;
    }

    /// <summary>That of a request; null outside of one.</summary>
    public static RequestEntry? Of(HttpContext context) => context.Items.TryGetValue(Item, out var known) ? known as RequestEntry : null;

    /// <summary>What is known by now, as an entry.</summary>
    public AuditEntry ToEntry() => new()
    {
        Kind = AuditKinds.Call,
        Id = Id,
        RequestId = Id,
        At = at,
        App = App,
        KeyId = KeyId,
        User = User,
        Provider = Provider,
        GrantId = GrantId,
        Caller = Caller,
        Reason = Reason,
        Context = Context,
        Method = method,
        Url = Url,
        TraceId = traceId,
    };

    // W3C Trace Context §3.2: 00-<trace>-<span>-<flags>, and perhaps more in a later version.
    private static string? TraceIdOf(string traceParent) =>
        traceParent is { Length: >= 55 } && traceParent[2] is '-' && traceParent[35] is '-' && traceParent[52] is '-'
            && IsHex(traceParent.AsSpan(0, 2)) && IsHex(traceParent.AsSpan(3, 32)) && IsHex(traceParent.AsSpan(36, 16)) && IsHex(traceParent.AsSpan(53, 2))
            ? traceParent.Substring(3, 32)
            : null;

    private static bool IsHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(LowerHex);
}
