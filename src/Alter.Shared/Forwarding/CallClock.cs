using Microsoft.AspNetCore.Http;

namespace Alter.Forwarding;

/// <summary>
/// How long the vault itself keeps a call: from its beginning to the release of the answer, without the time between sending to the provider and its first
/// byte. A token that had to be refreshed counts, a body that streams does not.
/// </summary>
public sealed class CallClock
{
    private readonly TimeProvider time;
    private readonly long begunAt;
    private long sentAt;
    private TimeSpan atProvider;

    private CallClock(TimeProvider time) => (this.time, begunAt) = (time, time.GetTimestamp());

    /// <summary>Begins one for a request, where somebody listens.</summary>
    public static void Start(HttpContext context, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(time);
        if (CallMetrics.MeasuresOverhead)
        {
            context.Features.Set(new CallClock(time));
        }
    }

    internal void Sent() => sentAt = time.GetTimestamp();

    internal void Answered() => atProvider += time.GetElapsedTime(sentAt);

    internal void Released(string provider) => CallMetrics.RecordOverhead(provider, time.GetElapsedTime(begunAt) - atProvider);
}
