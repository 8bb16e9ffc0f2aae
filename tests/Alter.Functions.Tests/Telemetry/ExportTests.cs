using Alter.Functions.Tests.Running;
using Alter.Testing;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Tests.Telemetry;

/// <summary>A real worker that exports, and what arrives.</summary>
public sealed class ExportTests(ExportingVault exporting) : IClassFixture<ExportingVault>
{
    private const string CallersTrace = "0af7651916cd43dd8448eb211c80319c";
    private const string CallersSpan = "b7ad6b7169203331";
    private const int Client = 3;

    private readonly RunningVault vault = exporting.Vault;
    private readonly FakeCollector collector = exporting.Collector;

    [Fact]
    public async Task One_trace_goes_from_the_caller_through_the_vault_to_the_provider()
    {
        var backend = vault.Shop();
        await backend.ConnectAsync();
        Dictionary<string, string> arrived = [];
        var url = vault.Upstream.On(context =>
        {
            arrived = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            context.Response.StatusCode = StatusCodes.Status201Created;
            return Task.CompletedTask;
        });
        (await backend.CallAsync("erp", new Uri($"{url.AbsoluteUri}/of/ada?key=s3cret"), Traced)).Is(201);

        var parts = arrived["traceparent"].Split('-');
        Assert.Equal(("00", CallersTrace, "01"), (parts[0], parts[1], parts[3]));
        Assert.NotEqual(CallersSpan, parts[2]);
        Assert.All((string[])["tracestate", "baggage", "Correlation-Context"], name => Assert.False(arrived.ContainsKey(name)));

        await Eventually.TrueAsync(() => collector.Spans.Any(span => span.Id == parts[2]), "the vault's span of the exchange arrives");
        var sent = collector.Spans.Single(span => span.Id == parts[2]);
        Assert.Equal((AlterActivities.Name, CallersTrace, "GET", Client), (sent.Source, sent.Trace, sent.Name, sent.Kind));
        Assert.Equal(
            [
                ("alter.app", "shop"), ("alter.provider", "erp"), ("http.request.method", "GET"), ("http.response.status_code", "201"), ("server.address", url.Host), ("server.port", $"{url.Port}"),
            ],
            sent.Tags.Where(tag => !tag.Key.StartsWith("_MS.", StringComparison.Ordinal)) // The other exporter's note to itself.
                .OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => (tag.Key, tag.Value)));

