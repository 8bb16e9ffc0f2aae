namespace Alter.Browser.Tests.Widget;

/// <summary>The redirect flow: away from the app's page, and back.</summary>
public sealed class ReturnTests(Product product, FakeConnect connect)
{
    private const string Left = "sessionStorage.setItem('alter_oauth_state', JSON.stringify({ timestamp: Date.now(), returnUrl: `${location.origin}/settings?tab=2#accounts` }));";
    private const string Success = "/connected?alter_connect_success=true&grant_id=g1&provider=calendar&provider_name=Acme&account_identifier=ada%40x.example&operation=reauth&status=active";
    private const string Listen = "widget.on('success', hear.onSuccess); widget.on('error', hear.onError);";

    [Fact]
    public async Task A_result_waits_for_the_listener_that_comes_later()
    {
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada, Success, Left);
        Assert.Equal($"{connect.App}settings?tab=2#accounts", app.Page.Url);

        await app.RunAsync("widget.on('event', hear.onEvent)");
        await app.RunAsync(Listen);

        Assert.Equal(["success g1 calendar ada@x.example"], await app.SeenAsync());
        Assert.Equal(["completed"], await app.Page.EvaluateAsync<string[]>("events"));
        Assert.True(await app.Page.EvaluateAsync<bool>("sessionStorage.getItem('alter_oauth_state') === null"));

        // Once is enough.
        await app.RunAsync($"widget = AlterConnect.create(); {Listen}");
        Assert.Single(await app.SeenAsync());
    }

    [Fact]
    public async Task An_instance_thrown_away_at_once_takes_no_result_with_it()
    {
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada, $"{Success}&scopes=a,b", Left);

        // What React does to every component in development.
        await app.RunAsync("widget.on('success', hear.onSuccess); widget.destroy(); widget = AlterConnect.create(); widget.on('success', grants => seen.push(grants[0].scopes.join('+')));");

        Assert.Equal(["a+b"], await app.SeenAsync());
    }

    [Fact]
    public async Task A_grant_that_waits_for_the_backend_brings_its_code_where_a_message_would_have_it()
    {
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada, $"{Success}&completion_code=abc", Left);

        await app.RunAsync("widget.on('success', grants => seen.push(grants[0].metadata.completion_code));");

        Assert.Equal(["abc"], await app.SeenAsync());
        Assert.DoesNotContain("completion_code", app.Page.Url, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/?alter_connect_error=true&error_code=access_denied&error_description=No.", "error access_denied: No.")]
    [InlineData("/?alter_connect_success=true&grant_id=g1&provider=calendar", "error invalid_response: The vault's answer holds no grant.")]
    public async Task A_failure_is_told_too(string path, string expected)
    {
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada, path, Left);

        await app.RunAsync(Listen);

        Assert.Equal([expected], await app.SeenAsync());
    }

    [Theory]
    [InlineData("")] // Somebody sent a link.
    [InlineData("sessionStorage.setItem('alter_oauth_state', JSON.stringify({ timestamp: Date.now() - 16 * 60000, returnUrl: location.href }));")]
    [InlineData("sessionStorage.setItem('alter_oauth_state', 'nonsense');")]
    public async Task A_page_that_was_not_left_for_Connect_a_moment_ago_believes_no_address(string ahead)
    {
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada, Success, ahead);

        await app.RunAsync(Listen);
        await app.Page.EvaluateAsync("new Promise(resolve => setTimeout(resolve))");

        Assert.Empty(await app.Page.EvaluateAsync<string[]>("seen"));
        Assert.Contains("alter_connect_success", app.Page.Url, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mozilla/5.0 (Linux; Android 15)", 400, true)]
    [InlineData("Mozilla/5.0 (Linux; Android 15)", 700, true)]
    [InlineData("Mozilla/5.0 (Linux; Android 15)", 1100, false)]
    [InlineData("Mozilla/5.0 (X11; Linux)", 400, false)]
    public async Task A_phone_leaves_the_page_and_a_desktop_opens_a_window(string userAgent, int width, bool leaves)
    {
        await using var ada = await product.SomebodyAsync(width: width);
        var app = await connect.VisitAsync(ada, "/settings?tab=2", $"Object.defineProperty(navigator, 'userAgent', {{ value: '{userAgent}' }});");

        Task Open() => app.ClickAsync("widget.open({ ...hear, token: async ({ mode }) => `sess_${mode}` })");

        if (leaves)
        {
            await Open();
            await WidgetPage.ReachesAsync(app.Page, $"{connect.Vault}sdk/oauth/connect#session=sess_redirect");
            await app.Page.GoBackAsync();
            Assert.Equal($"{connect.App}settings?tab=2", await app.Page.EvaluateAsync<string>("JSON.parse(sessionStorage.getItem('alter_oauth_state')).returnUrl"));
        }
        else
        {
            var window = await app.Page.RunAndWaitForPopupAsync(Open);
            await WidgetPage.ReachesAsync(window, $"{connect.Vault}sdk/oauth/connect#session=sess_popup");
            Assert.Equal($"{connect.App}settings?tab=2", app.Page.Url);
        }
    }

    [Fact]
    public async Task Back_by_the_browsers_own_button_the_waiting_ends()
    {
        await using var ada = await product.SomebodyAsync();
        var app = await connect.VisitAsync(ada);
        await app.RunAsync($"setTimeout(() => widget.open({{ ...hear, token: 'sess_went-back', mode: 'redirect', baseURL: '{connect.Vault}nowhere' }}))");
        await Waiting.UntilAsync(app.Page, "events.length > 0");
        Assert.True(await app.IsOpenAsync());

        await app.RunAsync("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");

        Assert.Equal(["exit"], await app.SeenAsync());
        Assert.False(await app.IsOpenAsync());
        Assert.True(await app.Page.EvaluateAsync<bool>("sessionStorage.getItem('alter_oauth_state') === null"));
    }
}
