using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests;

/// <summary>A link of one user in the browser of another, under each proof; the app's real sign-in stands between.</summary>
public sealed class BrowserProofTests(Product product)
{
    [Fact]
    public async Task Identity_who_is_signed_in_at_the_shop_sees_no_second_sign_in()
    {
        await product.Backend.DisconnectAllAsync("ada");
        await using var ada = await (await product.SomebodyAsync()).SignInAsync("ada");

        var connect = await ada.OpenPopupAsync((await product.Backend.MintAsync("ada", proof: "identity")).Url);
        await connect.AllowAsync("ada@calendar.example");
        await connect.GoneAsync();

        Assert.Equal(["ada@calendar.example"], await product.Backend.AccountsAsync("ada"));
        Assert.Contains(ada.Requests, request => request.Contains("prompt=none", StringComparison.Ordinal));
        Assert.Empty(ada.Complaints);
    }

    [Fact]
    public async Task Identity_who_is_signed_in_nowhere_signs_in_and_goes_straight_on()
    {
        await product.Backend.DisconnectAllAsync("ada");
        await using var somebody = await product.SomebodyAsync();
        var connect = await somebody.OpenAsync((await product.Backend.MintAsync("ada", proof: "identity")).Url);
        await Expect(connect.Page.Locator("#sign-in-first")).ToContainTextAsync("You will first sign in to Acme Shop");

        await connect.ClickAsync(connect.Provider());
        await connect.Page.GetByTestId("sign-in-ada").ClickAsync();
        await connect.Page.GetByTestId("account-ada@calendar.example").ClickAsync();
        await connect.Page.GetByTestId("allow").ClickAsync();

        await Expect(connect.Title).ToHaveTextAsync("Connected");
        Assert.Equal(["ada@calendar.example"], await product.Backend.AccountsAsync("ada"));
    }

    [Fact]
    public async Task Identity_a_stranger_may_sign_in_once_more_and_then_nothing_was_connected()
    {
        await product.Backend.DisconnectAllAsync("ada");
        await product.Backend.DisconnectAllAsync("mallory");
        await using var mallory = await (await product.SomebodyAsync()).SignInAsync("mallory");
        var connect = await mallory.OpenAsync((await product.Backend.MintAsync("ada", proof: "identity")).Url);
        var again = connect.Page.Locator("#sign-in-again");

        await connect.ClickAsync(connect.Provider());
        await Expect(connect.Title).ToHaveTextAsync("That was somebody else");
        await Expect(connect.Message).ToContainTextAsync("Ada Lovelace");
        await connect.ClickAsync(again);
        await connect.Page.GetByTestId("sign-in-mallory").ClickAsync();
        await Expect(connect.Title).ToHaveTextAsync("That was somebody else");
        await Expect(again).ToBeHiddenAsync();
        await Expect(connect.Cancel).ToHaveTextAsync("Back to Acme Shop");

        Assert.DoesNotContain(mallory.Requests, request => request.Contains($"{product.At.Calendar}connect/authorize", StringComparison.Ordinal));
        Assert.Empty(await product.Backend.AccountsAsync("ada"));
        Assert.Empty(await product.Backend.AccountsAsync("mallory"));
    }

    [Fact]
    public async Task Identity_a_shared_browser_lets_the_right_person_sign_in_and_go_on()
    {
        await product.Backend.DisconnectAllAsync("ada");
        await product.Backend.DisconnectAllAsync("bob");
        await using var family = await (await product.SomebodyAsync()).SignInAsync("bob");
        var connect = await family.OpenAsync((await product.Backend.MintAsync("ada", proof: "identity")).Url);

        await connect.ClickAsync(connect.Provider());
        await connect.ClickAsync(connect.Page.Locator("#sign-in-again"));
        await connect.Page.GetByTestId("sign-in-ada").ClickAsync();
        await connect.Page.GetByTestId("account-ada@calendar.example").ClickAsync();
        await connect.Page.GetByTestId("allow").ClickAsync();

        await Expect(connect.Title).ToHaveTextAsync("Connected");
        Assert.Equal(["ada@calendar.example"], await product.Backend.AccountsAsync("ada"));
        Assert.Empty(await product.Backend.AccountsAsync("bob"));
    }

    [Fact]
    public async Task Complete_a_strangers_account_stays_useless_because_the_code_never_reaches_the_app()
    {
        await product.Backend.DisconnectAllAsync("ada");
        await product.Backend.DisconnectAllAsync("mallory");
        await using var mallory = await product.SomebodyAsync();
        var connect = await mallory.OpenAsync((await product.Backend.MintAsync("ada", proof: "complete")).Url);

        await connect.AllowAsync("bob@calendar.example");
        await Expect(connect.Title).ToHaveTextAsync("Connected");

        Assert.Empty(await product.Backend.AccountsAsync("ada"));
        Assert.Empty(await product.Backend.AccountsAsync("mallory"));
    }

    [Fact]
    public async Task Complete_the_shops_page_hears_the_code_and_its_backend_makes_the_grant_usable()
    {
        await product.Backend.DisconnectAllAsync("ada");
        await using var ada = await (await product.SomebodyAsync()).VisitShopAsync();
        var connect = await ada.OpenPopupAsync((await product.Backend.MintAsync("ada", proof: "complete")).Url);
        await connect.AllowAsync("ada@calendar.example");

        var grant = Assert.Single(Assert.Single(await ada.HearAsync()).GetProperty("data").GetProperty("grants").EnumerateArray());
        Assert.Equal("pending", grant.GetProperty("status").GetString());
        Assert.Empty(await product.Backend.AccountsAsync("ada"));
        var code = grant.GetProperty("metadata").GetProperty("completion_code").GetString()!;

        Assert.Equal("active", await product.Backend.CompleteAsync("ada", code));
        Assert.Equal(["ada@calendar.example"], await product.Backend.AccountsAsync("ada"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => product.Backend.CompleteAsync("mallory", code));
    }

    [Fact]
    public async Task Confirm_a_stranger_is_told_whose_accounts_are_linked_and_the_page_is_never_skipped()
    {
        await using var mallory = await product.SomebodyAsync();
        var connect = await mallory.OpenAsync((await product.Backend.MintAsync("ada", proof: "confirm")).Url);

        await Expect(connect.Page.Locator("#user-name")).ToHaveTextAsync("Ada Lovelace");
        await connect.ClickAsync(connect.Page.Locator("#not-you"));
        await Expect(connect.Page.Locator("#not-you-help")).ToContainTextAsync("Do not go on");
        Assert.DoesNotContain(mallory.Requests, request => request.Contains("/connect/authorize", StringComparison.Ordinal) && !request.Contains("/sdk/", StringComparison.Ordinal));
    }
}
