using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Alter.Testing;

/// <summary>Keeps what is logged.</summary>
internal sealed class SeenLogger<T>(ConcurrentQueue<(int Id, string Text)> lines) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        lines.Enqueue((eventId.Id, formatter(state, exception)));
}
