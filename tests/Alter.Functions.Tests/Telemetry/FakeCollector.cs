using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Alter.Functions.Tests.Telemetry;

/// <summary>A span as it was exported; ids in hex.</summary>
internal sealed record ExportedSpan(string Source, string Trace, string Id, string Parent, string State, string Name, int Kind, IReadOnlyDictionary<string, string> Tags, string StatusMessage, int Events);

/// <summary>One series of a metric as it was exported.</summary>
internal sealed record ExportedSeries(string Metric, string Unit, IReadOnlyDictionary<string, string> Tags);

/// <summary>An OTLP collector over HTTP, and an ingestion endpoint of Application Insights beside it: both keep every byte they are sent.</summary>
internal sealed class FakeCollector : IAsyncDisposable
{
    private readonly WebApplication web;
    private readonly ConcurrentQueue<(string Path, byte[] Body)> received = new();

    private FakeCollector(WebApplication web) => this.web = web;

    /// <summary>What makes a worker send here by OTLP, without waiting long.</summary>
    public Dictionary<string, string> Settings => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = web.Urls.First(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "300",
    };

    /// <summary>What makes a worker send here as to Application Insights.</summary>
    public Dictionary<string, string> AzureSettings => new()
    {
        ["APPLICATIONINSIGHTS_CONNECTION_STRING"] = $"InstrumentationKey=0a0b0c0d-0000-4000-8000-000000000000;IngestionEndpoint={web.Urls.First()}/",
        ["OTEL_TRACES_SAMPLER"] = "microsoft.fixed_percentage",
        ["OTEL_TRACES_SAMPLER_ARG"] = "1",
    };

    /// <summary>Everything that was sent, decompressed.</summary>
    public byte[] Bytes => [.. received.SelectMany(one => one.Body)];

    /// <summary>What Application Insights was sent: JSON, a telemetry item a line.</summary>
    public string Azure => string.Join('\n', received.Where(one => one.Path.EndsWith("/track", StringComparison.Ordinal)).Select(one => Encoding.UTF8.GetString(one.Body)));

    /// <summary>How often metrics were sent.</summary>
    public int MetricExports => received.Count(one => one.Path is "/v1/metrics");

    public IReadOnlyList<ExportedSpan> Spans =>
        [.. from resource in Requests("/v1/traces")
            from scope in resource.All(2)
            let source = ProtoMessage.Read(scope.Bytes(1)).Text(1)
            from span in scope.All(2)
            select new ExportedSpan(
                source, span.Hex(1), span.Hex(2), span.Hex(4), span.Text(3), span.Text(5), (int)span.Number(6), span.Attributes(9), ProtoMessage.Read(span.Bytes(15)).Text(2), span.All(11).Count())];

    public IReadOnlyList<ExportedSeries> Metrics =>
        [.. from resource in Requests("/v1/metrics")
            from scope in resource.All(2)
            from metric in scope.All(2)
            from kind in (int[])[5, 7, 9] // Gauge, sum, histogram.
            from data in metric.All(kind)
            from point in data.All(1)
            select new ExportedSeries(metric.Text(1), metric.Text(3), point.Attributes(kind is 9 ? 9 : 7))];

    /// <summary>The texts of the log records.</summary>
    public IReadOnlyList<string> Logs =>
        [.. from resource in Requests("/v1/logs")
            from scope in resource.All(2)
            from entry in scope.All(2)
            select ProtoMessage.Read(entry.Bytes(5)).Text(1)];

    public static async Task<FakeCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new FakeCollector(builder.Build());
        collector.web.Run(collector.TakeAsync);
        await collector.web.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => web.DisposeAsync();

    private IEnumerable<ProtoMessage> Requests(string path) => received.Where(one => one.Path == path).SelectMany(one => ProtoMessage.Read(one.Body).All(1));

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        if (context.Request.Headers.ContentEncoding == "gzip")
        {
            await using var unzipped = new GZipStream(context.Request.Body, CompressionMode.Decompress);
            await unzipped.CopyToAsync(body);
        }
        else
        {
            await context.Request.Body.CopyToAsync(body);
        }

        received.Enqueue((context.Request.Path.Value!, body.ToArray()));
        if (context.Request.Path.Value!.EndsWith("/track", StringComparison.Ordinal))
        {
            var items = Encoding.UTF8.GetString(body.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync($$"""{ "itemsReceived": {{items}}, "itemsAccepted": {{items}}, "errors": [] }""");
        }
        else
        {
            context.Response.ContentType = "application/x-protobuf";
        }
    }
}
