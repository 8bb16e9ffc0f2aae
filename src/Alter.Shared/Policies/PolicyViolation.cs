namespace Alter.Policies;

/// <summary>A policy forbids what was asked.</summary>
/// <param name="PolicyError">Which one, and which of its rules.</param>
public sealed record PolicyViolation(PolicyError PolicyError) : Refusal(PolicyError.Message)
{
    /// <summary>The refusal of what the operator has suspended.</summary>
    public static PolicyViolation Of(Suspension suspension) => new(new PolicyError("suspended", suspension.ToWire(), suspension.ToMessage()));
}

/// <summary>Why a policy forbids something.</summary>
/// <param name="Policy">The policy's kind.</param>
/// <param name="Rule">The rule of it that applies.</param>
/// <param name="Message">The rule in words.</param>
/// <param name="RetryAfter">Seconds until it allows it again; null: nobody knows.</param>
public sealed record PolicyError(string Policy, string Rule, string Message, int? RetryAfter = null);
