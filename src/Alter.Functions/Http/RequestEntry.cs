using System.Text.RegularExpressions;
using Alter.Audit;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Http;

/// <summary>What is known of a request for the record, gathered while it is served. Until its app is known there is nothing to record.</summary>
internal sealed partial class RequestEntry
{
    private static readonly object Item = new();

    private RequestEntry(AuditEntry entry) => Entry = entry;

    /// <summary>As far as it is known.</summary>
    public AuditEntry Entry { get; private set; }

    /// <summary>Why the vault said no; null: it did not.</summary>
    public Refusal? Refusal { get; set; }

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
            Url = context.Request.Path.Value is { } path ? AuditText.Clean(path, 1024) : null,
            TraceId = TraceParent().Match(context.Request.Headers.TraceParent.ToString()) is { Success: true } match ? match.Groups["trace"].Value : null,
        });
        context.Items[Item] = entry;
        return entry;
    }

    /// <summary>That of a request; null outside of one.</summary>
    public static RequestEntry? Of(HttpContext context) => context.Items.TryGetValue(Item, out var known) ? known as RequestEntry : null;

    /// <summary>Says more.</summary>
    public void Describe(Func<AuditEntry, AuditEntry> more) => Entry = more(Entry);

    // W3C Trace Context §3.2.
    [GeneratedRegex("^[0-9a-f]{2}-(?<trace>[0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}", RegexOptions.ExplicitCapture)]
    private static partial Regex TraceParent();
}
