using Alter.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests.Wallet;

/// <summary>What people do at the Wallet, through the real vault and the shop's real sign-in.</summary>
public sealed class WalletStoryTests(Product product)
{
    [Fact]
    public async Task A_person_signs_in_sees_what_they_connected_and_takes_it_back()
    {
        await product.Backend.DisconnectAllAsync("ada");
        await using var ada = await product.SomebodyAsync();
        await WalletWindow.ConnectAsync(product, ada, "ada", "ada@calendar.example");
        await WalletWindow.ConnectAsync(product, ada, "ada", "ada.work@calendar.example");

        var wallet = await new WalletWindow(ada, product).SignInAsync("ada");
        await Expect(wallet.Page.Locator("#user-name")).ToHaveTextAsync("Ada Lovelace");
        await Expect(wallet.Page.GetByRole(AriaRole.Heading, new() { Level = 2, Name = "Acme Shop" })).ToBeVisibleAsync();
        await Expect(wallet.Connections).ToHaveCountAsync(2);
        var work = wallet.Connections.Filter(new() { HasText = "ada.work@calendar.example" });
        await Expect(work.Locator(".pill")).ToHaveTextAsync("Working");
        await work.Locator("summary").ClickAsync();
        await Expect(work.Locator(".permissions li").First).ToHaveTextAsync("See the events in your calendar");

        await wallet.ClickAsync(wallet.Action("revoke", "ada.work@calendar.example"));
        await Expect(wallet.Dialog).ToContainTextAsync("Acme Shop can no longer use ada.work@calendar.example");
        await wallet.ClickAsync(wallet.Page.Locator("#ask-no"));
        await Expect(wallet.Connections).ToHaveCountAsync(2);
        await wallet.ClickAsync(wallet.Action("revoke", "ada.work@calendar.example"));
        await wallet.ClickAsync(wallet.Page.Locator("#ask-yes"));

        await Expect(wallet.Connections).ToHaveCountAsync(1);
        await Expect(wallet.Notice).ToHaveTextAsync("ada.work@calendar.example is disconnected from Acme Shop.");
        Assert.Equal(["ada@calendar.example"], await product.Backend.AccountsAsync("ada"));
        Assert.Empty(ada.Complaints);
        Assert.Empty(ada.RequestsElsewhere);
    }

    [Fact]
    public async Task What_broke_is_connected_again_and_the_person_is_back_at_the_Wallet()
    {
        await product.Backend.DisconnectAllAsync("ada");
        await using var ada = await product.SomebodyAsync();
        await WalletWindow.ConnectAsync(product, ada, "ada", "ada@calendar.example");
        await product.BreakGrantsAsync(TestContext.Current.CancellationToken);
        var wallet = await new WalletWindow(ada, product).SignInAsync("ada");
        await Expect(wallet.Connections.Locator(".pill")).ToHaveTextAsync("Not working");
        await Expect(wallet.Connections).ToContainTextAsync("Acme Calendar no longer accepts it");

        await wallet.ClickAsync(wallet.Action("reconnect"));
        var connect = new ConnectWindow(wallet.Page);
        await Expect(connect.Page.Locator("#user-name")).ToHaveTextAsync("Ada Lovelace");
        await connect.AllowAsync("ada@calendar.example");

        await Expect(wallet.Notice).ToHaveTextAsync("ada@calendar.example is connected to Acme Shop again.");
        await Expect(wallet.Connections.Locator(".pill")).ToHaveTextAsync("Working");
        Assert.Equal(new Uri(product.At.Vault, "/wallet").AbsoluteUri, wallet.Page.Url);
        Assert.Equal(["ada@calendar.example"], await product.Backend.AccountsAsync("ada"));
        Assert.Empty(ada.Complaints);
    }

    [Fact]
    public async Task What_the_shop_did_and_what_a_policy_denied_it_shows_in_the_activity()
    {
        await using var ada = await product.SomebodyAsync();
        var wallet = await ReachActivityAsync(product, ada);

        await Expect(wallet.Entries.Filter(new() { HasText = "GET http" }).First).ToContainTextAsync("200");
        var denied = wallet.Entries.Filter(new() { HasText = "DELETE http" }).First;
        await Expect(denied).ToContainTextAsync("Not allowed");
        await denied.Locator("summary").ClickAsync();
        await Expect(denied).ToContainTextAsync("Policy no_removing (GET POST on any path) of the operator forbade it, and nothing was sent.");
        await Expect(denied).ToContainTextAsync("ada@calendar.example");
    }

