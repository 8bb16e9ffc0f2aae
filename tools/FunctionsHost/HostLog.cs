using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Alter.FunctionsHost;

/// <summary>One line per event, from the host and from its workers alike.</summary>
internal sealed class HostLog(Action<string> output, TimeProvider time, LogLevels levels)
{
    /// <summary>The host's own word. It never names URLs, bodies or headers: they hold codes and tokens.</summary>
    public void Host(LogLevel level, string message, string category = "Host")
    {
        if (levels.Allow(category, level))
        {
            Write("host", level, category, message);
        }
    }

    public void Worker(int number, LogLevel level, string category, string message, string? exception)
    {
        if (levels.Allow(category, level))
        {
            Write($"worker {number}", level, category, string.IsNullOrEmpty(exception) ? message : $"{message}{Environment.NewLine}  {exception}");
        }
    }

    /// <summary>What a worker wrote to its standard output or error.</summary>
    public void WorkerOutput(int number, string line) => Write($"worker {number}", LogLevel.Information, "Console", line);

    /// <summary>A line for the user at the console, not filtered.</summary>
    public void Say(string line) => output(line);

    private void Write(string source, LogLevel level, string category, string message) =>
        output(string.Create(CultureInfo.InvariantCulture, $"{time.GetLocalNow():HH:mm:ss.fff} {source,-8} {Label(level)} {category}: {message}"));

    private static string Label(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info ",
        LogLevel.Warning => "WARN ",
        LogLevel.Error => "ERROR",
        _ => "FATAL",
    };
}
