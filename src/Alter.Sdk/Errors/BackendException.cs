using System.Net;

namespace Alter.Sdk;

/// <summary>The vault, or the platform in front of it, could not serve the call; also every error this version of the SDK does not know.</summary>
public sealed class BackendException : AlterException
{
    internal BackendException(AlterProblem problem)
        : base(problem)
    {
    }

    /// <summary>No answer: the vault was not reached.</summary>
    internal static BackendException Unreachable(Exception cause) => new(new AlterProblem
    {
        Code = "vault_unreachable",
        Detail = "The vault could not be reached. Check BaseUrl and the network between.",
        Action = AlterAction.Retry,
        InnerException = cause,
    });

    /// <summary>An answer that the vault did not give.</summary>
    internal static BackendException OfPlatform(HttpStatusCode status, TimeSpan? retryAfter) => new(new AlterProblem
    {
        Code = "platform_error",
        Detail = $"The answer ({(int)status}) came from the platform in front of the vault, not from the vault: it lacks X-Alter-Request-Id. Check BaseUrl, or whether the vault runs.",
        Action = status is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout or HttpStatusCode.TooManyRequests
            ? AlterAction.Retry
            : AlterAction.FixConfiguration,
        StatusCode = status,
        RetryAfter = retryAfter,
    });

    /// <summary>The vault answered what the contract does not have.</summary>
    internal static BackendException Unexpected(HttpStatusCode status, string? requestId) => new(new AlterProblem
    {
        Code = "unexpected_answer",
        Detail = $"The vault answered {(int)status} in a form this version of the SDK does not know.",
        StatusCode = status,
        RequestId = requestId,
    });
}
