using Alter.Grants;
using Alter.Policies;
using Alter.RateLimits;

namespace Alter.Forwarding;

/// <summary>One call's way through the limits that have to do with it.</summary>
/// <remarks>
/// <code>
///  Begin ──► (1) what app, key and user tell is counted ahead, beside the reading of the grant, a block at once
///  grant ──► (2) a limit known to be reached refuses before anything more is counted
///            (3) what only the grant tells, a provider that was not named, and what could not be counted ahead: the narrowest first, one after the other
///            (4) all allow: the call is admitted and counted, whatever becomes of it (security A31)
///            (5) one refuses, or something else did: what was counted is given back
/// </code>
/// What is given back stays with this process. So no call that comes to nothing takes more of a limit from the others than a block.
/// </remarks>
internal sealed class RateAdmission(RateLimiter limiter, TimeProvider time, IncomingCall call, CancellationToken cancellationToken)
{
    private readonly List<(RateKey Key, Task<RateTaking> Taking)> ahead = [];
    private readonly List<RateTaking> counted = [];
    private readonly List<(string Place, RatePolicy Policy)> left = [];
    private string? begun; // The provider whose limits are counted ahead; null or empty: none is named.

    // (1): the app's with an empty place, then the named provider's.
    internal void CountKnown(string place, IReadOnlyList<RatePolicy> policies)
    {
        begun = place;
        foreach (var policy in policies)
        {
            if (Subject(policy, call, null) is { } subject && new RateKey(call.App.Id, place, policy, subject) is var key && limiter.TakeAhead(key, cancellationToken) is { } taking)
            {
                ahead.Add((key, taking));
            }
            else
            {
                left.Add((place, policy));
            }
        }
    }

    /// <summary>Counts the rest and hears what all limits say.</summary>
    /// <returns>Null: the call is admitted. Else the refusal, and nothing is counted.</returns>
    internal ValueTask<PolicyViolation?> CompleteAsync(CalledGrant called) =>
        ahead.Count + left.Count is 0 && (begun == called.Provider.Definition.Id || called.Provider.Policies.Rates.Count is 0)
            ? default // Nothing limits it.
            : new(CountRestAsync(called));

    private async Task<PolicyViolation?> CountRestAsync(CalledGrant called)
    {
        var provider = called.Provider.Definition.Id;
        IEnumerable<(string Place, RatePolicy Policy)> rest = begun == provider ? left : left.Concat(called.Provider.Policies.Rates.Select(policy => (provider, policy)));
        var keys = rest.OrderBy(one => Breadth(one.Policy.Per)).Select(one => new RateKey(call.App.Id, one.Place, one.Policy, Subject(one.Policy, call, called.Grant)!)).ToList();
        var reached = keys.Find(limiter.IsUsedUp)?.Policy; // (2)
        foreach (var (_, taking) in ahead)
        {
            reached ??= await taking is { Window: null } refused ? refused.Key.Policy : null;
        }

        foreach (var key in keys) // (3)
        {
            if (reached is null)
            {
                var taking = await limiter.TakeAsync(key, cancellationToken);
                counted.Add(taking);
                reached = taking.Window is null ? key.Policy : null;
            }
        }

        if (reached is null)
        {
            ahead.ForEach(one => limiter.EndAhead(one.Key)); // (4)
            ahead.Clear();
            return null;
        }

        await GiveBackAsync(); // (5)
        return PolicyViolation.Of(reached, time.GetUtcNow());
    }

    /// <summary>Gives back what was counted, once it is known; the caller need not wait.</summary>
    internal async Task GiveBackAsync()
    {
        counted.ForEach(limiter.GiveBack);
        counted.Clear();
        foreach (var (key, taking) in ahead)
        {
            try
            {
                limiter.GiveBack(await taking);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Nothing was counted; why is said to those who wait for it.
            }

            limiter.EndAhead(key);
        }

        ahead.Clear();
    }

    // A flood within a narrow limit then ends there, and takes nothing of a wider one.
    private static int Breadth(RatePer per) => per switch
    {
        RatePer.Grant => 0,
        RatePer.User => 1,
        RatePer.Key => 2,
        _ => 3,
    };

    /// <summary>What a policy counts a call by; null where only the grant tells.</summary>
    internal static string? Subject(RatePolicy policy, IncomingCall call, Grant? grant) => policy.Per switch
    {
        RatePer.App => call.App.Id,
        RatePer.Key => call.Key.Id,
        RatePer.User => call.Owner?.Hash ?? grant?.Place.UserHash,
        _ => grant?.Id.ToString("D"), // Not as the caller spells it: nobody counts on another's grant.
    };
}
