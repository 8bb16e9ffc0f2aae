using Alter.Testing;
using Microsoft.Playwright;

namespace Alter.Browser.Tests.Widget;

/// <summary>Windows that read as closed: a person closed them, or a page on the way cut them off.</summary>
public sealed class ClosedWindowTests(Product product, FakeConnect connect)
{
    // Playwright keeps every page focused; these tests say themselves whether the person is back.
    private const string Focus = "window.back = true; Document.prototype.hasFocus = () => window.back;";

    private static readonly object[] Grants = [new { grant_id = "g1", provider = "calendar", account_identifier = "ada@x.example" }];

    [Fact]
    public async Task A_window_closed_by_hand_ends_the_flow_whether_or_not_anybody_listens()
    {
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada);
        var window = await app.OpenAsync("token: 'sess_by-hand', onExit: undefined");
        await WidgetPage.ReachesAsync(window, $"{connect.Vault}sdk/oauth/connect**");

        await window.CloseAsync();
        await Waiting.UntilAsync(app.Page, "!widget.isOpen()");
        Assert.Equal(["connect_opened", "exit"], await app.Page.EvaluateAsync<string[]>("events"));

        window = await app.OpenAsync("token: 'sess_by-hand'");
        await window.CloseAsync();
        Assert.Equal(["exit"], await app.SeenAsync());
    }

    [Fact]
    public async Task A_window_closed_before_the_token_came_ends_the_flow_and_the_token_is_not_used()
    {
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada);
        await app.RunAsync("window.later = new Promise(resolve => { window.come = () => resolve('sess_unused'); })");
        var window = await app.OpenAsync("token: later");

        await window.CloseAsync();
        Assert.Equal(["exit"], await app.SeenAsync());
        await app.RunAsync("come()");

        Assert.False(await app.IsOpenAsync());
        Assert.DoesNotContain(ada.Requests, request => request.Contains("sess_unused", StringComparison.Ordinal));
        Assert.DoesNotContain(connect.Asked, asked => asked.Body == "sess_unused");
    }

    [Fact]
    public async Task A_window_closed_in_the_moment_of_its_result_loses_nothing()
    {
        connect.Answer("sess_moment", new { status = "complete", grants = Grants });
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada);
        var window = await app.OpenAsync("token: 'sess_moment'");
        await WidgetPage.ReachesAsync(window, $"{connect.Vault}sdk/oauth/connect**");

        await window.CloseAsync();

        Assert.Equal(["success g1 calendar ada@x.example"], await app.SeenAsync());
        var asked = connect.Asked.Where(asked => asked.Body == "sess_moment").ToArray();
        Assert.NotEmpty(asked);
        Assert.All(asked, one => Assert.StartsWith("text/plain", one.ContentType, StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_of_several_accounts_counts_when_the_person_comes_back()
    {
        connect.Answer("sess_one-of-two", new { status = "open", grants = Grants });
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada);
        var window = await app.OpenAsync("token: 'sess_one-of-two'");

        await window.CloseAsync();

        Assert.Equal(["success g1 calendar ada@x.example"], await app.SeenAsync());
    }

    [Fact]
    public async Task A_denial_counts_when_the_person_comes_back()
    {
        connect.Answer("sess_denied", new { status = "error", grants = Array.Empty<object>(), error = "access_denied", error_description = "The owner said no." });
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada);
        var window = await app.OpenAsync("token: 'sess_denied'");

        await window.CloseAsync();

        Assert.Equal(["error access_denied: The owner said no."], await app.SeenAsync());
    }

    [Fact]
    public async Task A_window_that_was_cut_off_still_brings_its_result()
    {
        await using var ada = await product.SomebodyAsync();
        var (app, window) = await OpenCutOffAsync(ada, "sess_cut-off");

        // Asked again and again, the vault has nothing yet; and the person is not back.
        await IsAskedAgainAsync("sess_cut-off");
        Assert.Empty(await app.Page.EvaluateAsync<string[]>("seen"));
        Assert.True(await app.IsOpenAsync());
        Assert.False(window.IsClosed);

        connect.Answer("sess_cut-off", new { status = "complete", grants = Grants });
        Assert.Equal(["success g1 calendar ada@x.example"], await app.SeenAsync());
    }

    [Fact]
    public async Task A_denial_in_a_window_that_was_cut_off_may_be_thought_over()
    {
        connect.Answer("sess_thinking", new { status = "error", grants = Array.Empty<object>(), error = "access_denied" });
        await using var ada = await product.SomebodyAsync();
        var (app, _) = await OpenCutOffAsync(ada, "sess_thinking");

        await IsAskedAgainAsync("sess_thinking");
        Assert.True(await app.IsOpenAsync());

        connect.Answer("sess_thinking", new { status = "complete", grants = Grants });
        Assert.Equal(["success g1 calendar ada@x.example"], await app.SeenAsync());
    }

    [Fact]
    public async Task A_window_that_was_cut_off_ends_when_the_person_comes_back_without_a_result()
    {
        await using var ada = await product.SomebodyAsync();
        var (app, _) = await OpenCutOffAsync(ada, "sess_back");

        await app.RunAsync("window.back = true");

        Assert.Equal(["exit"], await app.SeenAsync());
        Assert.False(await app.IsOpenAsync());
    }

    [Fact]
    public async Task A_click_while_a_lost_window_is_waited_for_begins_anew()
    {
        await using var ada = await product.SomebodyAsync();
        var (app, _) = await OpenCutOffAsync(ada, "sess_lost");
        await IsAskedAgainAsync("sess_lost");

        var second = await app.OpenAsync("token: 'sess_anew'");

        await WidgetPage.ReachesAsync(second, $"{connect.Vault}sdk/oauth/connect#session=sess_anew");
        Assert.Equal(["exit"], await app.SeenAsync());
        Assert.True(await app.IsOpenAsync());
    }

    [Fact]
    public async Task Without_an_answer_of_the_vault_a_closed_window_ends_all_the_same()
    {
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada);
        await app.Page.RouteAsync("**/sdk/oauth/connect/status", route => route.AbortAsync());
        var window = await app.OpenAsync("token: 'sess_1'");

        await window.CloseAsync();

        Assert.Equal(["exit"], await app.SeenAsync());
    }

    private async Task IsAskedAgainAsync(string token)
    {
        var until = Count() + 3;
        await Eventually.TrueAsync(() => Count() >= until, "the vault is asked again");

        int Count() => connect.Asked.Count(asked => asked.Body == token);
    }

    private async Task<(WidgetPage App, IPage Window)> OpenCutOffAsync(Person person, string token)
    {
        var app = await connect.VisitAsync(person, ahead: Focus);
        var window = await app.OpenAsync($"token: '{token}'");
        await WidgetPage.ReachesAsync(window, $"{connect.Vault}sdk/oauth/connect**");
        await app.RunAsync("window.back = false");
        await window.GotoAsync($"{connect.Vault}severing");
        Assert.True(await window.EvaluateAsync<bool>("opener === null"));
        return (app, window);
    }
}
