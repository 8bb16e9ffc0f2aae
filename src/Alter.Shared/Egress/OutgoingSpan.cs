using System.Diagnostics;
using System.Globalization;

namespace Alter.Egress;

/// <summary>
/// The span of a request that leaves the vault, in the words of OpenTelemetry's HTTP conventions: whom it went to and what status came, no more. A path may
/// name a person, and a query may be a secret.
/// </summary>
internal static class OutgoingSpan
{
    /// <summary>Begins it; null where nobody listens.</summary>
    /// <param name="method">The HTTP method, which is its name.</param>
    /// <param name="target">Where the request goes; only host and port are said.</param>
    /// <param name="callersTrace">
    /// The caller's <c>traceparent</c>, which it belongs to where the worker has no span of its own, as for a trace that is not sampled.
    /// </param>
    internal static Activity? Start(string method, Uri? target, string? callersTrace = null)
    {
        if (!AlterActivities.Source.HasListeners())
        {
            return null;
        }

        var parent = Activity.Current is null && ActivityContext.TryParse(callersTrace, null, isRemote: true, out var parsed) ? parsed : default;
        var span = AlterActivities.Source.StartActivity(method, ActivityKind.Client, parent);
        if (span is { IsAllDataRequested: true } && target is { IsAbsoluteUri: true })
        {
            span.SetTag("http.request.method", method).SetTag("server.address", target.IdnHost).SetTag("server.port", target.Port);
        }

        return span;
    }

    /// <summary>The other side answered.</summary>
    internal static void Answered(Activity? span, int status)
    {
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("http.response.status_code", status);
            if (status >= 400)
            {
                Failed(span, status.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>It came to nothing.</summary>
    /// <param name="span">Null: nobody listens.</param>
    /// <param name="error">A fixed word: never what an exception says.</param>
    internal static void Failed(Activity? span, string error) => span?.SetTag("error.type", error).SetStatus(ActivityStatusCode.Error);
}
