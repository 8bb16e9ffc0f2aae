using Microsoft.Extensions.Logging;

namespace Alter.Apps;

internal static partial class Log
{
    [LoggerMessage(1400, LogLevel.Warning, "Writing when key {Key} of app {App} was last used failed; the next use writes it.")]
    public static partial void KeyUseNotWritten(ILogger logger, string app, string key, Exception exception);
}
