namespace Alter.Sdk;

/// <summary>The app key is not one of the vault's (<c>invalid_api_key</c>).</summary>
public sealed class InvalidKeyException : AlterException
{
    internal InvalidKeyException(AlterProblem problem)
        : base(problem)
    {
    }
}

/// <summary>The app key lacks a scope (<c>insufficient_scope</c>).</summary>
public sealed class InsufficientScopeException : AlterException
{
    internal InsufficientScopeException(AlterProblem problem)
        : base(problem) => RequiredScope = problem.Text("required_scope");

    /// <summary>The scope it needs.</summary>
    public string? RequiredScope { get; }
}

/// <summary>The user's JWT is missing or does not name a user of this app (<c>invalid_user_token</c>).</summary>
public sealed class InvalidUserTokenException : AlterException
{
    internal InvalidUserTokenException(AlterProblem problem)
        : base(problem)
    {
        Reason = problem.Text("reason");
        Expected = problem.Texts("expected");
        Received = problem.Texts("received");
    }

    private InvalidUserTokenException(string reason, string detail)
        : base(new AlterProblem { Code = "invalid_user_token", Detail = detail, Action = AlterAction.FixCall })
    {
        Reason = reason;
        Expected = Received = [];
    }

    /// <summary><c>missing</c>, <c>malformed</c>, <c>expired</c>, <c>issuer</c>, <c>audience</c>, <c>signature</c> or <c>claims</c>.</summary>
    public string? Reason { get; }

    /// <summary>What the vault accepts, for issuer and audience.</summary>
    public IReadOnlyList<string> Expected { get; }

    /// <summary>What the token says, for issuer and audience.</summary>
    public IReadOnlyList<string> Received { get; }

    internal static InvalidUserTokenException Missing() => new(
        "missing",
        "No user token: there is no current request, or nobody is signed in. Outside of requests (hosted services, SignalR, Blazor circuits) pass UserToken in CallOptions, or name the grant by its id.");

    internal static InvalidUserTokenException Malformed() => new("malformed", "The user token holds characters no JWT has.");
}

/// <summary>A policy of the app or of the grant forbids the call, or forbids it for now (<c>policy_violation</c>).</summary>
public sealed class PolicyViolationException : AlterException
{
    internal PolicyViolationException(AlterProblem problem)
        : base(problem)
    {
        var error = AlterProblem.Member(problem.Members, "policy_error");
        PolicyError = new PolicyError(
            AlterProblem.TextOf(AlterProblem.Member(error, "policy")),
            AlterProblem.TextOf(AlterProblem.Member(error, "rule")),
            AlterProblem.TextOf(AlterProblem.Member(error, "message")),
            AlterProblem.NumberOf(AlterProblem.Member(error, "retry_after")) is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
    }

    /// <summary>Which policy, and which of its rules.</summary>
    public PolicyError PolicyError { get; }
}

/// <summary>Why a policy forbade a call.</summary>
/// <param name="Policy">The policy's name in the vault's document; <c>suspended</c>: the operator has stopped it.</param>
/// <param name="Rule">The rule, as configured.</param>
/// <param name="Message">The rule in words.</param>
/// <param name="RetryAfter">When the rule allows calls again, where that is known.</param>
public sealed record PolicyError(string? Policy, string? Rule, string? Message, TimeSpan? RetryAfter);
