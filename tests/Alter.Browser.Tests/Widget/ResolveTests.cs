using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests.Widget;

/// <summary>Refused calls that a person can help.</summary>
public sealed class ResolveTests(Product product, FakeConnect connect)
{
    private const string Idle = "Object.defineProperty(navigator, 'userActivation', { value: { isActive: false } });";

    private const string TwoAccounts = """
        problem({ code: 'ambiguous_grant', action: 'choose_account', grants: [
          { grant_id: 'g1', account_identifier: 'ada@x.example', account_display_name: 'Ada <b>at home</b>' },
          { grant_id: 'g2', account_identifier: 'ada@y.example', account_display_name: 'ada@y.example' }] })
        """;

    private const string NoAccount = "problem({ code: 'grant_not_found', action: 'connect', provider: 'calendar' })";

    [Fact]
    public async Task The_person_chooses_an_account_and_the_call_is_repeated_with_it()
    {
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada);

        await app.ClickAsync($"AlterConnect.resolve({TwoAccounts}, {{ retry: choice => new Response(JSON.stringify(choice)) }}).then(async answer => seen.push(await answer.text()))");
        await Expect(app.Dialog).ToHaveAccessibleNameAsync("Choose an account");
        await Expect(app.Dialog).ToHaveAccessibleDescriptionAsync("Several accounts are connected. Which one should be used?");
        await Expect(app.Dialog.GetByRole(AriaRole.Button)).ToHaveTextAsync(["ada@x.exampleAda <b>at home</b>", "ada@y.example", "Cancel"]);
        await Expect(app.Dialog.GetByRole(AriaRole.Button).First).ToBeFocusedAsync();
        await app.Page.Keyboard.PressAsync("Tab");
        await app.Page.Keyboard.PressAsync("Enter");

