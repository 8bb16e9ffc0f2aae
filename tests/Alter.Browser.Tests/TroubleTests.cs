using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests;

/// <summary>The guide's troubleshooting table, button by button: each error is provoked, shown with the line that handled it, and put right.</summary>
public sealed class TroubleTests(Product product)
{
    [Fact]
    public async Task A_call_for_an_account_nobody_connected_leads_to_Connect_and_then_goes_through()
    {
        await using var ada = await StartAsync();

        await ExpectAsync(ada, "grant_not_found", "GrantNotFoundException", "connect", "AskToConnect(e)");
        await ConnectAsync(ada, () => RemedyOf(ada, "grant_not_found").ClickAsync());

        await GoesThroughAsync(ada, "grant_not_found");
    }

    [Fact]
    public async Task With_two_accounts_the_person_chooses()
    {
        await using var ada = await StartAsync("ada@calendar.example", "ada.work@calendar.example");

        await ExpectAsync(ada, "ambiguous_grant", "AmbiguousGrantException", "choose_account", "AskToChoose(e, e.AccountIdentifiers)");
        await RemedyOf(ada, "ambiguous_grant").GetByText("ada.work@calendar.example").ClickAsync();

        await Expect(Outcome(ada, "ambiguous_grant")).ToHaveTextAsync("The call goes through: 3 events of ada.work@calendar.example.");
    }

    [Fact]
    public async Task A_disconnected_account_is_refused_on_the_next_call_and_connected_again()
    {
        await using var ada = await StartAsync("ada@calendar.example");

        await ExpectAsync(ada, "grant_revoked", "GrantRevokedException", "connect", "AskToConnect(e)");
        await Expect(ada.Page.GetByTestId("connection")).ToHaveCountAsync(0);
        await ConnectAsync(ada, () => RemedyOf(ada, "grant_revoked").ClickAsync());

        await GoesThroughAsync(ada, "grant_revoked");
    }

    [Fact]
    public async Task An_app_removed_at_the_provider_is_refused_once_the_vault_knows()
    {
        await using var ada = await StartAsync("ada@calendar.example");
        var calendar = await ada.Context.RunAndWaitForPageAsync(() => ada.Page.GetByText("Remove the shop at the calendar").ClickAsync());
        await calendar.GetByTestId("remove-ada@calendar.example").ClickAsync();
        await Expect(calendar.GetByRole(AriaRole.Status)).ToHaveTextAsync("Acme Shop no longer has access to ada@calendar.example.");
        await calendar.CloseAsync();

        await ExpectAsync(ada, "credential_revoked", "CredentialRevokedException", "connect", "AskToConnect(e)");
        await Expect(ada.Page.GetByTestId("connection")).ToContainTextAsync("credential revoked");
        await ConnectAsync(ada, () => RemedyOf(ada, "credential_revoked").ClickAsync());

        await GoesThroughAsync(ada, "credential_revoked");
    }

    [Fact]
    public async Task A_required_scope_that_was_left_out_is_asked_for_again()
    {
        await using var ada = await StartAsync();
        var window = await ada.PopupAsync(() => ada.Page.GetByTestId("provoke-scope_reauth_required").ClickAsync());
        await window.ContinueToAsync("ada@calendar.example", "tasks");
        await window.Page.GetByTestId("scope-calendar.write").UncheckAsync();
        await window.Page.GetByTestId("allow").ClickAsync();
        await window.GoneAsync();

        await ShowsAsync(ada, "scope_reauth_required", "ScopeReauthRequiredException", "connect", "AskToConnect(e, missing: e.MissingScopes)");
        await Expect(Outcome(ada, "scope_reauth_required")).ToContainTextAsync("MissingScopes: calendar.write");
        await ConnectAsync(ada, () => RemedyOf(ada, "scope_reauth_required").ClickAsync(), "tasks");

        await GoesThroughAsync(ada, "scope_reauth_required");
    }

    [Fact]
    public async Task A_grant_of_twenty_seconds_is_over_after_twenty_seconds()
    {
        await using var ada = await StartAsync();
        await ConnectAsync(ada, () => ada.Page.GetByTestId("provoke-grant_expired").ClickAsync());

        await ShowsAsync(ada, "grant_expired", "GrantExpiredException", "connect", "AskToConnect(e)");
        await ConnectAsync(ada, () => RemedyOf(ada, "grant_expired").ClickAsync());

        await GoesThroughAsync(ada, "grant_expired");
    }

