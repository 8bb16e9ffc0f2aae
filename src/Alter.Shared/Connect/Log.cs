using Microsoft.Extensions.Logging;

namespace Alter.Connect;

internal static partial class Log
{
    [LoggerMessage(4000, LogLevel.Information, "App {App} connected provider {Provider} as grant {GrantId}.")]
    public static partial void Connected(ILogger logger, string app, string provider, Guid grantId);

    [LoggerMessage(4001, LogLevel.Warning, "App {App} did not connect provider {Provider}: {Code}.")]
    public static partial void NotConnected(ILogger logger, string app, string provider, string code);

    [LoggerMessage(4002, LogLevel.Warning, "An answer for app {App} and provider {Provider} came with another {Part}; its flow was ended.")]
    public static partial void MixUp(ILogger logger, string app, string provider, string part);

    [LoggerMessage(4003, LogLevel.Information, "{Count} expired rows of Connect were deleted.")]
    public static partial void Purged(ILogger logger, int count);

    [LoggerMessage(4004, LogLevel.Warning, "App {App}: a sign-in at identity provider {IdentityProvider} did not lead on: {Code}.")]
    public static partial void NotSignedIn(ILogger logger, string app, string identityProvider, string code);
}
