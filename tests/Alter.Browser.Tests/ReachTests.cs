using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests;

/// <summary>Whoever comes: with a phone, in the dark, without a mouse, with a screen reader.</summary>
public sealed class ReachTests(Product product)
{
    // WCAG 2.2, relative luminance and contrast ratio; text of disabled controls is exempt (1.4.3).
    private const string WeakText = """
        () => {
          const parse = colour => { const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number); return { rgb: [r, g, b], a }; };
          const luminance = rgb => rgb.map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
          const behind = element => { for (let e = element; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.a > 0) return c.rgb; } return [255, 255, 255]; };
          return [...document.querySelectorAll('body *')]
            .filter(e => e.checkVisibility() && !e.closest(':disabled') && [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim()))
            .map(e => { const [a, b] = [luminance(parse(getComputedStyle(e).color).rgb), luminance(behind(e))]; return { e, ratio: (Math.max(a, b) + .05) / (Math.min(a, b) + .05) }; })
            .filter(({ ratio }) => ratio < 4.5)
            .map(({ e, ratio }) => `${e.tagName} "${e.textContent.trim().slice(0, 40)}" ${ratio.toFixed(2)}`);
        }
        """;

    private const string Overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task On_a_phone_nothing_scrolls_sideways_and_all_text_stands_out(bool dark)
    {
        await product.Backend.DisconnectAllAsync("ada");
        await using var ada = await product.SomebodyAsync(dark, width: 320);
        await (await ada.VisitShopAsync()).Page.GetByTestId("sign-in").WaitForAsync();
        await AssertReadableAsync(ada.Page);
        await ada.SignInAsync("ada");

        var connect = await ada.PopupAsync(() => ada.Page.GetByTestId("connect-calendar").ClickAsync());
        await connect.Page.SetViewportSizeAsync(320, 640);
        await connect.ClickAsync(connect.Page.Locator("#not-you"));
        await AssertReadableAsync(connect.Page);
        await connect.DenyAsync("ada.work@calendar.example");
        await AssertReadableAsync(connect.Page);
        await connect.AllowAsync("ada.work@calendar.example");
        await connect.GoneAsync();
        await ada.Page.GetByTestId("events-calendar").ClickAsync();
        await ada.Page.GetByTestId("event").First.WaitForAsync();
        await ada.Page.GetByTestId("provoke-url_not_allowed").ClickAsync();
        await ada.Page.GetByTestId("remedy").WaitForAsync();
        await AssertReadableAsync(ada.Page);

        await ada.Page.GotoAsync(new Uri(product.At.Vault, "/oauth/callback/shop/calendar").AbsoluteUri);
        await AssertReadableAsync(ada.Page);
    }

    [Fact]
    public async Task The_keyboard_is_enough()
    {
        await using var guest = await (await product.SomebodyAsync()).VisitShopAsync();
        var connect = await guest.OpenPopupAsync((await product.Backend.MintAsync("bob")).Url);
        await connect.Provider().WaitForAsync();

        await TabToAsync("#not-you");
        await PressAsync("Enter");
        await Expect(connect.Page.Locator("#not-you-help")).ToBeVisibleAsync();
        await TabToAsync("button[data-provider=calendar]");
        await PressAsync("Enter");
        await TabToAsync("[data-testid='account-bob@calendar.example']");
        await PressAsync("Enter");
        await TabToAsync("[data-testid=deny]");
        await PressAsync("Enter");
        await connect.Cancel.WaitForAsync();
        await TabToAsync("#cancel");
        await PressAsync("Space");

        Assert.Equal("access_denied", Assert.Single(await guest.HearAsync()).GetProperty("data").GetProperty("error").GetString());

        async Task TabToAsync(string selector)
        {
            await connect.Page.Locator(selector).WaitForAsync();
            for (var presses = 0; !await connect.Page.Locator(selector).EvaluateAsync<bool>("element => element === document.activeElement"); presses++)
            {
                Assert.True(presses < 12, $"Twelve tabs do not reach {selector}.");
                await connect.Page.Keyboard.PressAsync("Tab");
            }

            // WCAG 2.4.7: whoever tabs sees where they are.
            Assert.NotEqual("none", await connect.Page.Locator(selector).EvaluateAsync<string>("element => getComputedStyle(element).outlineStyle"));
        }

        async Task PressAsync(string key)
        {
            await connect.SettleAsync();
            await connect.Page.Keyboard.PressAsync(key);
        }
    }

    [Fact]
    public async Task Every_control_has_a_name_and_the_page_a_language_a_title_and_one_heading()
    {
        await using var guest = await product.SomebodyAsync();
        var connect = await guest.OpenAsync((await product.Backend.MintAsync("bob", providers: ["calendar", "tasks"])).Url);
        await connect.Provider().WaitForAsync();

        await Expect(connect.Page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        await Expect(connect.Page.GetByRole(AriaRole.Heading)).ToHaveCountAsync(1);
        foreach (var name in (string[])["Not you?", "Connect Acme Calendar", "Connect Acme Tasks", "Cancel"])
        {
            await Expect(connect.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true })).ToHaveCountAsync(1);
        }

        // WCAG 2.5.8: nothing to hit is smaller than 24 pixels.
        foreach (var button in await connect.Page.GetByRole(AriaRole.Button).AllAsync())
        {
            var box = (await button.BoundingBoxAsync())!;
            Assert.True(box.Height >= 24 && box.Width >= 24, $"{await button.TextContentAsync()}: {box.Width} × {box.Height}");
        }
    }

    private static async Task AssertReadableAsync(IPage page)
    {
        Assert.Equal(0, await page.EvaluateAsync<int>(Overflow));
        Assert.Empty(await page.EvaluateAsync<string[]>(WeakText));
    }
}
