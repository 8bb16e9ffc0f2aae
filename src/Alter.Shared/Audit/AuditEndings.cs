using Alter.Policies;

namespace Alter.Audit;

/// <summary>Ends of requests, as entries.</summary>
public static class AuditEndings
{
    /// <summary>The request's entry, ended.</summary>
    /// <param name="request">The request's entry.</param>
    /// <param name="refusal">Why the vault refused it; null: it did not.</param>
    /// <param name="at">When it ended.</param>
    /// <param name="outcome">What became of one that was not refused.</param>
    /// <param name="status">What the caller was answered with; null: nothing.</param>
    /// <param name="bytesIn">Of the request's body; null: nobody counted.</param>
    /// <param name="bytesOut">Of the answer's body; likewise.</param>
    public static AuditEntry EndedBy(this AuditEntry request, Refusal? refusal, DateTimeOffset at, string? outcome = null, int? status = null, long? bytesIn = null, long? bytesOut = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        var policy = (refusal as PolicyViolation)?.PolicyError;
        return request with
        {
            Kind = AuditKinds.End,
            LatencyMs = (int)Math.Clamp((at - request.At).TotalMilliseconds, 0, int.MaxValue),
            Outcome = refusal?.Code ?? outcome,
            Status = status,
            BytesIn = bytesIn,
            BytesOut = bytesOut,
            Policy = policy?.Policy,
            Rule = policy?.Rule,
        };
    }
}
