using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests;

/// <summary>What the window that opened Connect is told, and what no other window is.</summary>
public sealed class OpenerTests(Product product)
{
    [Fact]
    public async Task The_opener_is_told_once_and_the_window_then_closes_itself()
    {
        await product.Backend.DisconnectAllAsync("bob");
        await using var guest = await (await product.SomebodyAsync()).VisitShopAsync();
        var connect = await guest.OpenPopupAsync((await product.Backend.MintAsync("bob")).Url);

        await connect.AllowAsync("bob@calendar.example");
        await connect.GoneAsync();

        var message = Assert.Single(await guest.HearAsync());
        Assert.Equal(Addresses.Origin(product.At.Vault), message.GetProperty("origin").GetString());
        Assert.Equal("alter_connect_success", message.GetProperty("data").GetProperty("type").GetString());
        var grant = Assert.Single(message.GetProperty("data").GetProperty("grants").EnumerateArray());
        Assert.Equal("bob@calendar.example", grant.GetProperty("account_identifier").GetString());
        Assert.Equal("calendar", grant.GetProperty("provider").GetString());
        Assert.Equal("creation", grant.GetProperty("operation").GetString());
    }

    [Fact]
    public async Task A_denial_is_shown_and_told_when_the_person_goes_back_to_the_app()
    {
        await using var guest = await (await product.SomebodyAsync()).VisitShopAsync();
        var connect = await guest.OpenPopupAsync((await product.Backend.MintAsync("bob")).Url);

        await connect.DenyAsync("bob@calendar.example");
        await Expect(connect.Title).ToHaveTextAsync("Access was denied");
        await Expect(connect.Message).ToHaveTextAsync("The account's owner said no.");
        await Expect(connect.Cancel).ToHaveTextAsync("Back to Acme Shop");
        await connect.ClickAsync(connect.Cancel);
        await connect.GoneAsync();

        var data = Assert.Single(await guest.HearAsync()).GetProperty("data");
        Assert.Equal("alter_connect_error", data.GetProperty("type").GetString());
        Assert.Equal("access_denied", data.GetProperty("error").GetString());
        Assert.Equal("The account's owner said no.", data.GetProperty("error_description").GetString());
    }

    [Fact]
    public async Task A_denial_uses_nothing_up_and_the_person_may_think_again()
    {
        await product.Backend.DisconnectAllAsync("bob");
        await using var guest = await (await product.SomebodyAsync()).VisitShopAsync();
        var connect = await guest.OpenPopupAsync((await product.Backend.MintAsync("bob")).Url);

        await connect.DenyAsync("bob@calendar.example");
        await connect.AllowAsync("bob@calendar.example");

        Assert.Equal("alter_connect_success", Assert.Single(await guest.HearAsync()).GetProperty("data").GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_window_closed_by_hand_connects_nothing_and_the_shop_says_so()
    {
        await product.Backend.DisconnectAllAsync("ada");
        await using var ada = await (await product.SomebodyAsync()).SignInAsync("ada");
        var connect = await ada.PopupAsync(() => ada.Page.GetByTestId("connect-calendar").ClickAsync());
        await connect.Provider().WaitForAsync();

        await connect.Page.CloseAsync();

        await Expect(ada.Page.GetByTestId("notice")).ToHaveTextAsync("The window was closed before anything was connected.");
        Assert.Empty(await product.Backend.AccountsAsync("ada"));
    }

    [Fact]
    public async Task Of_two_providers_both_are_told_when_both_are_connected()
    {
        await product.Backend.DisconnectAllAsync("bob");
        await using var guest = await (await product.SomebodyAsync()).VisitShopAsync();
        var connect = await guest.OpenPopupAsync((await product.Backend.MintAsync("bob", providers: ["calendar", "tasks"])).Url);

        await connect.AllowAsync("bob@calendar.example");
        await Expect(connect.Provider("calendar")).ToBeDisabledAsync();
        await connect.AllowAsync("bob@calendar.example", "tasks");

        var data = Assert.Single(await guest.HearAsync()).GetProperty("data");
        Assert.Equal(["calendar", "tasks"], data.GetProperty("grants").EnumerateArray().Select(grant => grant.GetProperty("provider").GetString()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_of_two_providers_is_enough_whether_the_person_says_so_or_closes_the_window(bool saysSo)
    {
        await product.Backend.DisconnectAllAsync("bob");
        await using var guest = await (await product.SomebodyAsync()).VisitShopAsync();
        var connect = await guest.OpenPopupAsync((await product.Backend.MintAsync("bob", providers: ["calendar", "tasks"])).Url);
        await connect.AllowAsync("bob@calendar.example", "tasks");
        await connect.Done.WaitForAsync();

        await (saysSo ? connect.ClickAsync(connect.Done) : connect.Page.CloseAsync());

        var data = Assert.Single(await guest.HearAsync()).GetProperty("data");
        Assert.Equal("tasks", Assert.Single(data.GetProperty("grants").EnumerateArray()).GetProperty("provider").GetString());
    }

    [Fact]
    public async Task A_foreign_page_that_opens_Connect_hears_nothing()
    {
        // The session is the shop's; the page that opens it hides where it comes from, so that the link itself is accepted.
        await product.Backend.DisconnectAllAsync("bob");
        await using var guest = await product.SomebodyAsync();
        await guest.Page.GotoAsync(new Uri(product.At.Foreign, "/quiet").AbsoluteUri);
        await guest.Context.AddInitScriptAsync("window.close = () => {};"); // It stays to say something below.
        var connect = await guest.OpenPopupAsync((await product.Backend.MintAsync("bob")).Url);

        await connect.AllowAsync("bob@calendar.example");
        await Expect(connect.Title).ToHaveTextAsync("Connected");

        // Messages arrive in order: had there been one, it would lie before this.
        await connect.Page.EvaluateAsync("opener.postMessage('the last one', '*')");
        Assert.Equal("the last one", Assert.Single(await guest.HearAsync()).GetProperty("data").GetString());
    }
}
