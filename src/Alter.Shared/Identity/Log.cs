using Microsoft.Extensions.Logging;

namespace Alter.Identity;

/// <summary>Events 1500 to 1599.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1500, EventName = nameof(KeysNotFetched), Level = LogLevel.Warning, Message = "The keys of issuer {Issuer} were not fetched. {Fault}")]
    internal static partial void KeysNotFetched(this ILogger log, string issuer, string fault);
}
