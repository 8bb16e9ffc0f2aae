using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests.States;

/// <summary>The page looks like the app's, under a policy that allows no inline style and no other origin.</summary>
public sealed class BrandingTests(Product product)
{
    [Fact]
    public async Task The_page_has_the_apps_logo_and_accent()
    {
        await using var bob = await product.SomebodyAsync();
        var connect = await ConnectStates.ReachAsync(product, bob, "one-provider");

        await Expect(connect.Provider()).ToHaveCSSAsync("background-color", "rgb(194, 65, 12)");
        await Waiting.UntilAsync(connect.Page, "[...document.querySelectorAll('.marks img')].filter(image => image.naturalWidth > 0).length === 2");
        Assert.Empty(bob.Complaints);
        Assert.Empty(bob.RequestsElsewhere);
    }

    [Theory]
    [InlineData(ColorScheme.Light, "rgb(1, 2, 3)")]
    [InlineData(ColorScheme.Dark, "rgb(4, 5, 6)")]
    public async Task Each_colour_scheme_has_its_shades(ColorScheme scheme, string fill)
    {
        await using var bob = await product.SomebodyAsync(dark: scheme is ColorScheme.Dark);
        await bob.ChangeViewAsync(view =>
        {
            view["branding"]!["light"]!["accent"] = "#010203";
            view["branding"]!["dark"]!["accent"] = "#040506";
        });

        await Expect((await ConnectStates.ReachAsync(product, bob, "one-provider")).Provider()).ToHaveCSSAsync("background-color", fill);
    }

    [Fact]
    public async Task An_app_without_branding_has_its_initials_and_the_vaults_colour()
    {
        await using var bob = await product.SomebodyAsync();
        await bob.ChangeViewAsync(view => view["branding"] = null);
        var connect = await ConnectStates.ReachAsync(product, bob, "one-provider");

        await Expect(connect.Page.Locator(".marks .initials")).ToHaveTextAsync("AS");
        await Expect(connect.Provider()).ToHaveCSSAsync("background-color", "rgb(26, 86, 219)");
    }

    [Fact]
    public async Task A_logo_that_does_not_come_is_replaced_by_the_initials()
    {
        await using var bob = await product.SomebodyAsync();
        await bob.Context.RouteAsync("**/assets/apps/shop/logo", route => route.AbortAsync());

        await Expect((await ConnectStates.ReachAsync(product, bob, "one-provider")).Page.Locator(".marks .initials")).ToHaveTextAsync("AS");
    }

    [Fact]
    public async Task Nothing_turns_where_the_person_wants_no_motion()
    {
        await using var bob = await product.SomebodyAsync();
        await bob.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ReducedMotion = ReducedMotion.Reduce });
        var connect = await ConnectStates.ReachAsync(product, bob, "opening");

        Assert.Equal("none", await connect.Provider().Locator("span").EvaluateAsync<string>("label => getComputedStyle(label, '::before').animationName"));
    }
}