        await Eventually.TrueAsync(() => collector.Spans.Any(span => span.Id == sent.Parent), "the span of the function arrives");
        var function = collector.Spans.Single(span => span.Id == sent.Parent);
        Assert.Equal((CallersTrace, CallersSpan), (function.Trace, function.Parent));
    }

    [Fact]
    public async Task A_provider_that_fails_and_one_that_cannot_be_reached_are_errors_without_words()
    {
        var backend = vault.Shop();
        await backend.ConnectAsync();
        var (failing, gone) = ("11111111111111111111111111111111", "22222222222222222222222222222222");
        (await backend.CallAsync("erp", vault.Upstream.On(context =>
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return Task.CompletedTask;
        }), request => request.Headers.Add("traceparent", $"00-{failing}-{CallersSpan}-01"))).Is(500);
        (await backend.CallAsync("erp", new Uri($"http://127.0.0.1:{vault.ClosedPort}/?key=s3cret"), request => request.Headers.Add("traceparent", $"00-{gone}-{CallersSpan}-01"))).IsRefusal(502, "provider_unreachable");

        foreach (var (trace, error) in ((string, string)[])[(failing, "500"), (gone, "Request")])
        {
            await Eventually.TrueAsync(() => collector.Spans.Any(span => span.Trace == trace && span.Kind == Client), "the span arrives");
            var span = collector.Spans.Single(span => span.Trace == trace && span.Kind == Client);
            Assert.Equal((error, "", 0), (span.Tags["error.type"], span.StatusMessage, span.Events));
        }
    }

    [Fact]
    public async Task Every_kind_of_metric_arrives_with_ids_of_the_document_and_fixed_words_alone()
    {
        var backend = vault.Shop();
        var grant = await backend.ConnectAsync();
        (await backend.CallAsync("erp", vault.Upstream.Echo())).Is(200);
        (await backend.CallByIdAsync((string)grant["grant_id"]!, vault.Upstream.Echo())).Is(200);
        (await vault.Shop().CallAsync("crm", vault.Upstream.Echo())).IsRefusal(404, "grant_not_found");
        (await vault.Backend(DocumentKeys.New()).CallAsync("erp", vault.Upstream.Echo())).IsRefusal(401, "invalid_api_key");
        await vault.Host.FireTimerAsync("RunPeriodicWork", TestContext.Current.CancellationToken);

        (string Metric, string Unit, string Tags)[] expected =
        [
            ("alter.calls", "{call}", "app=shop outcome=answered provider=erp status_class=2xx"),
            ("alter.calls", "{call}", "app=shop outcome=grant_not_found provider=crm status_class=4xx"),
            ("alter.calls", "{call}", "app=- outcome=invalid_api_key provider=- status_class=4xx"),
            ("alter.call.overhead", "s", "provider=erp"),
            ("alter.denials", "{denial}", "app=shop code=grant_not_found policy_kind=-"),
            ("alter.denials", "{denial}", "app=- code=invalid_api_key policy_kind=-"),
            ("alter.key.uses", "{use}", "app=shop key_id=main"),
            ("alter.refresh.backlog", "{grant}", ""),
            ("alter.refresh.oldest_due", "s", ""),
            ("alter.queue.poison", "{message}", "queue=refresh"),
            ("alter.queue.poison", "{message}", "queue=revoke"),
            ("alter.audit.lag", "s", ""),
        ];
        await Eventually.TrueAsync(() => !expected.Except(Series()).Any(), $"every series arrives: {string.Join(", ", expected)}");
        Assert.All(collector.Metrics, series => Assert.StartsWith("alter.", series.Metric, StringComparison.Ordinal));

        IEnumerable<(string, string, string)> Series() =>
            collector.Metrics.Select(series => (series.Metric, series.Unit, string.Join(' ', series.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"))));
    }

    [Fact]
    public async Task Logs_go_where_the_rest_goes_and_a_call_that_works_writes_none()
    {
        var backend = vault.Shop();
        await backend.ConnectAsync();
        (await backend.CallAsync("erp", new Uri($"http://127.0.0.1:{vault.ClosedPort}/"))).IsRefusal(502, "provider_unreachable");
        await Eventually.TrueAsync(() => collector.Logs.Any(line => line.StartsWith("A call to provider erp brought no answer", StringComparison.Ordinal)), "the warning arrives");

        const int Calls = 30;
        var (written, exported) = (vault.Log.Count, collector.Logs.Count);
        var url = vault.Upstream.Echo();
        for (var call = 0; call < Calls; call++)
        {
            (await backend.CallAsync("erp", url)).Is(200);
        }

        await AfterTheNextExportAsync();
        // The timer may have its say in between; calls have none.
        Assert.InRange(vault.Log.Count - written, 0, Calls / 2);
        Assert.InRange(collector.Logs.Count - exported, 0, Calls / 2);
    }

    [Fact]
    public async Task Application_Insights_is_sent_the_trace_too()
    {
        var trace = "33333333333333333333333333333333";
        var backend = vault.Shop();
        await backend.ConnectAsync();
        (await backend.CallAsync("erp", vault.Upstream.Echo(), request => request.Headers.Add("traceparent", $"00-{trace}-{CallersSpan}-01"))).Is(200);

        await Eventually.TrueAsync(() => collector.Azure.Contains(trace, StringComparison.Ordinal), "the span arrives");
    }

    private async Task AfterTheNextExportAsync()
    {
        var exports = collector.MetricExports;
        await Eventually.TrueAsync(() => collector.MetricExports > exports + 1, "metrics were exported twice more");
    }

    private static void Traced(HttpRequestMessage request)
    {
        request.Headers.Add("traceparent", $"00-{CallersTrace}-{CallersSpan}-01");
        request.Headers.Add("tracestate", "acme=who-knows");
        request.Headers.Add("baggage", "user=ada");
        request.Headers.Add("Correlation-Context", "user=ada");
    }
}

/// <summary>A vault of one worker that exports to both.</summary>
public sealed class ExportingVault : IAsyncLifetime
{
    internal FakeCollector Collector { get; private set; } = null!;

    public RunningVault Vault { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Collector = await FakeCollector.StartAsync();
        Vault = await RunningVault.StartAsync(new RunningSetup { Settings = Collector.Settings.Concat(Collector.AzureSettings).ToDictionary() });
    }

    public async ValueTask DisposeAsync()
    {
        await (Vault?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (Collector?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