        Assert.Equal(["""{"account":"ada@y.example","grantId":"g2"}"""], await app.SeenAsync());
        await Expect(app.Dialog).ToHaveCountAsync(0);
        await Expect(app.Page.Locator("#go")).ToBeFocusedAsync();
        Assert.Empty(ada.Complaints);
    }

    [Fact]
    public async Task Whoever_cancels_gets_the_refusal_back_unread()
    {
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada);

        await app.ClickAsync($"AlterConnect.resolve({TwoAccounts}, {{ retry: () => seen.push('repeated') }}).then(async answer => seen.push((await answer.json()).code))");
        await app.Dialog.WaitForAsync();
        await app.Page.Keyboard.PressAsync("Escape");

        Assert.Equal(["ambiguous_grant"], await app.SeenAsync());
        await Expect(app.Page.Locator("#go")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_plain_answer_of_the_backend_is_enough()
    {
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada);

        await app.ClickAsync("AlterConnect.resolve(fetch('/api/events')).then(async answer => seen.push(await answer.text()))");
        await app.Dialog.GetByText("ada@x.example").ClickAsync();

        Assert.Equal(["events of ada@x.example"], await app.SeenAsync());
    }

    [Fact]
    public async Task Connect_opens_at_once_while_the_click_still_counts_and_the_call_is_repeated()
    {
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada);

        var window = await app.Page.RunAndWaitForPopupAsync(() => app.ClickAsync($$"""
            let times = 0;
            AlterConnect.resolve(choice => times++ ? new Response(choice.grantId) : {{NoAccount}}, { session: need => Promise.resolve(`sess_${need.provider}_${need.mode}`) })
              .then(async answer => seen.push(await answer.text()));
            """));
        await WidgetPage.ReachesAsync(window, $"{connect.Vault}sdk/oauth/connect#session=sess_calendar_popup");
        await window.EvaluateAsync("opener.postMessage({ type: 'alter_connect_success', grants: [{ grant_id: 'g7', provider: 'calendar' }] }, '*')");

        Assert.Equal(["g7"], await app.SeenAsync());
    }

    [Theory]
    [InlineData("grant_not_found", "Connect an account")]
    [InlineData("grant_revoked", "Connect again")]
    public async Task When_the_click_is_too_long_ago_a_dialog_asks_for_another(string code, string button)
    {
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada, ahead: Idle);

        await app.ClickAsync($$"""
            AlterConnect.resolve({{NoAccount.Replace("grant_not_found", code, StringComparison.Ordinal)}}, { session: 'sess_1', retry: choice => new Response(choice.account) })
              .then(async answer => seen.push(await answer.text()));
            """);
        await Expect(app.Dialog).ToContainTextAsync("of calendar");
        var window = await app.Page.RunAndWaitForPopupAsync(() => app.Dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = button }).ClickAsync());
        await WidgetPage.ReachesAsync(window, $"{connect.Vault}sdk/oauth/connect**");
        await window.EvaluateAsync("opener.postMessage({ type: 'alter_connect_success', grants: [{ grant_id: 'g7', provider: 'calendar', account_identifier: 'ada@x.example' }] }, '*')");

        Assert.Equal(["ada@x.example"], await app.SeenAsync());
    }

    [Theory]
    [InlineData(false, "grant_not_found")]
    [InlineData(true, "thrown access_denied")]
    public async Task A_connect_that_brings_nothing_says_so(bool denied, string expected)
    {
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada);
        var window = await app.Page.RunAndWaitForPopupAsync(() => app.ClickAsync(
            $"AlterConnect.resolve({NoAccount}, {{ session: 'sess_none' }}).then(async answer => seen.push((await answer.json()).code), error => seen.push(`thrown ${{error.code}}`))"));
        await WidgetPage.ReachesAsync(window, $"{connect.Vault}sdk/oauth/connect**");

        await (denied
            ? window.EvaluateAsync("opener.postMessage({ type: 'alter_connect_error', error: 'access_denied' }, '*')")
            : window.CloseAsync());

        Assert.Equal([expected], await app.SeenAsync());
    }

    [Fact]
    public async Task Of_several_calls_refused_at_once_one_asks_and_the_others_are_repeated()
    {
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada);

        await app.ClickAsync($$"""
            let chosen;
            const call = ({ account }) => { chosen = account ?? chosen; return chosen ? new Response(chosen) : {{TwoAccounts}}; };
            for (let calls = 0; calls < 3; calls++) { AlterConnect.resolve(call({}), { retry: call }).then(async answer => seen.push(await answer.text())); }
            """);
        await app.Dialog.GetByText("ada@y.example").ClickAsync();

        await Waiting.UntilAsync(app.Page, "seen.length === 3");
        Assert.Equal(["ada@y.example", "ada@y.example", "ada@y.example"], await app.SeenAsync());
        await Expect(app.Dialog).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData("new Response('fine')")]
    [InlineData("problem({ code: 'policy_violation', action: 'none' })")]
    [InlineData("problem({ code: 'grant_not_found', action: 'connect' })")] // No session was offered.
    [InlineData("new Response('{', { status: 409, headers: { 'Content-Type': 'application/problem+json' } })")]
    public async Task Any_other_answer_is_returned_as_it_is(string response)
    {
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada);

        Assert.True(await app.Page.EvaluateAsync<bool>($"(async () => {{ const answer = {response}; return await AlterConnect.resolve(answer, {{ retry: () => seen.push('repeated') }}) === answer; }})()"));
        Assert.Empty(await app.Page.EvaluateAsync<string[]>("seen"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_dialog_is_styled_under_a_strict_policy_in_light_and_in_dark(bool dark)
    {
        await using var ada = await product.SomebodyAsync(dark, width: 360);
        var app = await connect.VisitAsync(ada);

        await app.ClickAsync($"AlterConnect.resolve({TwoAccounts}, {{ text: {{ cancel: 'Abbrechen' }} }})");
        await Expect(app.Dialog.GetByText("Abbrechen")).ToBeVisibleAsync();

        await Expect(app.Dialog).ToHaveCSSAsync("border-top-left-radius", "12px");
        await Expect(app.Dialog).ToHaveCSSAsync("background-color", dark ? "rgb(18, 18, 18)" : "rgb(255, 255, 255)");
        Assert.True(await app.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        Assert.Empty(ada.Complaints);
    }
}
