using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests;

/// <summary>Clicks that a person did not mean.</summary>
public sealed class ClickTests(Product product)
{
    private const string Authorize = "/sdk/oauth/connect/authorize";

    [Fact]
    public async Task A_click_in_the_moment_the_button_appears_does_nothing()
    {
        await using var guest = await product.SomebodyAsync();
        await guest.Page.AddInitScriptAsync("""
            new MutationObserver(() => {
              const button = document.querySelector('button[data-provider]');
              if (button && !window.clicked) { window.clicked = true; button.click(); }
            }).observe(document, { subtree: true, childList: true });
            """);

        var connect = await guest.OpenAsync((await product.Backend.MintAsync("bob")).Url);
        await connect.Provider().WaitForAsync();
        await connect.SettleAsync();

        Assert.True(await connect.Page.EvaluateAsync<bool>("window.clicked"));
        Assert.Equal(0, guest.CountOf(Authorize));
        await connect.ContinueToAsync("bob@calendar.example");
        Assert.Equal(1, guest.CountOf(Authorize));
    }

    [Theory]
    [InlineData("window.dispatchEvent(new Event('focus'))")]
    [InlineData("document.dispatchEvent(new Event('visibilitychange'))")]
    public async Task A_click_in_the_moment_the_window_comes_to_the_front_does_nothing(string comes)
    {
        await using var guest = await product.SomebodyAsync();
        var connect = await guest.OpenAsync((await product.Backend.MintAsync("bob")).Url);
        await connect.Provider().WaitForAsync();
        await connect.SettleAsync();

        await connect.Page.EvaluateAsync($"{comes}; document.querySelector('button[data-provider]').click()");
        await connect.SettleAsync();

        Assert.Equal(0, guest.CountOf(Authorize));
        await Expect(connect.Provider()).ToBeEnabledAsync();
    }

    [Fact]
    public async Task A_double_click_begins_one_flow()
    {
        await using var guest = await product.SomebodyAsync();
        var connect = await guest.OpenAsync((await product.Backend.MintAsync("bob")).Url);
        await connect.Provider().WaitForAsync();
        await connect.SettleAsync();

        await connect.Provider().DblClickAsync();

        await connect.Page.GetByTestId("account-bob@calendar.example").WaitForAsync();
        Assert.Equal(1, guest.CountOf(Authorize));
    }
}
