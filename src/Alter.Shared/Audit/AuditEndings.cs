using Alter.Policies;

namespace Alter.Audit;

/// <summary>Ends of requests, as entries.</summary>
public static class AuditEndings
{
    /// <summary>The request's entry, ended.</summary>
    /// <param name="request">The request's entry.</param>
    /// <param name="refusal">Why the vault refused it; null: it did not, and the outcome is the caller's to say.</param>
    /// <param name="at">When it ended.</param>
    public static AuditEntry EndedBy(this AuditEntry request, Refusal? refusal, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(request);
        var policy = (refusal as PolicyViolation)?.PolicyError;
        return request with
        {
            Kind = AuditKinds.End,
            LatencyMs = (int)Math.Clamp((at - request.At).TotalMilliseconds, 0, int.MaxValue),
            Outcome = refusal?.Code,
            Policy = policy?.Policy,
            Rule = policy?.Rule,
        };
    }
}
