using System.Text.Json.Nodes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests.States;

/// <summary>What a person sees in each state of the Connect page, and the way out of it.</summary>
public sealed class StateTests(Product product)
{
    private const string Authorize = "/sdk/oauth/connect/authorize";

    [Fact]
    public async Task One_provider_has_one_big_button_and_no_list()
    {
        await using var bob = await product.SomebodyAsync();
        var connect = await ReachAsync(bob, "one-provider");

        await Expect(connect.Provider()).ToHaveTextAsync("Connect Acme Calendar");
        await Expect(connect.Page.Locator(".row")).ToHaveCountAsync(0);
        var (button, card) = ((await connect.Provider().BoundingBoxAsync())!, (await connect.Page.Locator("main").BoundingBoxAsync())!);
        Assert.True(button.Width > card.Width * .8 && button.Height >= 44);
    }

    [Fact]
    public async Task A_scope_that_nobody_described_is_shown_as_it_is()
    {
        await using var bob = await product.SomebodyAsync();
        var connect = await ReachAsync(bob, "two-providers");

        await Expect(connect.Page.Locator(".row", new() { HasText = "Acme Tasks" }).Locator("code")).ToHaveTextAsync(["calendar.read", "calendar.write"]);
        await Expect(connect.Page.Locator(".row", new() { HasText = "Acme Calendar" }).Locator("code")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Of_many_providers_a_search_finds_one()
    {
        await using var bob = await product.SomebodyAsync();
        var connect = await ReachAsync(bob, "many-providers");
        var rows = connect.Page.Locator(".row:visible");
        await Expect(rows).ToHaveCountAsync(12);

        await connect.Page.GetByLabel("Search").FillAsync("  CAL");
        await Expect(rows).ToHaveCountAsync(1);
        await Expect(rows).ToContainTextAsync("Acme Calendar");
        await Expect(connect.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("1 of 12 shown");

        await connect.Page.GetByLabel("Search").FillAsync("zebra");
        await Expect(rows).ToHaveCountAsync(0);
        await Expect(connect.Page.GetByText("Nothing here is called that.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_few_providers_need_no_search()
    {
        await using var bob = await product.SomebodyAsync();

        await Expect((await ReachAsync(bob, "two-providers")).Page.GetByLabel("Search")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task While_the_provider_is_opened_the_page_says_so_and_takes_no_second_click()
    {
        await using var bob = await product.SomebodyAsync();
        var connect = await ReachAsync(bob, "opening");

        await Expect(connect.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Opening Acme Calendar…");
        await Expect(connect.Provider()).ToBeDisabledAsync();
        await Expect(connect.Cancel).ToBeDisabledAsync();
    }

    [Fact]
    public async Task A_provider_that_is_not_set_up_tells_developers_the_redirect_URI_to_register()
    {
        await using var bob = await product.SomebodyAsync();
        var connect = await ReachAsync(bob, "misconfigured");

        await Expect(connect.Title).ToHaveTextAsync("The app is not set up correctly");
        await Expect(connect.Page.Locator("#facts")).ToContainTextAsync(new Uri(product.At.Vault, "/oauth/callback/shop/archive").AbsoluteUri);
        await Expect(connect.Page.Locator("#facts")).ToContainTextAsync("connect_config");
        Assert.DoesNotContain(VaultDocument.ClientSecret, await connect.Page.ContentAsync(), StringComparison.Ordinal);
        await Expect(connect.Cancel).ToHaveTextAsync("Back to Acme Shop");
    }

    [Fact]
    public async Task A_provider_that_cannot_be_reached_may_be_tried_again()
    {
        await using var bob = await product.SomebodyAsync();
        var connect = await ReachAsync(bob, "unreachable");
        await Expect(connect.Title).ToHaveTextAsync("The service cannot be reached");

        await connect.ClickAsync(connect.Provider());

        await connect.Page.GetByTestId("account-bob@calendar.example").WaitForAsync();
    }

    [Fact]
    public async Task A_page_without_connection_tries_again_when_asked_to()
    {
        await using var bob = await product.SomebodyAsync();
        var connect = await ReachAsync(bob, "offline");

        await bob.Context.UnrouteAllAsync();
        await connect.ClickAsync(connect.Done);

        await Expect(connect.Provider()).ToBeEnabledAsync();
    }

    [Fact]
    public async Task A_connection_that_breaks_later_leaves_the_choice_open()
    {
        await using var bob = await product.SomebodyAsync();
        var connect = await ReachAsync(bob, "one-provider");
        await bob.Context.RouteAsync($"**{Authorize}", route => route.AbortAsync());

        await connect.ClickAsync(connect.Provider());
        await Expect(connect.Title).ToHaveTextAsync("No connection");
        await bob.Context.UnrouteAllAsync();
        await connect.ClickAsync(connect.Provider());

        await connect.Page.GetByTestId("account-bob@calendar.example").WaitForAsync();
    }

    [Fact]
    public async Task Of_two_providers_each_is_connected_in_one_visit()
    {
        await using var bob = await product.SomebodyAsync();
        var connect = await ReachAsync(bob, "one-of-two");

        await connect.AllowAsync("bob@calendar.example", "tasks");

        await Expect(connect.Title).ToHaveTextAsync("Connected");
        await Expect(connect.Message).ToHaveTextAsync("You can close this window.");
        await Expect(connect.Page.Locator("#grants li")).ToHaveTextAsync(["Acme Calendarbob@calendar.example", "Acme Tasksbob@calendar.example"]);
    }

    [Fact]
    public async Task Done_ends_the_session_so_that_its_link_connects_nothing_more()
    {
        await product.Backend.DisconnectAllAsync("bob");
        var session = await product.Backend.MintAsync("bob", providers: ["calendar", "tasks"]);
        await using var bob = await product.SomebodyAsync();
        await bob.Page.AddInitScriptAsync("AbortSignal.timeout = () => new AbortController().signal;"); // However slow the vault is here.
        var connect = await bob.OpenAsync(session.Url);
        await connect.AllowAsync("bob@calendar.example");

        await connect.ClickAsync(connect.Done);

        await Expect(connect.Title).ToHaveTextAsync("Connected");
        Assert.Equal(1, bob.CountOf("/sdk/oauth/connect/close"));
        await using var another = await product.SomebodyAsync();
        await Expect((await another.OpenAsync(session.Url)).Title).ToHaveTextAsync("This link was already used");
    }

    [Fact]
    public async Task Done_keeps_nobody_where_the_vault_does_not_answer()
    {
        await using var bob = await product.SomebodyAsync();
        var connect = await ReachAsync(bob, "one-of-two");
        await bob.Context.RouteAsync("**/sdk/oauth/connect/close", _ => Task.CompletedTask); // Never answered.

        await connect.ClickAsync(connect.Done);

        await Expect(connect.Title).ToHaveTextAsync("Connected");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_the_app_signs_people_in_the_page_says_so_before(bool signedIn)
    {
        await using var bob = await product.SomebodyAsync();
        await bob.ChangeViewAsync(view =>
        {
            view["browser_proof"] = "identity";
            view["signed_in"] = signedIn;
        });
        var connect = await ReachAsync(bob, "one-provider");

        await Expect(connect.Page.GetByText("You will first sign in to Acme Shop, so that nobody else's account is linked.")).ToBeVisibleAsync(new() { Visible = !signedIn });
    }

    [Fact]
    public async Task Somebody_else_may_sign_in_anew_where_the_vault_offers_it()
    {
        await using var bob = await product.SomebodyAsync();
        var connect = await ReachAsync(bob, "somebody-else");
        await Expect(connect.Title).ToHaveTextAsync("That was somebody else");
        await Expect(connect.Message).ToContainTextAsync("Bob Kahn");
        await Expect(connect.Provider()).ToHaveCountAsync(0);

        var asked = await connect.Page.RunAndWaitForRequestAsync(() => connect.ClickAsync(connect.Page.GetByText("Sign in as Bob Kahn")), $"**{Authorize}");

        var body = JsonNode.Parse(asked.PostData!)!;
        Assert.Equal("calendar", (string?)body["provider"]);
        Assert.True((bool)body["fresh_sign_in"]!);
    }

    [Fact]
    public async Task Somebody_else_is_otherwise_led_back_to_the_app()
    {
        await using var bob = await product.SomebodyAsync();
        await bob.ChangeViewAsync(view => view.CameBackWith("user_mismatch", "Somebody else signed in."));
        var connect = await ReachAsync(bob, "one-provider");

        await Expect(connect.Page.GetByRole(AriaRole.Button)).ToHaveTextAsync(["Back to Acme Shop"]);
    }

    [Theory]
    [InlineData("one-provider")]
    [InlineData("denied")]
    [InlineData("cancelled")]
    public async Task A_state_takes_the_focus_to_its_heading(string state)
    {
        await using var bob = await product.SomebodyAsync();
        var connect = await ReachAsync(bob, state);

        await Expect(connect.Title).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_page_that_loaded_by_half_says_so_and_keeps_no_token()
    {
        await using var bob = await product.SomebodyAsync();
        await bob.Context.RouteAsync("**/assets/choices.js", route => route.AbortAsync());
        var session = await product.Backend.MintAsync("bob");

        var connect = await bob.OpenAsync(session.Url);

        await Expect(connect.Page.Locator("#incomplete")).ToBeVisibleAsync();
        Assert.DoesNotContain(session.Token, connect.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_phone_a_person_connects_by_redirect()
    {
        await product.Backend.DisconnectAllAsync("ada");
        await using var ada = await (await product.SomebodyAsync(width: 360)).SignInAsync("ada");
        await ada.Page.GetByTestId("connect-tasks-redirect").ClickAsync();
        var connect = new ConnectWindow(ada.Page);
        await connect.Provider("tasks").WaitForAsync();
        Assert.Equal(0, await ada.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));

        await connect.AllowAsync("ada@calendar.example", "tasks");

        await Expect(ada.Page.GetByTestId("notice")).ToHaveTextAsync("Acme Tasks is connected: ada@calendar.example");
    }

    private Task<ConnectWindow> ReachAsync(Person bob, string state) => ConnectStates.ReachAsync(product, bob, state);
}