    [Fact]
    public async Task A_call_that_a_policy_denies_says_which_and_leads_to_the_wallet()
    {
        await using var ada = await StartAsync("ada@calendar.example");

        await ExpectAsync(ada, "policy_violation", "PolicyViolationException", "none", "TellWhy(e, e.PolicyError)");
        await Expect(Outcome(ada, "policy_violation")).ToContainTextAsync("Policy: no_removing, Rule: GET POST on any path");
        await Expect(RemedyOf(ada, "policy_violation").GetByRole(AriaRole.Link)).ToHaveAttributeAsync("href", new Uri(product.At.Vault, "/wallet").AbsoluteUri);
    }

    [Fact]
    public async Task Mistakes_of_the_developer_are_told_to_the_developer()
    {
        await using var ada = await StartAsync("ada@calendar.example");

        await ExpectAsync(ada, "url_not_allowed", "AlterValueException", "fix_call", "TellTheDeveloper(e, e.UrlHost, e.AllowedHosts)");
        await Expect(Outcome(ada, "url_not_allowed")).ToContainTextAsync($"UrlHost: elsewhere.example, AllowedHosts: {product.At.Calendar.Authority}");
        await ExpectAsync(ada, "invalid_user_token", "InvalidUserTokenException", "fix_call", "AskToSignIn(e, e.Reason)");
        await Expect(Outcome(ada, "invalid_user_token")).ToContainTextAsync("Reason: signature");
    }

    [Fact]
    public async Task Events_of_an_account_that_is_not_connected_open_Connect_and_are_shown_then()
    {
        await using var ada = await StartAsync();
        await ada.Page.EvaluateAsync("Object.defineProperty(navigator, 'userActivation', { value: { isActive: true } })"); // However long the first call of a vault takes.

        await ConnectAsync(ada, () => ada.Page.GetByTestId("events-calendar").ClickAsync());

        await Expect(ada.Page.GetByTestId("event")).ToHaveCountAsync(3);
        await Expect(ada.Page.GetByTestId("connection")).ToHaveCountAsync(1);
    }

    // Signed in, with these accounts of the calendar and no others.
    private async Task<Person> StartAsync(params string[] accounts)
    {
        await product.Backend.DisconnectAllAsync("ada");
        var ada = await (await product.SomebodyAsync()).SignInAsync("ada");
        foreach (var (account, i) in accounts.Select((account, i) => (account, i)))
        {
            await ConnectAsync(ada, () => ada.Page.GetByTestId("connect-calendar").ClickAsync(), account: account);
            await Expect(ada.Page.GetByTestId("connection")).ToHaveCountAsync(i + 1);
        }

        return ada;
    }

    private static async Task ConnectAsync(Person ada, Func<Task> click, string provider = "calendar", string account = "ada@calendar.example")
    {
        var window = await ada.PopupAsync(click);
        await window.AllowAsync(account, provider);
        await window.GoneAsync();
    }

    private static async Task ExpectAsync(Person ada, string code, string exception, string action, string handledBy)
    {
        await ada.Page.GetByTestId($"provoke-{code}").ClickAsync();
        await ShowsAsync(ada, code, exception, action, handledBy);
    }

    private static async Task ShowsAsync(Person ada, string code, string exception, string action, string handledBy)
    {
        var patience = new LocatorAssertionsToHaveTextOptions { Timeout = 60_000 }; // A token has to run out first, or a grant.
        await Expect(Outcome(ada, code).Locator("dd").Nth(1)).ToHaveTextAsync(code, patience);
        await Expect(Outcome(ada, code).Locator("dd").Nth(0)).ToHaveTextAsync(exception);
        await Expect(Outcome(ada, code).Locator("dd").Nth(2)).ToHaveTextAsync(action);
        await Expect(Outcome(ada, code).Locator("code")).ToHaveTextAsync($"catch ({exception} e) {{ return {handledBy}; }}");
    }

    private static async Task GoesThroughAsync(Person ada, string code)
    {
        await Expect(Outcome(ada, code)).ToHaveTextAsync("The call goes through: 3 events of ada@calendar.example.");
        Assert.Empty(ada.Complaints);
        Assert.Empty(ada.RequestsElsewhere);
    }

    private static ILocator Outcome(Person ada, string code) => ada.Page.GetByTestId($"outcome-{code}");

    private static ILocator RemedyOf(Person ada, string code) => Outcome(ada, code).GetByTestId("remedy");
}
