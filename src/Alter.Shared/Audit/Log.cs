using Microsoft.Extensions.Logging;

namespace Alter.Audit;

internal static partial class Log
{
    [LoggerMessage(8000, LogLevel.Error, "{Count} entries of the record were not written to lane {Lane}.")]
    public static partial void NotWritten(ILogger logger, int count, string lane, Exception? exception);

    [LoggerMessage(8001, LogLevel.Error, "The record took nothing for so long that an entry ({Kind}) of request {Id} was given up.")]
    public static partial void Dropped(ILogger logger, string kind, string id);

    [LoggerMessage(8002, LogLevel.Warning, "{Count} entries did not reach the activity tables yet.")]
    public static partial void NotProjected(ILogger logger, int count, Exception exception);

    [LoggerMessage(8003, LogLevel.Information, "Seal {Number} covers {Lanes} lanes of the record: {Hash}.")]
    public static partial void Sealed(ILogger logger, long number, int lanes, string hash);

    [LoggerMessage(8004, LogLevel.Error, "Lane {Lane} of the record was sealed up to entry {Sequence} and now ends before it.")]
    public static partial void Shrunk(ILogger logger, string lane, long sequence);

    [LoggerMessage(8005, LogLevel.Information, "{Count} entries of lane {Lane} were brought into the activity tables after their writer had stopped.")]
    public static partial void Replayed(ILogger logger, long count, string lane);

    [LoggerMessage(8006, LogLevel.Information, "The record of {Month} was dropped; {Seals} seals went with it.")]
    public static partial void MonthDropped(ILogger logger, string month, int seals);

    [LoggerMessage(8007, LogLevel.Error, "Seal {Number} of the record is not one the vault wrote: somebody wrote to its storage. No seal rests on it; ./alter audit verify tells more.")]
    public static partial void SealOfAnother(ILogger logger, long number);

    [LoggerMessage(8008, LogLevel.Error, "Seal {Number} of the record is under key version {Version}, which is not to be had: enable it until a newer version has sealed, which takes a minute.")]
    public static partial void SealWithoutKey(ILogger logger, long number, string version);

    [LoggerMessage(8009, LogLevel.Error, "The record was not sealed this minute.")]
    public static partial void NotSealed(ILogger logger, Exception? exception);

    [LoggerMessage(8010, LogLevel.Warning, "Lane {Lane} of the record has no head that can be read, so no seal covers it.")]
    public static partial void WithoutHead(ILogger logger, string lane);
}
