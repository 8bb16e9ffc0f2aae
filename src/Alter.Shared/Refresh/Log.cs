using Microsoft.Extensions.Logging;

namespace Alter.Refresh;

internal static partial class Log
{
    [LoggerMessage(3000, LogLevel.Information, "Grant {GrantId} was refreshed; it is now of generation {Generation}.")]
    public static partial void Refreshed(ILogger logger, Guid grantId, int generation);

    [LoggerMessage(3001, LogLevel.Warning, "Refreshing grant {GrantId} of provider {Provider} failed with {Code} ({ProviderError}); next attempt in {Delay}.")]
    public static partial void Postponed(ILogger logger, Guid grantId, string provider, string code, string? providerError, TimeSpan delay);

    [LoggerMessage(3002, LogLevel.Warning, "Provider {Provider} no longer honours grant {GrantId}: {Cause}.")]
    public static partial void Ended(ILogger logger, string provider, Guid grantId, string cause);

    [LoggerMessage(3003, LogLevel.Error, "Storage did not take the new tokens of grant {GrantId}; attempt {Attempt}, trying on.")]
    public static partial void StoreRetried(ILogger logger, Guid grantId, int attempt, Exception exception);

    [LoggerMessage(3004, LogLevel.Critical, "The new tokens of grant {GrantId} could not be stored; unless they went to the queue before, they are lost.")]
    public static partial void NotStored(ILogger logger, Guid grantId);

    [LoggerMessage(3005, LogLevel.Warning, "The due index was not written for grant {GrantId}; the daily sweep repairs it.")]
    public static partial void DueNotWritten(ILogger logger, Guid grantId, Exception exception);

    [LoggerMessage(3006, LogLevel.Information, "{Count} due grants were queued.")]
    public static partial void Dispatched(ILogger logger, int count);

    [LoggerMessage(3007, LogLevel.Error, "Looking after grant {GrantId} failed {Attempts} times; it is left alone for a day.")]
    public static partial void GaveUp(ILogger logger, Guid grantId, long attempts);

    [LoggerMessage(3008, LogLevel.Information, "The daily sweep visited {Rows} rows, dropped {Dropped} and repaired {Repaired}.")]
    public static partial void Swept(ILogger logger, int rows, int dropped, int repaired);

    [LoggerMessage(3009, LogLevel.Warning, "Grant {GrantId} ended during its refresh; telling the provider about the unused token came to {Outcome}.")]
    public static partial void Discarded(ILogger logger, Guid grantId, string outcome);

    [LoggerMessage(3010, LogLevel.Error, "Provider {Provider} refused {Refused} of the last {Outcomes} refresh tokens of app {App}; no grant is ended for it while that lasts.")]
    public static partial void BrakeOn(ILogger logger, string app, string provider, long refused, long outcomes);

    [LoggerMessage(3011, LogLevel.Error, "Tables do not take the new tokens of grant {GrantId}; they went, sealed, to the queue.")]
    public static partial void Spilled(ILogger logger, Guid grantId);

    [LoggerMessage(3012, LogLevel.Error, "The queue does not take the new tokens of grant {GrantId} either.")]
    public static partial void SpillFailed(ILogger logger, Guid grantId, Exception exception);

    [LoggerMessage(3013, LogLevel.Warning, "The tokens of grant {GrantId} that came by queue cannot be stored yet; try {Tries}.")]
    public static partial void SpillWaits(ILogger logger, Guid grantId, long tries, Exception exception);

    [LoggerMessage(3014, LogLevel.Information, "The tokens of grant {GrantId} that came by queue are not needed any more.")]
    public static partial void SpillNotNeeded(ILogger logger, Guid grantId);
}
