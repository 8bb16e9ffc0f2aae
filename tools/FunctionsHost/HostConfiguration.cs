using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Alter.FunctionsHost;

/// <summary>The members of <c>host.json</c> that this host honours.</summary>
internal sealed record HostConfiguration(string RoutePrefix, QueueConfiguration Queues, LogLevels LogLevels)
{
    public static HostConfiguration Read(string path)
    {
        using var document = JsonFile.Read(path);
        var root = document.RootElement;
        try
        {
            return new HostConfiguration(
                RoutePrefix: (JsonFile.Find(root, "extensions", "http", "routePrefix")?.GetString() ?? "api").Trim('/'),
                Queues: QueueConfiguration.Read(JsonFile.Find(root, "extensions", "queues")),
                LogLevels: LogLevels.Read(JsonFile.Find(root, "logging", "logLevel")));
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            throw new HostStartException($"{path}: {e.Message}");
        }
    }
}

/// <summary>Section <c>extensions.queues</c>.</summary>
/// <param name="BatchSize">Messages fetched at once, 1 to 32.</param>
/// <param name="NewBatchThreshold">A new batch is fetched when this many messages or fewer are in work.</param>
/// <param name="MaxDequeueCount">Tries before a message goes to the poison queue.</param>
/// <param name="VisibilityTimeout">How long a failed message stays hidden. Azure's default is zero: all tries follow at once.</param>
/// <param name="MaxPollingInterval">The longest pause between two looks at an empty queue.</param>
/// <param name="Base64">Whether messages are base64; Azure's default.</param>
internal sealed record QueueConfiguration(
    int BatchSize, int NewBatchThreshold, int MaxDequeueCount, TimeSpan VisibilityTimeout, TimeSpan MaxPollingInterval, bool Base64)
{
    // Azure's default is a minute; nobody at a desk waits that long.
    private static readonly TimeSpan LocalPollingInterval = TimeSpan.FromSeconds(1);

    public static QueueConfiguration Read(JsonElement? section)
    {
        var batchSize = Number("batchSize", fallback: 16, least: 1, most: 32);
        return new QueueConfiguration(
            batchSize,
            Number("newBatchThreshold", fallback: batchSize / 2, least: 0, most: 1000),
            Number("maxDequeueCount", fallback: 5, least: 1, most: 1000),
            Span("visibilityTimeout") ?? TimeSpan.Zero,
            Span("maxPollingInterval") is { } asked && asked < LocalPollingInterval ? asked : LocalPollingInterval,
            Encoding());

        string? Text(string name) => section is { } s && JsonFile.Find(s, name) is { } value
            ? value.ValueKind is JsonValueKind.String ? value.GetString() : value.GetRawText()
            : null;

        int Number(string name, int fallback, int least, int most) => Text(name) is not { } text
            ? fallback
            : int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                ? number
                : throw new FormatException($"extensions.queues.{name} must be a number from {least} to {most}.");

        TimeSpan? Span(string name) => Text(name) is not { } text
            ? null
            : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) && span >= TimeSpan.Zero
                ? span
                : throw new FormatException($"extensions.queues.{name} must be a time span such as \"00:00:30\".");

        bool Encoding() => Text("messageEncoding")?.ToUpperInvariant() switch
        {
            null or "BASE64" => true,
            "NONE" => false,
            _ => throw new FormatException("extensions.queues.messageEncoding must be \"none\" or \"base64\"."),
        };
    }
}

/// <summary>Section <c>logging.logLevel</c>: the longest prefix of a category decides.</summary>
internal sealed class LogLevels(IReadOnlyDictionary<string, LogLevel> byCategory)
{
    public static LogLevels Read(JsonElement? section)
    {
        var levels = new Dictionary<string, LogLevel>(StringComparer.OrdinalIgnoreCase);
        if (section is { ValueKind: JsonValueKind.Object } entries)
        {
            foreach (var entry in entries.EnumerateObject())
            {
                levels[entry.Name] = Enum.TryParse<LogLevel>(entry.Value.GetString(), ignoreCase: true, out var level)
                    ? level
                    : throw new FormatException($"logging.logLevel.{entry.Name} is no log level.");
            }
        }

        return new LogLevels(levels);
    }

    public bool Allow(string category, LogLevel level)
    {
        var least = byCategory.TryGetValue("default", out var standard) ? standard : LogLevel.Information;
        var length = -1;
        foreach (var (prefix, candidate) in byCategory)
        {
            if (prefix.Length > length && category.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
                && (category.Length == prefix.Length || category[prefix.Length] == '.'))
            {
                (least, length) = (candidate, prefix.Length);
            }
        }

        return level >= least && least != LogLevel.None;
    }
}
