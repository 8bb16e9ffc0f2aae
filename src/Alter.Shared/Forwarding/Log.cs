using Alter.Egress;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Alter.Forwarding;

internal static partial class Log
{
    [LoggerMessage(5000, LogLevel.Warning, "Provider {Provider} sent the access token back in header {Header}; the header was removed.")]
    public static partial void TokenEchoed(ILogger logger, string provider, string header);

    [LoggerMessage(5002, LogLevel.Error, "Policy {Policy} of app {App} could not be judged, so it denies.")]
    public static partial void PolicyFailed(ILogger logger, string policy, string app, Exception exception);

    [LoggerMessage(5001, LogLevel.Warning, "A call to provider {Provider} brought no answer: {Error} ({Fault}).")]
    public static partial void NotForwarded(ILogger logger, string provider, ForwarderError error, EgressFault fault);
}
