using Alter.Functions.Tests.Running;
using Alter.Testing;

namespace Alter.Functions.Tests.Telemetry;

public sealed class SettingsTests
{
    [Fact]
    public async Task Settings_of_telemetry_that_cannot_be_used_stop_nothing_and_are_named_in_the_log()
    {
        await using var vault = await RunningVault.StartAsync(new RunningSetup
        {
            Settings = new Dictionary<string, string>
            {
                ["APPLICATIONINSIGHTS_CONNECTION_STRING"] = "not-a-connection-string",
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1",
                ["OTEL_EXPORTER_OTLP_HEADERS"] = "api-key-without-a-name",
            },
        });
        (await new Browser(vault).GoAsync(new Uri(vault.PublicUrl, "/health/ready"))).Is(200);
        foreach (var name in (string[])["APPLICATIONINSIGHTS_CONNECTION_STRING", "OTEL_EXPORTER_OTLP_HEADERS"])
        {
            await Eventually.TrueAsync(() => vault.Log.Any(line => line.Contains($"Telemetry is not sent by setting {name}", StringComparison.Ordinal)), $"setting {name} is named");
            Assert.Single(vault.Log, line => line.Contains($"Telemetry is not sent by setting {name}", StringComparison.Ordinal));
        }

        Assert.DoesNotContain(vault.Log, line => line.Contains("api-key-without-a-name", StringComparison.Ordinal) || line.Contains("not-a-connection-string", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_collector_that_does_not_answer_holds_nobody_up()
    {
        await using var vault = await RunningVault.StartAsync(new RunningSetup
        {
            Settings = new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{FreePort.Next()}", ["OTEL_BSP_SCHEDULE_DELAY"] = "50", ["OTEL_METRIC_EXPORT_INTERVAL"] = "50" },
        });
        var backend = vault.Shop();
        await backend.ConnectAsync();
        for (var call = 0; call < 20; call++)
        {
            (await backend.CallAsync("erp", vault.Upstream.Echo())).Is(200);
        }
    }

    [Fact]
    public async Task No_line_of_the_log_depends_on_whether_its_call_is_traced()
    {
        await using var collector = await FakeCollector.StartAsync();
        var settings = new Dictionary<string, string>(collector.AzureSettings) { ["OTEL_TRACES_SAMPLER_ARG"] = "0", ["OTEL_BLRP_SCHEDULE_DELAY"] = "100" };
        await using var vault = await RunningVault.StartAsync(new RunningSetup { Settings = settings });
        var backend = vault.Shop();
        await backend.ConnectAsync();
        (await backend.CallAsync("erp", new Uri($"http://127.0.0.1:{vault.ClosedPort}/"))).IsRefusal(502, "provider_unreachable");

        await Eventually.TrueAsync(() => collector.Azure.Contains("A call to provider erp brought no answer", StringComparison.Ordinal), "the warning arrives");
        Assert.DoesNotContain("RemoteDependencyData", collector.Azure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_would_reveal_queries_leaves_the_vault_refusing_and_is_named()
    {
        const string Name = "OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION";
        await using var vault = await RunningVault.StartAsync(new RunningSetup { Settings = new Dictionary<string, string> { [Name] = "true" } });
        (await vault.Shop().SendAsync(HttpMethod.Get, "/sdk/grants")).IsRefusal(503, "vault_unavailable");
        var ready = (await new Browser(vault).GoAsync(new Uri(vault.PublicUrl, "/health/ready"))).Is(503);
        var problem = Assert.Single(ready.Json["problems"]!.AsArray())!;
        Assert.Equal("configuration", (string?)problem["component"]);
        Assert.StartsWith(Name, (string?)problem["reason"], StringComparison.Ordinal);
    }
}
