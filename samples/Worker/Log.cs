namespace Samples.Worker;

/// <summary>What the worker tells its operator: ids and codes, nobody's events.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Read {Count} events with grant {GrantId}")]
    public static partial void Digested(ILogger logger, Guid grantId, int count);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "Grant {GrantId} has ended: {Code}")]
    public static partial void Ended(ILogger logger, Guid grantId, string code);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "Left grant {GrantId} for the next round: {Code}, request {RequestId}")]
    public static partial void Postponed(ILogger logger, Guid grantId, string code, string? requestId);

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "The calendar answered {Status} to grant {GrantId}")]
    public static partial void Refused(ILogger logger, Guid grantId, int status);
}
