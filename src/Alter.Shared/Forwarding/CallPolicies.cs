using Alter.Apps;
using Alter.Policies;
using Alter.RateLimits;
using Microsoft.Extensions.Logging;

namespace Alter.Forwarding;

/// <summary>Asks every policy that has to do with a call: those of the app, then those of its provider. All must allow.</summary>
public sealed class CallPolicies(RateLimiter limiter, TimeProvider time, ILogger<CallPolicies> logger)
{
    /// <summary>What the rules say now; null: they allow it.</summary>
    internal PolicyViolation? FindDenial(IncomingCall call, AppProvider provider)
    {
        if (call.App.Policies.Rules.Count + provider.Policies.Rules.Count == 0)
        {
            return null;
        }

        var facts = call.FactsAt(time.GetUtcNow(), provider);
        if ((call.App.Policies.FindDenial(facts) ?? provider.Policies.FindDenial(facts)) is not var (policy, denial))
        {
            return null;
        }

        if (denial.Fault is { } fault)
        {
            Log.PolicyFailed(logger, policy.Name, call.App.Id, fault);
        }

        return PolicyViolation.Of(policy, denial);
    }

    /// <summary>Begins to count the call wherever that takes nothing that only its grant tells.</summary>
    /// <param name="call">The call.</param>
    /// <param name="named">Its provider, where it names one.</param>
    /// <param name="isStopped">Nothing is counted: it is known already that it will not be made.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <returns>Null: nothing limits it.</returns>
    internal RateAdmission? Begin(IncomingCall call, AppProvider? named, bool isStopped, CancellationToken cancellationToken)
    {
        if (named is not null && call.App.Policies.Rates.Count + named.Policies.Rates.Count is 0)
        {
            return null;
        }

        var admission = new RateAdmission(limiter, time, call, cancellationToken);
        if (!isStopped)
        {
            admission.CountKnown("", call.App.Policies.Rates);
            if (named is not null)
            {
                admission.CountKnown(named.Definition.Id, named.Policies.Rates);
            }
        }

        return admission;
    }
}
