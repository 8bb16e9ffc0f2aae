namespace Alter.FunctionsHost;

/// <summary>What to run and where.</summary>
public sealed class FunctionsHostOptions
{
    /// <summary>The built or published app: the folder with <c>host.json</c> and <c>worker.config.json</c>.</summary>
    public required string AppDirectory { get; init; }

    /// <summary>The IP address to listen on.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port to listen on; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>How many worker processes stand behind the one address.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>App settings that win over both the process environment and <c>local.settings.json</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Takes each line the host or a worker has to say; must be safe to call from many threads.</summary>
    public Action<string> Output { get; init; } = static _ => { };

    /// <summary>The clock that timers and queue polling go by.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
