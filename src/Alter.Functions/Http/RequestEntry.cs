using System.Buffers;
using Alter.Audit;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Http;

/// <summary>What is known of a request for the record, gathered while it is served. Until its app is known there is nothing to record.</summary>
internal sealed class RequestEntry
{
    private static readonly PathString Proxy = "/sdk/proxy";
    private static readonly object Item = new();
    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    private RequestEntry(AuditEntry entry) => Entry = entry;

    /// <summary>As far as it is known; whoever knows more says so.</summary>
    public AuditEntry Entry { get; set; }

    /// <summary>Why the vault said no; null: it did not.</summary>
    public Refusal? Refusal { get; set; }

    /// <summary>Whether a path is that of proxied calls: routing takes a slash at its end for nothing.</summary>
    public static bool IsCall(PathString path) => path.StartsWithSegments(Proxy, StringComparison.OrdinalIgnoreCase, out var rest) && rest.Value is "" or "/";

    /// <summary>Begins it.</summary>
    public static RequestEntry Begin(HttpContext context, DateTimeOffset at)
    {
        var id = RequestId.Of(context);
        var entry = new RequestEntry(new AuditEntry
        {
            Kind = AuditKinds.Call,
            Id = id,
            RequestId = id,
            At = at,
            Method = context.Request.Method,
            Url = context.Request.Path is { HasValue: true } path && !IsCall(path) ? AuditText.Clean(path.Value, 1024) : null, // Of a call the provider's, or none.
            TraceId = TraceIdOf(context.Request.Headers.TraceParent.ToString()),
        });
        context.Items[Item] = entry;
        return entry;
    }

    /// <summary>That of a request; null outside of one.</summary>
    public static RequestEntry? Of(HttpContext context) => context.Items.TryGetValue(Item, out var known) ? known as RequestEntry : null;

    // W3C Trace Context §3.2: 00-<trace>-<span>-<flags>, and perhaps more in a later version.
    private static string? TraceIdOf(string traceParent) =>
        traceParent is { Length: >= 55 } && traceParent[2] is '-' && traceParent[35] is '-' && traceParent[52] is '-'
            && IsHex(traceParent.AsSpan(0, 2)) && IsHex(traceParent.AsSpan(3, 32)) && IsHex(traceParent.AsSpan(36, 16)) && IsHex(traceParent.AsSpan(53, 2))
            ? traceParent.Substring(3, 32)
            : null;

    private static bool IsHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(LowerHex);
}
