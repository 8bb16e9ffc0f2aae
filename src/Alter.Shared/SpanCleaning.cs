using System.Diagnostics;

namespace Alter;

/// <summary>
/// Takes out of a span what other libraries may have put in and nobody may read: queries of URLs (codes, states and providers' secrets lie there), and what
/// an exception said, which may quote a URL or a body.
/// </summary>
public static class SpanCleaning
{
    // OpenTelemetry's HTTP conventions, of today and of before 1.20; url.query is all query.
    private static readonly string[] WithQuery = ["url.full", "http.url", "http.target"];
    private static readonly string[] Removed = ["url.query", "exception.message", "exception.stacktrace"];

    /// <summary>Cleans a span that has ended and is not exported yet.</summary>
    public static void Clean(Activity span)
    {
        ArgumentNullException.ThrowIfNull(span);
        foreach (var name in WithQuery)
        {
            if (span.GetTagItem(name)?.ToString() is { } url && url.AsSpan().IndexOfAny('?', '#') is >= 0 and var end)
            {
                span.SetTag(name, url[..end]);
            }
        }

        foreach (var name in Removed)
        {
            if (span.GetTagItem(name) is not null)
            {
                span.SetTag(name, null); // Null takes a tag away.
            }
        }

        if (span.StatusDescription is not null)
        {
            span.SetStatus(span.Status); // The worker describes a failure by its exception's message.
        }
    }
}
