using Microsoft.Extensions.Logging;

namespace Alter.Grants;

internal static partial class Log
{
    [LoggerMessage(2000, LogLevel.Error, "Grant {GrantId} failed its integrity check: {Part} does not match.")]
    public static partial void IntegrityFailed(ILogger logger, Guid grantId, string part);

    [LoggerMessage(2001, LogLevel.Error, "Grant {GrantId} is sealed under key version {KeyVersion}, which is not to be had.")]
    public static partial void KeyMissing(ILogger logger, Guid grantId, string keyVersion);

    [LoggerMessage(2002, LogLevel.Information, "Grant {GrantId} was revoked.")]
    public static partial void Revoked(ILogger logger, Guid grantId);

    [LoggerMessage(2003, LogLevel.Warning, "Writing when grant {GrantId} was last used failed.")]
    public static partial void LastUsedNotWritten(ILogger logger, Guid grantId, Exception exception);

    [LoggerMessage(2004, LogLevel.Warning, "The message about the end of grant {GrantId} was not sent; its due row stands in.")]
    public static partial void MessageNotSent(ILogger logger, Guid grantId, Exception exception);

    [LoggerMessage(2020, LogLevel.Information, "Key version {KeyVersion} is current from now on; grants under others are re-wrapped.")]
    public static partial void KeyRotated(ILogger logger, string keyVersion);

    [LoggerMessage(2021, LogLevel.Information, "A walk over all grants met {Rows} rows and re-wrapped {Rewrapped}; {Skipped} were in use, {Unopenable} could not be opened.")]
    public static partial void Rewrapped(ILogger logger, int rows, int rewrapped, int skipped, int unopenable);

    [LoggerMessage(2022, LogLevel.Warning, "Re-wrapping paused where it stood, because a key version is not to be had now: {Reason}")]
    public static partial void RewrapPaused(ILogger logger, string reason);
}
