using Microsoft.Extensions.Configuration;

namespace Alter.Functions.Telemetry;

/// <summary>Where telemetry goes. A setting the exporters would stop the worker over is left out of use and named: telemetry is no reason for a vault not to start.</summary>
/// <param name="ConnectionString">Application Insights; null: not there.</param>
/// <param name="SignsIn">Application Insights takes nothing but a token of the managed identity.</param>
/// <param name="HasCollector">An OTLP collector; the exporter reads the standard settings itself.</param>
/// <param name="Faults">Names of settings that cannot be used, each with what is wrong.</param>
internal sealed record TelemetrySettings(string? ConnectionString, bool SignsIn, bool HasCollector, IReadOnlyList<(string Setting, string Fault)> Faults)
{
    private const string ApplicationInsights = "APPLICATIONINSIGHTS_CONNECTION_STRING";
    private const string Authentication = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";
    private const string Collector = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private static readonly string[] HeaderSettings =
        ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_LOGS_HEADERS"];

    /// <summary>Whether anything is exported.</summary>
    internal bool IsOn => ConnectionString is not null || HasCollector;

    internal static TelemetrySettings From(IConfiguration settings)
    {
        var faults = new List<(string, string)>();
        var connectionString = settings[ApplicationInsights] is { Length: > 0 } given ? given : null;
        if (connectionString is not null && !IsConnectionString(connectionString))
        {
            faults.Add((ApplicationInsights, "It is not InstrumentationKey=…;IngestionEndpoint=https://…."));
            connectionString = null;
        }

        var collector = settings[Collector] is { Length: > 0 } endpoint ? endpoint : null;
        if (collector is not null && !IsHttp(collector))
        {
            faults.Add((Collector, "It is not a URL such as http://collector:4318."));
            collector = null;
        }

        foreach (var name in HeaderSettings)
        {
            if (collector is not null && settings[name] is { Length: > 0 } headers && Uri.UnescapeDataString(headers).Split(',').Any(header => !header.Contains('=', StringComparison.Ordinal)))
            {
                faults.Add((name, "It is not name=value,name=value."));
                collector = null;
            }
        }

        return new(connectionString, settings[Authentication] is { Length: > 0 }, collector is not null, faults);
    }

    private static bool IsConnectionString(string text)
    {
        var members = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var member in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            if (member.Split('=', 2, StringSplitOptions.TrimEntries) is not [{ Length: > 0 } name, { Length: > 0 } value] || !members.TryAdd(name, value))
            {
                return false;
            }
        }

        return text.Length <= 4096
            && members.ContainsKey("InstrumentationKey")
            && members.Where(member => member.Key.EndsWith("Endpoint", StringComparison.OrdinalIgnoreCase)).All(member => IsHttp(member.Value))
            && (!members.TryGetValue("EndpointSuffix", out var suffix) || Uri.CheckHostName(suffix) is UriHostNameType.Dns);
    }

    private static bool IsHttp(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps);
}
