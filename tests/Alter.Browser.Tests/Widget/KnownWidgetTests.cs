namespace Alter.Browser.Tests.Widget;

/// <summary>The npm package <c>@alter-ai/connect</c> 0.8.0, unchanged, against the vault.</summary>
public sealed class KnownWidgetTests(Product product)
{
    private static readonly string Script = File.ReadAllText(
        Path.Combine(Product.Checkout, "tests", "Alter.Browser.Tests", "known-widget", "node_modules", "@alter-ai", "connect", "dist", "alter-connect.umd.js"));

    private string BaseUrl => Addresses.Origin(product.At.Vault);

    [Theory]
    [InlineData("")]
    [InlineData("/")] // It doubles the slash that follows.
    public async Task A_person_connects_and_the_app_hears_of_it(string slash)
    {
        await product.Backend.DisconnectAllAsync("bob");
        await using var bob = await product.SomebodyAsync();
        var shop = await ShopPage.VisitAsync(bob, product, Script);
        var session = await product.Backend.MintAsync("bob");

        var connect = new ConnectWindow(await shop.OpenAsync($"token: '{session.Token}', baseURL: '{BaseUrl}{slash}'"));
        await connect.AllowAsync("bob@calendar.example");

        Assert.Equal(["success calendar bob@calendar.example"], await shop.SeenAsync());
        await connect.GoneAsync();
        Assert.False(await shop.IsOpenAsync());
        Assert.Empty(bob.Complaints);
    }

    [Fact]
    public async Task A_person_connects_two_providers_in_one_window()
    {
        await product.Backend.DisconnectAllAsync("bob");
        await using var bob = await product.SomebodyAsync();
        var shop = await ShopPage.VisitAsync(bob, product, Script);
        var session = await product.Backend.MintAsync("bob", providers: ["calendar", "tasks"]);

        var connect = new ConnectWindow(await shop.OpenAsync($"token: '{session.Token}', baseURL: '{BaseUrl}'"));
        await connect.AllowAsync("bob@calendar.example");
        await connect.AllowAsync("bob@calendar.example", "tasks");

        Assert.Equal(["success calendar,tasks bob@calendar.example"], await shop.SeenAsync());
    }

    [Fact]
    public async Task A_denial_and_a_closed_window_are_told()
    {
        await product.Backend.DisconnectAllAsync("bob");
        await using var bob = await product.SomebodyAsync();
        var shop = await ShopPage.VisitAsync(bob, product, Script);

        var connect = new ConnectWindow(await shop.OpenAsync($"token: '{(await product.Backend.MintAsync("bob")).Token}', baseURL: '{BaseUrl}'"));
        await connect.DenyAsync("bob@calendar.example");
        await connect.ClickAsync(connect.Cancel);
        Assert.Equal(["error access_denied"], await shop.SeenAsync());
        await connect.GoneAsync();

        connect = new ConnectWindow(await shop.OpenAsync($"token: '{(await product.Backend.MintAsync("bob")).Token}', baseURL: '{BaseUrl}'"));
        await connect.Provider().WaitForAsync();
        await connect.Page.CloseAsync();
        await Waiting.UntilAsync(shop.Page, "seen.length > 1");
        Assert.Equal(["error access_denied", "exit"], await shop.SeenAsync());
    }

    [Fact]
    public async Task A_person_comes_back_by_redirect_with_parameters_it_can_read()
    {
        await product.Backend.DisconnectAllAsync("bob");
        await using var bob = await product.SomebodyAsync(width: 400);
        await bob.Page.AddInitScriptAsync("Object.defineProperty(navigator, 'userAgent', { value: 'Mozilla/5.0 (Linux; Android 15)' });");
        var shop = await ShopPage.VisitAsync(bob, product, Script);
        var session = await product.Backend.MintAsync("bob", returnUrl: new Uri(product.At.Shop, "/connected").AbsoluteUri);

        // It tells nobody of its result, so the page reads the address first; that the widget takes it out again shows that it was read.
        await bob.Page.RouteAsync($"{product.At.Shop}connected**", route => route.FulfillAsync(new()
        {
            ContentType = "text/html; charset=utf-8",
            Body = $"<!doctype html><title>Back</title><script>{Script}</script><script>window.seen = [new URLSearchParams(location.search).get('account_identifier')]; AlterConnect.create();</script>",
        }));
        await shop.ClickAsync($"widget.open({{ ...hear, token: '{session.Token}', baseURL: '{BaseUrl}' }})");
        await new ConnectWindow(bob.Page).AllowAsync("bob@calendar.example");
        await WidgetPage.ReachesAsync(bob.Page, $"{product.At.Shop}embedded");

        Assert.Equal(["bob@calendar.example"], await shop.SeenAsync());
    }
}
