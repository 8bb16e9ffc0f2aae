using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests;

public sealed class StoryTests(Product product)
{
    [Fact]
    public async Task A_person_connects_two_accounts_by_popup_chooses_between_them_and_disconnects_one()
    {
        await product.Backend.DisconnectAllAsync("ada");
        await using var ada = await (await product.SomebodyAsync()).SignInAsync("ada");
        var shop = ada.Page;

        await ConnectAsync("ada@calendar.example");
        await Expect(shop.GetByTestId("notice")).ToHaveTextAsync("Acme Calendar is connected: ada@calendar.example");
        await shop.GetByTestId("events-calendar").ClickAsync();
        await Expect(shop.GetByTestId("event")).ToHaveCountAsync(3);
        await Expect(shop.GetByTestId("event").First).ToContainTextAsync("Tea with Mary Somerville");

        await ConnectAsync("ada.work@calendar.example");
        await Expect(shop.GetByTestId("connection")).ToHaveCountAsync(2);
        await shop.GetByTestId("events-calendar").ClickAsync();
        var picker = shop.GetByRole(AriaRole.Dialog);
        await Expect(picker.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);
        await picker.GetByText("ada.work@calendar.example").ClickAsync();
        await Expect(shop.GetByTestId("events-account")).ToHaveTextAsync("Acme Calendar, ada.work@calendar.example");

        await Expect(shop.GetByTestId("events-calendar")).ToBeEnabledAsync(); // The connections are drawn once more before.
        await shop.GetByLabel("Disconnect ada@calendar.example").ClickAsync();
        await Expect(shop.GetByTestId("connection")).ToHaveCountAsync(1);
        await shop.GetByTestId("events-calendar").ClickAsync();
        await Expect(shop.GetByTestId("events-account")).ToHaveTextAsync("Acme Calendar, ada.work@calendar.example");
        Assert.Equal(["ada.work@calendar.example"], await product.Backend.AccountsAsync("ada"));

        Assert.Empty(ada.Complaints);
        Assert.Empty(ada.RequestsElsewhere);

        async Task ConnectAsync(string account)
        {
            var window = await ada.PopupAsync(() => shop.GetByTestId("connect-calendar").ClickAsync());
            await window.AllowAsync(account);
            await window.GoneAsync();
        }
    }

    [Fact]
    public async Task A_person_connects_by_redirect()
    {
        await product.Backend.DisconnectAllAsync("ada");
        await using var ada = await (await product.SomebodyAsync()).SignInAsync("ada");

        await ada.Page.GetByTestId("connect-tasks-redirect").ClickAsync();
        await new ConnectWindow(ada.Page).AllowAsync("ada@calendar.example", "tasks");

        await Expect(ada.Page.GetByTestId("notice")).ToHaveTextAsync("Acme Tasks is connected: ada@calendar.example");
        await ada.Page.GetByTestId("events-tasks").ClickAsync();
        await Expect(ada.Page.GetByTestId("event")).ToHaveCountAsync(3);
        Assert.Empty(ada.Complaints);
        Assert.Empty(ada.RequestsElsewhere);
    }

    [Fact]
    public async Task The_page_says_whose_account_will_be_linked_to_what_and_what_is_asked_for()
    {
        var session = await product.Backend.MintAsync("bob");
        await using var bob = await product.SomebodyAsync();

        var connect = await bob.OpenAsync(session.Url);

        await Expect(connect.Title).ToHaveTextAsync("Acme Shop wants to connect your Acme Calendar account");
        await Expect(connect.Page).ToHaveTitleAsync("Acme Shop wants to connect your Acme Calendar account");
        await Expect(connect.Page.Locator("#user")).ToContainTextAsync("Bob Kahn");
        await Expect(connect.Page.Locator("#providers li")).ToHaveTextAsync(
        [
            "See the events in your calendar", "Add, change and delete events in your calendar",
            "Recognise your account", "See your email address", "See your name and picture", "Keep access while you are away",
        ]);
        await connect.ClickAsync(connect.Page.Locator("#not-you"));
        await Expect(connect.Page.Locator("#not-you-help")).ToBeVisibleAsync();
    }
}
