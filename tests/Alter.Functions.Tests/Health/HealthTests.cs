using Alter.Functions.Tests.Running;
using Alter.Testing;

namespace Alter.Functions.Tests.Health;

public sealed class HealthTests(SharedVault shared)
{
    [Fact]
    public async Task A_vault_that_has_everything_is_live_and_ready()
    {
        var browser = new Browser(shared.Vault);
        Assert.Equal("live", (string?)(await browser.GoAsync(new Uri(shared.Vault.PublicUrl, "/health/live"))).Is(200).Json["status"]);
        var ready = (await browser.GoAsync(new Uri(shared.Vault.PublicUrl, "/health/ready"))).Is(200);
        Assert.Equal("ready", (string?)ready.Json["status"]);
        Assert.Empty(ready.Json["problems"]!.AsArray());
        Assert.Empty(ready.Json["suspended"]!.AsArray());
        Assert.Equal("no-store", ready["Cache-Control"]);
        Assert.NotNull(ready["X-Alter-Request-Id"]);
    }

    [Fact]
    public async Task A_document_with_mistakes_leaves_the_vault_up_refusing_and_saying_where()
    {
        await using var vault = await RunningVault.StartAsync(new RunningSetup
        {
            Document = """{ "apps": { "shop": { "name": "Acme Shop", "owner": "app", "keys": [{ "id": "main", "sha256": "alter_key_app_leaked" }], "orgins": [], "policies": {} } } }""",
        });
        foreach (var (method, path) in ((HttpMethod, string)[])
        [
            (HttpMethod.Post, "/sdk/oauth/connect/session"), (HttpMethod.Get, "/sdk/grants"), (HttpMethod.Delete, $"/sdk/grants/{Guid.NewGuid()}"), (HttpMethod.Get, "/sdk/proxy"),
            (HttpMethod.Post, "/sdk/oauth/connect/open"), (HttpMethod.Post, "/sdk/oauth/connect/authorize"), (HttpMethod.Post, "/sdk/oauth/connect/status"),
            (HttpMethod.Get, "/oauth/callback/shop/erp?code=x&state=y"), (HttpMethod.Get, "/sdk/oauth/connect"), (HttpMethod.Get, "/nothing"),
        ])
        {
            var answer = (await vault.Shop().SendAsync(method, path)).IsRefusal(503, "vault_unavailable");
            Assert.NotNull(answer["Retry-After"]);
        }

        var browser = new Browser(vault);
        (await browser.GoAsync(new Uri(vault.PublicUrl, "/health/live"))).Is(200);
        var ready = (await browser.GoAsync(new Uri(vault.PublicUrl, "/health/ready"))).Is(503);
        Assert.Equal("not_ready", (string?)ready.Json["status"]);
        var reasons = ready.Json["problems"]!.AsArray().Select(problem => (string)problem!["reason"]!).ToArray();
        Assert.All((string[])["apps.shop.keys[0].sha256", "apps.shop.orgins", "apps.shop.policies"], path => Assert.Contains(reasons, reason => reason.StartsWith(path, StringComparison.Ordinal)));
        Assert.All(ready.Json["problems"]!.AsArray(), problem => Assert.Equal("configuration", (string?)problem!["component"]));
        Assert.DoesNotContain("alter_key_app_leaked", ready.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(vault.Log, line => line.Contains("alter_key_app_leaked", StringComparison.Ordinal));

        await vault.Host.DisposeAsync();
        Assert.DoesNotContain(vault.Log, line => line.Contains("Unhandled exception", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Storage_that_is_down_releases_nothing_and_heals_by_itself()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Azurite cannot be asked to end there.");
        await using var vault = await RunningVault.StartAsync(new RunningSetup { PersistsStorage = true });
        var backend = vault.Shop();
        var url = vault.Upstream.Echo();
        await backend.ConnectAsync();
        (await backend.CallAsync("erp", url)).Is(200);
        await vault.Azurite.StopAsync();
        foreach (var answer in await Task.WhenAll(backend.CallAsync("erp", url), backend.SendAsync(HttpMethod.Get, "/sdk/grants"), backend.MintAsync(new { }), backend.RevokeAsync(Guid.NewGuid().ToString())))
        {
            Assert.NotNull(answer.IsRefusal(503, "vault_unavailable")["Retry-After"]);
        }

        var ready = (await new Browser(vault).GoAsync(new Uri(vault.PublicUrl, "/health/ready"))).Is(503);
        Assert.Contains("tables", ready.Json["problems"]!.AsArray().Select(problem => (string?)problem!["component"]));
        await vault.Azurite.RunAsync();
        await Eventually.TrueAsync(async () => (await backend.CallAsync("erp", url)).Status == 200, "the same worker serves again, and the grant is still there");
    }
}
