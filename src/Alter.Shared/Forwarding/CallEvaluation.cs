using System.Globalization;
using Alter.Apps;
using Alter.Grants;
using Alter.Policies;
using Alter.RateLimits;
using Microsoft.Extensions.Logging;

namespace Alter.Forwarding;

/// <summary>What one rule says to a call that is not made.</summary>
/// <param name="Policy">Its name.</param>
/// <param name="Kind">Its kind; beside those of the document <c>suspension</c> and <c>grant_lifetime</c>.</param>
/// <param name="Scope">Where it stands: <c>app</c>, <c>provider</c> or <c>grant</c>.</param>
/// <param name="Allowed">Whether it allows the call.</param>
/// <param name="Rule">As configured.</param>
/// <param name="Message">Why not; null where it allows.</param>
/// <param name="RetryAfter">Seconds until it may allow such a call; null: it does, or nobody knows.</param>
public sealed record PolicyVerdict(string Policy, string Kind, string Scope, bool Allowed, string Rule, string? Message = null, int? RetryAfter = null);

/// <summary>What every rule says to a call that is not made.</summary>
/// <param name="Allowed">All allow it.</param>
/// <param name="Provider">The provider it would go to.</param>
/// <param name="GrantId">The grant it would use.</param>
/// <param name="At">The instant it was judged for.</param>
/// <param name="CallerAddress">The address it was judged for; null: not known.</param>
/// <param name="Verdicts">In the order they are asked.</param>
public sealed record EvaluatedCall(bool Allowed, string Provider, Guid GrantId, DateTimeOffset At, string? CallerAddress, IReadOnlyList<PolicyVerdict> Verdicts);

/// <summary>Asks every policy about a call without making it: nothing is counted, no token opened, nothing sent.</summary>
public sealed class CallEvaluation(CalledGrants grants, RateLimiter limiter, ILogger<CallEvaluation> logger)
{
    /// <summary>Judges the call.</summary>
    /// <param name="call">As it would be made.</param>
    /// <param name="at">When.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>Every verdict; or, where the call would not come as far as its policies, the refusal it would get.</returns>
    /// <remarks>One storage operation, and one for each limit.</remarks>
    public async Task<Outcome<EvaluatedCall>> EvaluateAsync(IncomingCall call, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (!CalledGrants.ProviderOf(call).Succeeded(out _, out var refusal) || !(await grants.FindAsync(call, cancellationToken)).Succeeded(out var called, out refusal))
        {
            return refusal;
        }

        // A lifetime is a policy of the grant; whatever else ended it is not.
        if (called.Grant.RefusalAt(at) is { } ended and not GrantExpired)
        {
            return ended;
        }

        if (CalledGrants.ScopeRefusal(called) is { } missing)
        {
            return missing;
        }

        var verdicts = new List<PolicyVerdict> { Suspension(called.Provider), Lifetime(called.Grant, at) };
        var facts = call.FactsAt(at, called.Provider);
        foreach (var (scope, policies) in new[] { ("app", call.App.Policies), ("provider", called.Provider.Policies) })
        {
            verdicts.AddRange(policies.Rules.Select(rule => OfRule(scope, rule, facts, call.App.Id)));
        }

        foreach (var (scope, place, policies) in new[] { ("app", "", call.App.Policies), ("provider", called.Provider.Definition.Id, called.Provider.Policies) })
        {
            foreach (var rate in policies.Rates)
            {
                var given = await limiter.CountAsync(new RateKey(call.App.Id, place, rate, RateAdmission.Subject(rate, call, called.Grant)!), at, cancellationToken);
                verdicts.Add(OfRate(scope, rate, given, at));
            }
        }

        return new EvaluatedCall(verdicts.TrueForAll(verdict => verdict.Allowed), called.Provider.Definition.Id, called.Grant.Id, at, call.CallerAddress?.ToString(), verdicts);
    }

    private static PolicyVerdict Suspension(AppProvider provider) => provider.Suspension is { } suspension
        ? new(PolicyViolation.Suspended, "suspension", suspension is Policies.Suspension.Provider ? "provider" : "app", false, suspension.ToWire(), suspension.ToMessage())
        : new(PolicyViolation.Suspended, "suspension", "provider", true, "none");

    private static PolicyVerdict Lifetime(Grant grant, DateTimeOffset at)
    {
        var rule = grant.ExpiresAt is { } end ? string.Create(CultureInfo.InvariantCulture, $"until {end.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}") : "until revoked";
        return grant.StatusAt(at) is GrantStatus.Active
            ? new("lifetime", "grant_lifetime", "grant", true, rule)
            : new("lifetime", "grant_lifetime", "grant", false, rule, "The grant's lifetime is over; the user has to connect again.");
    }

    private PolicyVerdict OfRule(string scope, IPolicy rule, CallFacts facts, string app)
    {
        var denial = PolicySet.Judge(rule, facts);
        if (denial?.Fault is { } fault)
        {
            Log.PolicyFailed(logger, rule.Name, app, fault);
        }

        return new(rule.Name, rule.Kind, scope, denial is null, rule.Rule, denial?.Message, PolicyViolation.Seconds(denial?.RetryAfter));
    }

    private static PolicyVerdict OfRate(string scope, RatePolicy rate, int given, DateTimeOffset at) => given < rate.Limit
        ? new(rate.Name, RatePolicy.Kind, scope, true, rate.Rule)
        : new(rate.Name, RatePolicy.Kind, scope, false, rate.Rule, rate.DenialAt(at).Message, PolicyViolation.Seconds(rate.DenialAt(at).RetryAfter));
}
