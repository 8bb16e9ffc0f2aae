using Alter.Functions.Tests.Running;

namespace Alter.Functions.Tests.Connect;

/// <summary>What apps and providers look like comes from the vault, and can do nothing but be looked at.</summary>
public sealed class LogoTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    [Theory]
    [InlineData("apps/shop/logo")]
    [InlineData("apps/shop/providers/calendar/logo")]
    [InlineData("apps/shop/providers/erp/logo")]
    public async Task A_logo_is_an_image_in_a_sandbox(string path)
    {
        var logo = (await GetAsync(path)).Is(200);

        Assert.Equal("image/svg+xml", logo["Content-Type"]);
        Assert.Equal("default-src 'none'; style-src 'unsafe-inline'; sandbox", logo["Content-Security-Policy"]);
        Assert.Equal("nosniff", logo["X-Content-Type-Options"]);
        Assert.Equal("no-referrer", logo["Referrer-Policy"]);
        Assert.Equal("cross-origin", logo["Cross-Origin-Resource-Policy"]);
        Assert.Equal("public, max-age=300", logo["Cache-Control"]);
        Assert.StartsWith("<svg ", logo.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("apps/solo/logo")]
    [InlineData("apps/nobody/logo")]
    [InlineData("apps/shop/providers/google/logo")]
    [InlineData("apps/nobody/providers/erp/logo")]
    [InlineData("apps/shop/providers/..%2f..%2falter.json/logo")]
    [InlineData("apps/..%2f/logo")]
    public async Task There_is_no_other(string path) => (await GetAsync(path)).IsRefusal(404, "not_found");

    [Fact]
    public async Task The_page_learns_the_apps_looks_from_the_vault()
    {
        var view = (await new Browser(vault).OpenAsync(await vault.Shop().SessionAsync("erp"))).Is(200).Json;

        Assert.Equal("/sdk/oauth/assets/apps/shop/logo", (string?)view["branding"]!["logo"]);
        Assert.Equal("#00bb55", (string?)view["branding"]!["light"]!["accent"]);
        Assert.Equal(["accent", "accent_line", "accent_text", "on_accent"], view["branding"]!["dark"]!.AsObject().Select(shade => shade.Key).Order());
        var erp = Assert.Single(view["providers"]!.AsArray())!;
        Assert.Equal("/sdk/oauth/assets/apps/shop/providers/erp/logo", (string?)erp["logo"]);
        Assert.Equal($"{vault.PublicUrl}oauth/callback/shop/erp", (string?)erp["redirect_uri"]);
        Assert.Equal("See your orders", (string?)erp["scope_descriptions"]!["orders.read"]);
    }

    private Task<Answer> GetAsync(string path) => new Browser(vault).GoAsync(new Uri(vault.PublicUrl, $"/sdk/oauth/assets/{path}"));
}
