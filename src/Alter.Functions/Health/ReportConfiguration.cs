using Alter.Apps;
using Alter.Functions.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Alter.Functions.Health;

/// <summary>Says at start which document this worker runs, or every mistake in it, and which setting of telemetry is of no use.</summary>
internal sealed partial class ReportConfiguration(IServiceProvider services, TelemetrySettings telemetry, ILogger<ReportConfiguration> logger) : IHostedService
{
    // The document is read beside the greeting of the host, which waits for this; whoever needs it meanwhile waits for it.
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = Task.Run(() => Report(services.GetRequiredService<ConfigurationSource>()), CancellationToken.None);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Report(ConfigurationSource configuration)
    {
        if (configuration.Current is { } vault)
        {
            Loaded(logger, vault.Version, vault.Apps.Count, vault.KeyCount, vault.PublicOrigin);
        }

        foreach (var suspension in configuration.Current?.Suspensions ?? [])
        {
            Suspended(logger, suspension);
        }

        foreach (var mistake in configuration.Mistakes)
        {
            Mistaken(logger, mistake.Path, mistake.Fault, mistake.Example);
        }

        foreach (var (setting, fault) in telemetry.Faults)
        {
            Unusable(logger, setting, fault);
        }
    }

    [LoggerMessage(7000, LogLevel.Information, "Configuration {Version}: {Apps} apps with {Keys} keys at {PublicUrl}.")]
    private static partial void Loaded(ILogger logger, string version, int apps, int keys, string publicUrl);

    [LoggerMessage(7002, LogLevel.Warning, "Configuration: {Switch} suspends what it stands for; no token of it is released, renewed or obtained.")]
    private static partial void Suspended(ILogger logger, string @switch);

    [LoggerMessage(7003, LogLevel.Error, "Telemetry is not sent by setting {Setting}: {Fault}")]
    private static partial void Unusable(ILogger logger, string setting, string fault);

    [LoggerMessage(7001, LogLevel.Error, "Configuration: {Path}: {Fault} Example: {Example}")]
    private static partial void Mistaken(ILogger logger, string path, string fault, string example);
}
