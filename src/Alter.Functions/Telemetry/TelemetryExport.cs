using Alter.Storage;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Alter.Functions.Telemetry;

/// <summary>
/// Sends traces, metrics and logs of this worker to where the settings say: Application Insights, an OTLP collector, both; or nowhere, and then nothing is
/// measured and nothing kept. No instrumentation of frameworks: the host has the request's span already, and theirs hold URLs.
/// </summary>
internal static class TelemetryExport
{
    /// <summary>Registers what the settings ask for. Nothing is sent before there is something to send.</summary>
    internal static void AddTelemetry(this FunctionsApplicationBuilder builder)
    {
        var settings = TelemetrySettings.From(builder.Configuration);
        builder.Services.AddSingleton(settings);
        if (!settings.IsOn)
        {
            return; // The host goes on with this worker's logs.
        }

        var telemetry = builder.Services.AddOpenTelemetry();
        telemetry.UseFunctionsWorkerDefaults();
        telemetry
            .ConfigureResource(resource => resource.AddEnvironmentVariableDetector()) // OTEL_SERVICE_NAME beats what the platform calls it.
            .WithTracing(tracing => tracing.AddProcessor(new CleanSpans()).AddSource(AlterActivities.Name))
            .WithMetrics(metrics => metrics.AddMeter(AlterMeter.Name))
            .WithLogging(null, logs => logs.IncludeFormattedMessage = true); // Scopes stay out: they hold request paths.
        if (settings.ConnectionString is not null)
        {
            telemetry
                .WithTracing(tracing => tracing.AddAzureMonitorTraceExporter(Configure))
                .WithMetrics(metrics => metrics.AddAzureMonitorMetricExporter(Configure))
                .WithLogging(logs => logs.AddAzureMonitorLogExporter(Configure));
        }

        if (settings.HasCollector)
        {
            telemetry.UseOtlpExporter(); // Protocol, headers and intervals by the standard settings.
        }

        void Configure(AzureMonitorExporterOptions options)
        {
            options.ConnectionString = settings.ConnectionString;
            options.DisableOfflineStorage = true; // The vault writes nothing to an instance's disk.
            options.EnableTraceBasedLogsSampler = false; // Alerts read the log: a line must not depend on whether its call happened to be traced, or its caller let it be.
            if (settings.SignsIn)
            {
                options.Credential = AlterStorageOptions.CredentialFrom(builder.Configuration[$"{AlterStorageOptions.Connection}:clientId"]); // As the host does.
            }
        }
    }
}
