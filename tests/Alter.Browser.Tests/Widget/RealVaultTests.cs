using System.Net;
using System.Text.Json;

namespace Alter.Browser.Tests.Widget;

/// <summary>The widget as the vault serves it, against the vault itself.</summary>
public sealed class RealVaultTests(Product product)
{
    [Fact]
    public async Task The_script_is_the_module_of_the_package_and_small()
    {
        using var http = new HttpClient(new SocketsHttpHandler());

        using var answer = await http.GetAsync(new Uri(product.At.Vault, "/sdk/connect.js"), TestContext.Current.CancellationToken);
        var script = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/javascript; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("cross-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Resource-Policy")));
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("public, max-age=300", answer.Headers.CacheControl?.ToString());
        Assert.DoesNotContain("Access-Control-Allow-Origin", answer.Headers.Select(header => header.Key));
        Assert.Equal(WidgetSource.AsClassicScript(), script);
        Assert.InRange(WidgetSource.GzippedSize(script), 1, 8191);
    }

    [Fact]
    public void The_package_has_one_version_everywhere()
    {
        using var package = JsonDocument.Parse(File.ReadAllText(Path.Combine(WidgetSource.Folder, "package.json")));
        var version = package.RootElement.GetProperty("version").GetString();

        Assert.Contains($"const VERSION = \"{version}\";", WidgetSource.Module(), StringComparison.Ordinal);
        Assert.StartsWith($"// alter-connect {version}, ", WidgetSource.Module(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_connects_and_the_app_hears_of_it()
    {
        await product.Backend.DisconnectAllAsync("bob");
        await using var bob = await product.SomebodyAsync();
        var shop = await VisitAsync(bob);
        var session = await product.Backend.MintAsync("bob");

        var connect = new ConnectWindow(await shop.OpenAsync($"token: Promise.resolve('{session.Token}')"));
        await connect.AllowAsync("bob@calendar.example");

        Assert.Equal(["success calendar bob@calendar.example"], await shop.SeenAsync());
        await connect.GoneAsync();
        Assert.Empty(bob.Complaints);
    }

    [Fact]
    public async Task Of_two_providers_one_is_enough_when_the_window_is_closed_by_hand()
    {
        await product.Backend.DisconnectAllAsync("bob");
        await using var bob = await product.SomebodyAsync();
        var shop = await VisitAsync(bob);
        var session = await product.Backend.MintAsync("bob", providers: ["calendar", "tasks"]);
        var connect = new ConnectWindow(await shop.OpenAsync($"token: '{session.Token}'"));
        await connect.AllowAsync("bob@calendar.example", "tasks");
        await connect.Done.WaitForAsync();

        await connect.Page.CloseAsync();

        Assert.Equal(["success tasks bob@calendar.example"], await shop.SeenAsync());
    }

    [Fact]
    public async Task A_result_reaches_the_app_although_the_window_was_cut_off()
    {
        await product.Backend.DisconnectAllAsync("bob");
        await using var bob = await product.SomebodyAsync();
        await bob.Page.AddInitScriptAsync("window.back = true; Document.prototype.hasFocus = () => window.back;");
        var shop = await VisitAsync(bob);
        var session = await product.Backend.MintAsync("bob");
        var connect = new ConnectWindow(await shop.OpenAsync($"token: '{session.Token}'"));
        await connect.Provider().WaitForAsync();
        await shop.Page.EvaluateAsync("window.back = false");

        // The provider's pages say from now on that whoever opened them is none of their business.
        await connect.Page.RouteAsync($"{product.At.Calendar}**", async route =>
        {
            var answer = await route.FetchAsync(new() { MaxRedirects = 0 });
            await route.FulfillAsync(new() { Response = answer, Headers = new Dictionary<string, string>(answer.Headers) { ["Cross-Origin-Opener-Policy"] = "same-origin" } });
        });
        await connect.ContinueToAsync("bob@calendar.example");
        Assert.True(await connect.Page.EvaluateAsync<bool>("opener === null"));
        await connect.Page.GetByTestId("allow").ClickAsync();

        Assert.Equal(["success calendar bob@calendar.example"], await shop.SeenAsync());
        Assert.Empty(await shop.Page.EvaluateAsync<string[]>("heard"));
    }

    [Fact]
    public async Task A_person_connects_by_redirect_and_the_app_hears_of_it()
    {
        await product.Backend.DisconnectAllAsync("bob");
        await using var bob = await product.SomebodyAsync();
        var shop = await VisitAsync(bob);
        var session = await product.Backend.MintAsync("bob", returnUrl: new Uri(product.At.Shop, "/connected").AbsoluteUri);
        await bob.Page.RouteAsync($"{product.At.Shop}connected**", route => route.FulfillAsync(new()
        {
            ContentType = "text/html; charset=utf-8",
            Body = $"<!doctype html><title>Back</title><script src=\"{product.At.Vault}sdk/connect.js\"></script><script>window.seen = []; AlterConnect.create().on('success', grants => seen.push(grants.accountIdentifier));</script>",
        }));

        await shop.ClickAsync($"widget.open({{ ...hear, token: '{session.Token}', mode: 'redirect' }})");
        await new ConnectWindow(bob.Page).AllowAsync("bob@calendar.example");
        await WidgetPage.ReachesAsync(bob.Page, $"{product.At.Shop}embedded");

        Assert.Equal(["bob@calendar.example"], await shop.SeenAsync());
    }

    private Task<WidgetPage> VisitAsync(Person person) => ShopPage.VisitAsync(person, product, $"{product.At.Vault}sdk/connect.js");
}
