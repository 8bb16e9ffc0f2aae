namespace Alter.Sdk;

/// <summary>The Connect session is unknown, over or used up (<c>connect_session_expired</c>, <c>connect_session_used</c>): mint a new one.</summary>
public sealed class ConnectSessionException : AlterException
{
    internal ConnectSessionException(AlterProblem problem)
        : base(problem)
    {
    }
}

/// <summary>Connect ended without a grant (<c>connect_flow_invalid</c>, <c>user_mismatch</c>, and what derives from this).</summary>
public class ConnectFlowException : AlterException
{
    internal ConnectFlowException(AlterProblem problem)
        : base(problem)
    {
    }
}

/// <summary>The user, or the provider for them, said no (<c>connect_denied</c>).</summary>
public sealed class ConnectDeniedException : ConnectFlowException
{
    internal ConnectDeniedException(AlterProblem problem)
        : base(problem)
    {
    }
}

/// <summary>Nobody finished Connect in time (<c>connect_timeout</c>).</summary>
public sealed class ConnectTimeoutException : ConnectFlowException
{
    internal ConnectTimeoutException(AlterProblem problem)
        : base(problem)
    {
    }
}

/// <summary>The provider refused the vault's client (<c>connect_config</c>).</summary>
public sealed class ConnectConfigException : ConnectFlowException
{
    internal ConnectConfigException(AlterProblem problem)
        : base(problem) => ProviderError = problem.Text("provider_error");

    /// <summary>The provider's own error code.</summary>
    public string? ProviderError { get; }
}
