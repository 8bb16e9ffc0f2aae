using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests.Wallet;

/// <summary>What a person sees in each state of the Wallet, and the way out of it.</summary>
public sealed class WalletStateTests(Product product)
{
    [Fact]
    public async Task Of_several_places_people_choose_by_the_app_they_are_a_user_of_and_tenants_are_told_apart()
    {
        await using var bob = await product.SomebodyAsync();
        var wallet = await WalletStates.ReachAsync(product, bob, "places");

        await Expect(wallet.Place).ToHaveTextAsync(["Acme Shop and Acme Mall", "Acme Desklogin.example/tenant-one/v2.0", "Acme Desklogin.example/tenant-two/v2.0"]);
    }

    [Fact]
    public async Task Each_fault_has_its_words_and_only_what_helps_is_offered()
    {
        await using var bob = await product.SomebodyAsync();
        var wallet = await WalletStates.ReachAsync(product, bob, "connections");

        await Expect(wallet.Connections.Locator(".pill")).ToHaveTextAsync(["Working", "Not working", "Ended", "Incomplete", "Paused", "Not in use"]);
        await Expect(wallet.Action("reconnect")).ToHaveCountAsync(2);
        await Expect(wallet.Action("extend")).ToHaveCountAsync(1);
        await Expect(wallet.Action("revoke")).ToHaveCountAsync(6);
        await Expect(wallet.Connections.Nth(2).Locator("a")).ToHaveTextAsync("Go to Acme Shop");
        Assert.Empty(bob.Complaints);
    }

    [Fact]
    public async Task The_activity_says_what_was_called_why_and_how_it_ended_and_is_filtered_paged_and_downloaded()
    {
        await using var bob = await product.SomebodyAsync();
        var wallet = await WalletStates.ReachAsync(product, bob, "activity");

        await Expect(wallet.Entries.Locator(".pill")).ToHaveTextAsync(["200", "Not allowed", "503", "Connected"]);
        await Expect(wallet.Entries.First).ToContainTextAsync("The weekly digest");
        await Expect(wallet.Entries.First).ToContainTextAsync("run_id: run-17");
        await Expect(wallet.Entries.Last).ToContainTextAsync("You connected Acme Calendar");

        await wallet.Page.GetByLabel("Service").SelectOptionAsync("calendar");
        await wallet.Page.GetByLabel("How it ended").SelectOptionAsync("policy_violation");
        await wallet.Page.GetByLabel("From", new() { Exact = true }).FillAsync("2026-11-01");
        await Expect(wallet.Entries).ToHaveCountAsync(4);
        await Expect(wallet.Page.Locator("#download")).ToHaveAttributeAsync("href", new System.Text.RegularExpressions.Regex("^/wallet/activity\\?app=shop&provider=calendar&outcome=policy_violation&since=2026-1[01]-[0-9]{2}T.*&format=csv$"));
        await wallet.ClickAsync(wallet.Page.Locator("#more"));
        await Expect(wallet.Entries).ToHaveCountAsync(8);
        Assert.Contains(bob.Requests, request => request.Contains("cursor=more", StringComparison.Ordinal));
        Assert.Empty(bob.Complaints);
    }

    [Theory]
    [InlineData("offline")]
    [InlineData("unavailable")]
    public async Task After_a_fault_trying_again_is_enough(string state)
    {
        await using var bob = await product.SomebodyAsync();
        var wallet = await WalletStates.ReachAsync(product, bob, state);
        await bob.Context.UnrouteAllAsync();

        await wallet.ClickAsync(wallet.Page.Locator("#retry"));

        await Expect(wallet.Title).ToHaveTextAsync("Your connections");
    }

    [Fact]
    public async Task A_sign_in_that_came_to_nothing_leads_back()
    {
        await using var bob = await product.SomebodyAsync();
        var wallet = await WalletStates.ReachAsync(product, bob, "failed");
        await Expect(wallet.Page.Locator("h1")).ToHaveTextAsync("This sign-in cannot be used");

        await wallet.Page.GetByText("Back to the sign-in").ClickAsync();

        await Expect(wallet.Place).ToBeVisibleAsync();
    }
}
