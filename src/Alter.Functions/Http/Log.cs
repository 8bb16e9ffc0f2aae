using Microsoft.Extensions.Logging;

namespace Alter.Functions.Http;

internal static partial class Log
{
    [LoggerMessage(6000, LogLevel.Error, "{Function} failed unexpectedly; request {RequestId}.")]
    public static partial void Unexpected(ILogger logger, string function, string requestId, Exception exception);

    [LoggerMessage(6001, LogLevel.Error, "{Function} could not reach what the vault stands on ({Kind}, status {Status}); request {RequestId}.")]
    public static partial void Outage(ILogger logger, string function, string requestId, string kind, int status);
}
