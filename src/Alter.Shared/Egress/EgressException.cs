using System.Net.Sockets;

namespace Alter.Egress;

/// <summary>An outgoing call that brought no usable answer. Its message names the host at most: no path, no query, nothing the other side sent.</summary>
public sealed class EgressException(EgressFault fault, string message) : Exception(message)
{
    /// <summary>What went wrong.</summary>
    public EgressFault Fault => fault;

    /// <summary>Puts a failure of one of the <see cref="EgressHandlers"/> into these words.</summary>
    /// <param name="exception">What the handler, or reading its answer, threw.</param>
    /// <param name="host">Whom the call was for.</param>
    public static EgressException From(Exception exception, string host)
    {
        ArgumentNullException.ThrowIfNull(exception);
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is EgressException known)
            {
                return known;
            }
        }

        // The original is not kept as inner exception: messages of protocol errors quote what the other side sent.
        return exception switch
        {
            OperationCanceledException => new(EgressFault.Timeout, $"{host} did not answer in time."),
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } =>
                new(EgressFault.Unreachable, $"The name {host} does not resolve."),
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
                new(EgressFault.Unreachable, $"No trusted TLS connection to {host}."),
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } =>
                new(EgressFault.Unreachable, $"No connection to {host}{Reason(exception)}."),
            _ => new(EgressFault.BrokenAnswer, $"{host} did not send a complete HTTP answer."),
        };
    }

    private static string Reason(Exception exception) =>
        exception.InnerException is SocketException socket ? $" ({socket.SocketErrorCode})" : "";
}

/// <summary>Why an outgoing call brought no usable answer.</summary>
public enum EgressFault
{
    /// <summary>No connection: name, network or TLS. The other side has not seen the request.</summary>
    Unreachable,

    /// <summary>No whole answer in time. The other side may have acted.</summary>
    Timeout,

    /// <summary>The answer is over the limit. The other side has acted.</summary>
    TooLarge,

    /// <summary>The address or scheme is not one the vault calls. Nothing was sent.</summary>
    ForbiddenAddress,

    /// <summary>The connection broke or spoke no HTTP. The other side may have acted.</summary>
    BrokenAnswer,
}
