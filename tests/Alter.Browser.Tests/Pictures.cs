using Alter.Browser.Tests.States;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests;

/// <summary>Takes every page's picture into <c>artifacts/screenshots</c>, for people to look at: <c>dotnet Alter.Browser.Tests.dll -explicit only</c>.</summary>
public sealed class Pictures(Product product)
{
    public static TheoryData<string> States => [.. ConnectStates.Names];

    public static TheoryData<string> WalletStates => [.. Wallet.WalletStates.Names];

    [Theory(Explicit = true)]
    [MemberData(nameof(States))]
    public async Task Of_every_state_of_Connect(string state)
    {
        await using var bob = await product.SomebodyAsync();
        var page = (await ConnectStates.ReachAsync(product, bob, state)).Page;

        await page.SetViewportSizeAsync(500, 640); // As the widget opens it.
        await ShootAsync(page, state, "light");
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        await ShootAsync(page, state, "dark");
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Light });
        await page.SetViewportSizeAsync(320, 640);
        await ShootAsync(page, state, "phone");
    }

    [Theory(Explicit = true)]
    [MemberData(nameof(WalletStates))]
    public async Task Of_every_state_of_the_Wallet(string state)
    {
        await using var bob = await product.SomebodyAsync();
        var page = (await Wallet.WalletStates.ReachAsync(product, bob, state)).Page;

        await ShootAsync(page, $"wallet-{state}", "light");
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        await ShootAsync(page, $"wallet-{state}", "dark");
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Light });
        await page.SetViewportSizeAsync(320, 640);
        await ShootAsync(page, $"wallet-{state}", "phone");
    }

    [Theory(Explicit = true)]
    [InlineData("light", false, 900)]
    [InlineData("dark", true, 900)]
    [InlineData("phone", false, 320)]
    public async Task Of_the_shop(string look, bool dark, int width)
    {
        await product.Backend.DisconnectAllAsync("ada");
        await using var ada = await (await product.SomebodyAsync(dark, width)).SignInAsync("ada");
        var shop = ada.Page;
        foreach (var account in (string[])["ada@calendar.example", "ada.work@calendar.example"])
        {
            var connect = await ada.PopupAsync(() => shop.GetByTestId("connect-calendar").ClickAsync());
            await connect.AllowAsync(account);
            await connect.GoneAsync();
        }

        await Expect(shop.GetByTestId("connection")).ToHaveCountAsync(2);
        await shop.GetByTestId("events-calendar").ClickAsync();
        await shop.GetByRole(AriaRole.Dialog).WaitForAsync();
        await ShootAsync(shop, "picker", look);
        await shop.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Listitem).GetByRole(AriaRole.Button).First.ClickAsync();
        await shop.GetByTestId("event").First.WaitForAsync();
        await ShootAsync(shop, "shop", look);
        await shop.ScreenshotAsync(new PageScreenshotOptions { Path = PathOf("shop-top", look), FullPage = true, Clip = new Clip { Width = width, Height = 830 } });
        foreach (var code in (string[])["grant_not_found", "ambiguous_grant", "url_not_allowed", "invalid_user_token"])
        {
            await shop.GetByTestId($"provoke-{code}").ClickAsync();
            await shop.GetByTestId($"outcome-{code}").GetByTestId("remedy").WaitForAsync();
        }

        await ShootAsync(shop, "troubles", look);
        await shop.GetByRole(AriaRole.Region, new PageGetByRoleOptions { Name = "When a call goes wrong" })
            .ScreenshotAsync(new LocatorScreenshotOptions { Path = PathOf("troubles-section", look) });
    }

    [Theory(Explicit = true)]
    [InlineData("light", false, 900)]
    [InlineData("dark", true, 900)]
    [InlineData("phone", false, 320)]
    public async Task Of_the_Wallets_activity_as_it_really_was(string look, bool dark, int width)
    {
        await using var ada = await product.SomebodyAsync(dark, width);
        var wallet = await Wallet.WalletStoryTests.ReachActivityAsync(product, ada);
        await wallet.Entries.Filter(new() { HasText = "DELETE http" }).First.Locator("summary").ClickAsync();
        await ShootAsync(wallet.Page, "wallet-real-activity", look);
    }

    private static Task<byte[]> ShootAsync(IPage page, string of, string look) =>
        page.ScreenshotAsync(new PageScreenshotOptions { Path = PathOf(of, look), FullPage = true });

    private static string PathOf(string of, string look) => Path.Combine(Product.Checkout, "artifacts", "screenshots", $"{of}-{look}.png");
}
