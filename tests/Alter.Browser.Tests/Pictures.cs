using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests;

/// <summary>Takes every page's picture into <c>artifacts/screenshots</c>, for people to look at: <c>dotnet Alter.Browser.Tests.dll -explicit only</c>.</summary>
public sealed class Pictures(Product product)
{
    [Theory(Explicit = true)]
    [InlineData("light", false, 900)]
    [InlineData("dark", true, 900)]
    [InlineData("phone", false, 320)]
    public async Task Of_every_page(string name, bool dark, int width)
    {
        await product.Backend.DisconnectAllAsync("ada");
        await using var ada = await (await product.SomebodyAsync(dark, width)).SignInAsync("ada");
        var shop = ada.Page;

        var connect = await ada.PopupAsync(() => shop.GetByTestId("connect-calendar").ClickAsync());
        await connect.Page.SetViewportSizeAsync(Math.Min(500, width), 640);
        await connect.Provider().WaitForAsync();
        await ShootAsync(connect.Page, "connect");
        await connect.ClickAsync(connect.Page.Locator("#not-you"));
        await ShootAsync(connect.Page, "not-you");
        await connect.DenyAsync("ada@calendar.example");
        await ShootAsync(connect.Page, "denied");
        await connect.AllowAsync("ada@calendar.example");
        await connect.GoneAsync();
        await (await ada.PopupAsync(() => shop.GetByTestId("connect-calendar").ClickAsync())).AllowAsync("ada.work@calendar.example");
        await Expect(shop.GetByTestId("connection")).ToHaveCountAsync(2);
        await shop.GetByTestId("events-calendar").ClickAsync();
        await shop.GetByRole(AriaRole.Dialog).WaitForAsync();
        await ShootAsync(shop, "picker");
        await shop.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Listitem).GetByRole(AriaRole.Button).First.ClickAsync();
        await shop.GetByTestId("event").First.WaitForAsync();
        await ShootAsync(shop, "shop");
        foreach (var code in (string[])["grant_not_found", "ambiguous_grant", "url_not_allowed", "invalid_user_token"])
        {
            await shop.GetByTestId($"provoke-{code}").ClickAsync();
            await shop.GetByTestId($"outcome-{code}").GetByTestId("remedy").WaitForAsync();
        }

        await ShootAsync(shop, "troubles");

        var two = await ada.OpenAsync((await product.Backend.MintAsync("ada", providers: ["calendar", "tasks"])).Url);
        await two.AllowAsync("ada@calendar.example");
        await two.Done.WaitForAsync();
        await ShootAsync(two.Page, "one-of-two");
        await two.ClickAsync(two.Done);
        await Expect(two.Title).ToHaveTextAsync("Connected");
        await ShootAsync(two.Page, "connected");

        await shop.GotoAsync(new Uri(product.At.Vault, "/sdk/oauth/connect#session=sess_made-up").AbsoluteUri);
        await Expect(two.Title).ToHaveTextAsync("This link has expired");
        await ShootAsync(shop, "expired");
        await shop.GotoAsync(new Uri(product.At.Vault, "/oauth/callback/shop/calendar").AbsoluteUri);
        await ShootAsync(shop, "failed");

        Task ShootAsync(IPage page, string of) =>
            page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Product.Checkout, "artifacts", "screenshots", $"{of}-{name}.png"), FullPage = true });
    }
}