    /// <summary>Ada's activity after the shop has read her events and tried to remove one.</summary>
    internal static async Task<WalletWindow> ReachActivityAsync(Product product, Person person)
    {
        await product.Backend.DisconnectAllAsync("ada");
        var ada = await person.SignInAsync("ada");
        var connect = await ada.PopupAsync(() => ada.Page.GetByTestId("connect-calendar").ClickAsync());
        await connect.AllowAsync("ada@calendar.example");
        await connect.GoneAsync();
        await ada.Page.GetByTestId("events-calendar").ClickAsync();
        await ada.Page.GetByTestId("event").First.WaitForAsync();
        await ada.Page.GetByTestId("provoke-policy_violation").ClickAsync();
        await ada.Page.GetByTestId("outcome-policy_violation").WaitForAsync();

        var wallet = await new WalletWindow(ada, product).OpenAsync();
        await wallet.ClickAsync(wallet.Place); // She is signed in at the OpenID provider already.
        await Expect(wallet.Page.Locator("#user-name")).ToHaveTextAsync("Ada Lovelace");
        await wallet.Page.Locator("#to-activity").ClickAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                await wallet.Page.ReloadAsync();
                await wallet.Entries.Or(wallet.Page.GetByText("Nothing was done")).First.WaitForAsync();
                foreach (var text in (string[])["You connected Acme Calendar", "GET http", "DELETE http"])
                {
                    if (await wallet.Entries.Filter(new() { HasText = text }).CountAsync() == 0)
                    {
                        return false;
                    }
                }

                return true;
            },
            "the activity has the connection and both calls");
        return wallet;
    }

    [Fact]
    public async Task Whoever_says_no_on_the_way_is_told_that_nothing_changed()
    {
        await product.Backend.DisconnectAllAsync("ada");
        await using var ada = await product.SomebodyAsync();
        await WalletWindow.ConnectAsync(product, ada, "ada", "ada@calendar.example");
        await product.BreakGrantsAsync(TestContext.Current.CancellationToken);
        var wallet = await new WalletWindow(ada, product).SignInAsync("ada");

        await wallet.ClickAsync(wallet.Action("reconnect"));
        var connect = new ConnectWindow(wallet.Page);
        await connect.DenyAsync("ada@calendar.example");
        await Expect(connect.Cancel).ToHaveTextAsync("Back to your connections");
        await connect.ClickAsync(connect.Cancel);

        await Expect(wallet.Notice).ToHaveTextAsync("The account was not connected again.");
        await Expect(wallet.Connections.Locator(".pill")).ToHaveTextAsync("Not working");
    }

    [Fact]
    public async Task A_life_is_extended_up_to_its_furthest_end()
    {
        await product.Backend.DisconnectAllAsync("ada");
        await using var ada = await product.SomebodyAsync();
        await WalletWindow.ConnectAsync(product, ada, "ada", "ada@calendar.example", new { default_ttl_seconds = 86_400, max_ttl_seconds = 30 * 86_400 });
        var wallet = await new WalletWindow(ada, product).SignInAsync("ada");

        await wallet.ClickAsync(wallet.Action("extend"));
        await Expect(wallet.Dialog).ToContainTextAsync("How long may Acme Calendar stay connected?");
        await wallet.ClickAsync(wallet.Page.Locator("#ask-yes"));

        await Expect(wallet.Notice).ToContainTextAsync("ada@calendar.example stays connected until");
        await Expect(wallet.Action("extend")).ToHaveCountAsync(0); // Its furthest end is reached.
        Assert.Empty(ada.Complaints);
    }

    [Fact]
    public async Task Signing_out_forgets_and_the_next_sign_in_is_asked_again()
    {
        await using var bob = await product.SomebodyAsync();
        var wallet = await new WalletWindow(bob, product).SignInAsync("bob");

        await wallet.ClickAsync(wallet.Page.Locator("#sign-out"));
        await Expect(wallet.Message).ToHaveTextAsync("You are signed out.");
        await Expect(wallet.Page.Locator("#bar")).ToBeHiddenAsync();
        await wallet.ClickAsync(wallet.Place);
        await wallet.Page.GetByTestId("sign-in-mallory").ClickAsync();

        await Expect(wallet.Page.Locator("#user-name")).ToHaveTextAsync("Mallory Malone");
        Assert.Contains(bob.Requests, request => request.Contains("prompt=login", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sign_in_that_is_over_leads_back_to_the_sign_in()
    {
        await using var bob = await product.SomebodyAsync();
        var wallet = await new WalletWindow(bob, product).SignInAsync("bob");
        await bob.Context.ClearCookiesAsync();

        await wallet.Page.Locator("#to-activity").ClickAsync();

        await Expect(wallet.Message).ToHaveTextAsync("Your sign-in is over. Sign in again.");
        await Expect(wallet.Place).ToHaveTextAsync("Sign in with Acme Shop");
    }

    [Fact]
    public async Task A_click_in_the_moment_the_question_appears_does_nothing()
    {
        await product.Backend.DisconnectAllAsync("ada");
        await using var ada = await product.SomebodyAsync();
        await WalletWindow.ConnectAsync(product, ada, "ada", "ada@calendar.example");
        var wallet = await new WalletWindow(ada, product).SignInAsync("ada");
        await wallet.Page.EvaluateAsync("new MutationObserver(() => { if (document.querySelector('#ask').open) { document.querySelector('#ask-yes').click(); } }).observe(document.querySelector('#ask'), { attributes: true })");

        await wallet.ClickAsync(wallet.Action("revoke"));
        await Expect(wallet.Dialog).ToBeVisibleAsync();
        await wallet.Page.Keyboard.PressAsync("Escape");

        await Expect(wallet.Dialog).ToBeHiddenAsync();
        Assert.Equal(0, ada.CountOf("/wallet/revoke"));
        Assert.Equal(["ada@calendar.example"], await product.Backend.AccountsAsync("ada"));
    }

    [Fact]
    public async Task The_keyboard_is_enough()
    {
        await product.Backend.DisconnectAllAsync("ada");
        await using var ada = await product.SomebodyAsync();
        await WalletWindow.ConnectAsync(product, ada, "ada", "ada@calendar.example");
        var wallet = await new WalletWindow(ada, product).SignInAsync("ada");

        await PressAsync("[data-action=revoke]", "Enter");
        await PressAsync("#ask-yes", "Enter");

        await Expect(wallet.Connections).ToHaveCountAsync(0);
        await PressAsync("#to-activity", "Enter");
        await Expect(wallet.Page.Locator("#filters")).ToBeVisibleAsync();

        async Task PressAsync(string selector, string key)
        {
            var sought = wallet.Page.Locator(selector);
            await sought.WaitForAsync();
            for (var presses = 0; !await sought.EvaluateAsync<bool>("element => element === document.activeElement"); presses++)
            {
                Assert.True(presses < 15, $"Fifteen tabs do not reach {selector}.");
                await wallet.Page.Keyboard.PressAsync("Tab");
            }

            Assert.NotEqual("none", await sought.EvaluateAsync<string>("element => getComputedStyle(element).outlineStyle")); // WCAG 2.4.7
            await Waiting.UntilAsync(wallet.Page, "performance.now() - stirredAt > 520");
            await wallet.Page.Keyboard.PressAsync(key);
        }
    }

    [Fact]
    public async Task No_other_page_can_hold_the_Wallet_in_a_frame_or_by_a_handle()
    {
        await using var bob = await product.SomebodyAsync();
        await bob.VisitShopAsync();
        var opened = await bob.Page.RunAndWaitForPopupAsync(() => bob.Page.EvaluateAsync("url => { window.opened = window.open(url, 'wallet'); }", new Uri(product.At.Vault, "/wallet").AbsoluteUri));
        await Expect(opened.Locator("#title")).ToHaveTextAsync("Your connections");

        Assert.True(await opened.EvaluateAsync<bool>("window.opener === null"));
        await Waiting.UntilAsync(bob.Page, "window.opened.closed");
        Assert.Contains("frame-ancestors 'none'", (await bob.Context.APIRequest.GetAsync(new Uri(product.At.Vault, "/wallet").AbsoluteUri)).Headers["content-security-policy"], StringComparison.Ordinal);
    }
}
