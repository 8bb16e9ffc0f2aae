using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;
using Alter.Testing;

namespace Alter.Functions.Tests.Apps;

/// <summary>The operator's switches through the real worker. A vault of its own: its document is changed, and its worker restarted to read it.</summary>
public sealed class SuspensionTests : IAsyncLifetime
{
    private RunningVault vault = null!;

    public async ValueTask InitializeAsync() => vault = await RunningVault.StartAsync();

    public ValueTask DisposeAsync() => vault?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task What_the_document_suspends_stops_at_once_and_goes_on_once_it_is_resumed()
    {
        var url = vault.Upstream.Echo();
        var shop = vault.Shop();
        var erp = (string)(await shop.ConnectAsync())["grant_id"]!;
        var crm = (string)(await shop.ConnectAsync("crm"))["grant_id"]!;
        var solo = vault.Backend(vault.Keys.Solo);
        await solo.ConnectAsync(app: "solo");
        var browser = new Browser(vault);
        var session = (await shop.MintAsync(new { allowed_providers = new[] { "calendar", "crm" } })).Is(201).Json;
        var consent = vault.Crm.Consent((await browser.AuthorizeUrlAsync(session, "crm")).OriginalString, "late@crm.example");
        var (redeemed, only) = (vault.Crm.Requests.Count, await shop.SessionAsync("crm"));

        // One provider of one app, and all of another app.
        await ChangeAsync(document =>
        {
            document["apps"]!["shop"]!["providers"]!["crm"]!["suspended"] = true;
            document["apps"]!["solo"]!["suspended"] = true;
        });

        var refused = (await shop.CallAsync("crm", url)).IsRefusal(403, "policy_violation");
        Assert.Equal(("none", "suspended", "provider"), ((string?)refused.Json["action"], (string?)refused.Json["policy_error"]!["policy"], (string?)refused.Json["policy_error"]!["rule"]));
        Assert.Equal("provider", RuleOf(await shop.CallByIdAsync(crm, url)));
        Assert.Equal("app", RuleOf(await solo.CallAsync("erp", url)));
        (await shop.CallAsync("erp", url)).Is(200);
        Assert.Equal("provider", RuleOf(await shop.MintAsync(new { allowed_providers = new[] { "crm" } })));
        Assert.Equal("app", RuleOf(await solo.MintAsync(new { })));
        (await browser.CallbackAsync("shop", "crm", consent)).Is(303);
        var view = (await browser.OpenAsync(session)).Is(200).Json;
        Assert.Equal(("error", "policy_violation", "calendar"), ((string?)view["status"], (string?)view["code"], (string?)Assert.Single(view["providers"]!.AsArray())!["id"]));
        Assert.Equal("provider", RuleOf(await browser.AuthorizeAsync(session, "crm")));
        Assert.Equal("provider", RuleOf(await browser.OpenAsync(only)));
        Assert.Equal(redeemed, vault.Crm.Requests.Count);
        Assert.Equal(2, (await shop.ListAsync())["grants"]!.AsArray().Count);
        var providers = (await shop.SendAsync(HttpMethod.Get, "/sdk/providers")).Is(200).Json["providers"]!.AsArray();
        Assert.Equal(["crm"], providers.Where(provider => (bool)provider!["suspended"]!).Select(provider => (string)provider!["id"]!));
        Assert.Equal(["apps.shop.providers.crm.suspended", "apps.solo.suspended"], await SwitchesAsync());

        // Everything.
        await ChangeAsync(document => document["suspended"] = true);

        Assert.Equal("all", RuleOf(await shop.CallAsync("erp", url)));
        Assert.Equal("all", RuleOf(await browser.OpenAsync(session)));
        (await shop.RevokeAsync(erp)).Is(200);
        await Eventually.TrueAsync(() => vault.Erp.Revocations.Count > 0, "the provider is told");
        Assert.Single(vault.Erp.Revocations.Distinct()); // A message that takes longer than a minute may come beside the timer's.
        Assert.Equal(["suspended"], await SwitchesAsync());

        // Nothing.
        await ChangeAsync(_ => { });

        (await shop.CallAsync("crm", url)).Is(200);
        (await solo.CallAsync("erp", url)).Is(200);
        (await shop.CallAsync("erp", url)).IsRefusal(403, "grant_revoked");
        Assert.Empty(await SwitchesAsync());
    }

    private static string? RuleOf(Answer answer) => (string?)answer.IsRefusal(403, "policy_violation").Json["policy_error"]!["rule"];

    private async Task<IEnumerable<string>> SwitchesAsync()
    {
        var ready = (await new Browser(vault).GoAsync(new Uri(vault.PublicUrl, "/health/ready"))).Is(200).Json;
        Assert.Equal("ready", (string?)ready["status"]);
        return ready["suspended"]!.AsArray().Select(name => (string)name!);
    }

    // The worker reads the document at its start.
    private async Task ChangeAsync(Action<JsonNode> change)
    {
        var document = JsonNode.Parse(VaultDocument.For(vault))!;
        change(document);
        await File.WriteAllTextAsync(Path.Combine(vault.Folder, "alter.json"), document.ToJsonString(), TestContext.Current.CancellationToken);
        var restarts = vault.Host.Workers[0].RestartCount;
        await vault.Host.KillAsync(0, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => vault.Host.Workers[0].RestartCount > restarts, "the host starts the worker again");
        await vault.Host.Workers[0].WhenReadyAsync(TestContext.Current.CancellationToken);
    }
}
