using Alter.Grants;
using Alter.Policies;
using Alter.RateLimits;

namespace Alter.Forwarding;

/// <summary>One call's way through the limits that have to do with it.</summary>
/// <remarks>
/// <code>
///  Begin ──► (1) what app, key and user tell is counted beside the reading of the grant
///  grant ──► (2) what only the grant tells, and a provider that was not named, is counted
///            (3) all allow: the call is admitted and counted, whatever becomes of it (security A31)
///            (4) one refuses, or something else did: what was counted is given back
/// </code>
/// </remarks>
internal sealed class RateAdmission(RateLimiter limiter, TimeProvider time, IncomingCall call, CancellationToken cancellationToken)
{
    private readonly List<Task<RateTaking>> takings = [];
    private readonly List<(string Place, RatePolicy Policy)> left = [];
    private readonly HashSet<string> begun = new(StringComparer.Ordinal);

    // (1)
    internal void CountKnown(string place, IReadOnlyList<RatePolicy> policies)
    {
        begun.Add(place);
        foreach (var policy in policies)
        {
            if (Subject(policy, call, null) is { } subject)
            {
                Count(place, policy, subject);
            }
            else
            {
                left.Add((place, policy));
            }
        }
    }

    /// <summary>Counts the rest and hears what all limits say.</summary>
    /// <returns>Null: the call is admitted. Else the refusal, and nothing is counted.</returns>
    internal async Task<PolicyViolation?> CompleteAsync(CalledGrant called)
    {
        // (2)
        if (!begun.Contains(called.Provider.Definition.Id))
        {
            CountKnown(called.Provider.Definition.Id, called.Provider.Policies.Rates);
        }

        foreach (var (place, policy) in left)
        {
            Count(place, policy, Subject(policy, call, called.Grant)!);
        }

        left.Clear();
        if (takings.Count == 0)
        {
            return null;
        }

        // (3)
        var taken = await Task.WhenAll(takings);
        if (Array.Find(taken, taking => taking.Window is null) is not { } reached)
        {
            return null;
        }

        await GiveBackAsync(); // (4) They have all ended.
        return PolicyViolation.Of(reached.Key.Policy, time.GetUtcNow());
    }

    /// <summary>Gives back what was counted, once it is known; the caller need not wait.</summary>
    internal async Task GiveBackAsync()
    {
        foreach (var taking in takings)
        {
            try
            {
                limiter.GiveBack(await taking);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Nothing was counted; why is said to those who wait for it.
            }
        }

        takings.Clear();
    }

    /// <summary>What a policy counts a call by; null where only the grant tells.</summary>
    internal static string? Subject(RatePolicy policy, IncomingCall call, Grant? grant) => policy.Per switch
    {
        RatePer.App => call.App.Id,
        RatePer.Key => call.Key.Id,
        RatePer.User => call.Owner?.Hash ?? grant?.Place.UserHash,
        _ => grant?.Id.ToString("D"), // Not as the caller spells it: nobody counts on another's grant.
    };

    private void Count(string place, RatePolicy policy, string subject) => takings.Add(limiter.TakeAsync(new RateKey(call.App.Id, place, policy, subject), cancellationToken));
}
