using Microsoft.Extensions.Logging;

namespace Alter.Wallet;

internal static partial class Log
{
    [LoggerMessage(4500, LogLevel.Warning, "A sign-in to the Wallet came to nothing: {Code}.")]
    public static partial void NotSignedIn(ILogger logger, string code);

    [LoggerMessage(4501, LogLevel.Information, "A user of app {App} revoked grant {GrantId} in the Wallet.")]
    public static partial void Revoked(ILogger logger, string app, Guid grantId);

    [LoggerMessage(4502, LogLevel.Information, "A user of app {App} extended grant {GrantId} in the Wallet.")]
    public static partial void Extended(ILogger logger, string app, Guid grantId);
}
