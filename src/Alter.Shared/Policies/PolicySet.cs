namespace Alter.Policies;

/// <summary>What the policies of one place of the document ask; all of them must allow a call.</summary>
/// <param name="Rules">Judged from facts.</param>
/// <param name="Rates">Counted in storage.</param>
public sealed record PolicySet(IReadOnlyList<IPolicy> Rules, IReadOnlyList<RatePolicy> Rates)
{
    /// <summary>Nothing is asked.</summary>
    public static PolicySet None { get; } = new([], []);

    /// <summary>The first rule that forbids a call, in the document's order; null: none does.</summary>
    public (IPolicy Policy, Denial Denial)? FindDenial(CallFacts facts)
    {
        foreach (var policy in Rules)
        {
            if (Judge(policy, facts) is { } denial)
            {
                return (policy, denial);
            }
        }

        return null;
    }

    /// <summary>One rule's verdict. What cannot be decided is refused: a rule that throws denies.</summary>
    public static Denial? Judge(IPolicy policy, CallFacts facts)
    {
        ArgumentNullException.ThrowIfNull(policy);
        try
        {
            return policy.Judge(facts);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new Denial("The policy could not be judged, so it denies; the vault's log says why.") { Fault = e };
        }
    }
}
