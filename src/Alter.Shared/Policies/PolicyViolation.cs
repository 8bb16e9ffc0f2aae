using System.Text.Json.Serialization;

namespace Alter.Policies;

/// <summary>A policy forbids what was asked.</summary>
/// <param name="PolicyError">Which one, and which of its rules.</param>
public sealed record PolicyViolation(PolicyError PolicyError) : Refusal(PolicyError.Message)
{
    /// <summary>The policy name of a suspension; no policy of the document may have it.</summary>
    public const string Suspended = "suspended";

    private const string SuspensionKind = "suspension";

    /// <summary>The kind of the policy, as the document spells it; <c>suspension</c> for what is suspended. For the operator's metrics alone.</summary>
    [JsonIgnore]
    public string Kind { get; init; } = AlterMeter.Nothing;

    /// <summary>The refusal of what the operator has suspended.</summary>
    public static PolicyViolation Of(Suspension suspension) => new(new PolicyError(Suspended, suspension.ToWire(), suspension.ToMessage())) { Kind = SuspensionKind };

    /// <summary>The refusal of what a rule denies.</summary>
    public static PolicyViolation Of(IPolicy policy, Denial denial)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(denial);
        return new(new PolicyError(policy.Name, policy.Rule, denial.Message, Seconds(denial.RetryAfter))) { Kind = policy.Kind };
    }

    /// <summary>The refusal of a call beyond a rate: the one denial that passes by itself, so it has a <c>Retry-After</c> and is a 429.</summary>
    public static PolicyViolation Of(RatePolicy policy, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var denial = policy.DenialAt(at);
        return new(new PolicyError(policy.Name, policy.Rule, denial.Message, Seconds(denial.RetryAfter))) { Kind = RatePolicy.Kind, RetryAfter = denial.RetryAfter };
    }

    /// <summary>Whole seconds, never too few.</summary>
    public static int? Seconds(TimeSpan? span) => span is { } wait ? (int)Math.Clamp(Math.Ceiling(wait.TotalSeconds), 1, int.MaxValue) : null;
}

/// <summary>Why a policy forbids something.</summary>
/// <param name="Policy">The policy's name in the document; <c>suspended</c> for a suspension.</param>
/// <param name="Rule">Its rule, as configured.</param>
/// <param name="Message">What of it forbids this, in words.</param>
/// <param name="RetryAfter">Seconds until it allows it again; null: nobody knows.</param>
public sealed record PolicyError(string Policy, string Rule, string Message, int? RetryAfter = null);
