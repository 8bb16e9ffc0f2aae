using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests;

/// <summary>Links to Connect that are good for nothing, and the odd ones that work.</summary>
public sealed class LinkTests(Product product)
{
    [Theory]
    [InlineData("", "This link cannot be used")]
    [InlineData("#session=", "This link cannot be used")]
    [InlineData("#session=sess_made-up-by-somebody", "This link has expired")]
    [InlineData("#session=%3Cscript%3Ealert(1)%3C/script%3E", "This link has expired")]
    public async Task A_link_without_a_session_offers_nothing(string fragment, string title)
    {
        await using var guest = await product.SomebodyAsync();

        var connect = await guest.OpenAsync(new Uri(product.At.Vault, $"/sdk/oauth/connect{fragment}").AbsoluteUri);

        await Expect(connect.Title).ToHaveTextAsync(title);
        await Expect(connect.Page.GetByRole(Microsoft.Playwright.AriaRole.Button)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task An_expired_link_says_so()
    {
        var session = await product.Backend.MintAsync("bob");
        await product.PurgeSessionsAsync(TestContext.Current.CancellationToken);
        await using var guest = await product.SomebodyAsync();

        var connect = await guest.OpenAsync(session.Url);

        await Expect(connect.Title).ToHaveTextAsync("This link has expired");
    }

    [Fact]
    public async Task A_session_that_expires_while_the_page_is_open_leads_back_to_the_app()
    {
        await using var guest = await (await product.SomebodyAsync()).VisitShopAsync();
        var connect = await guest.OpenPopupAsync((await product.Backend.MintAsync("bob")).Url);
        await connect.Provider().WaitForAsync();
        await product.PurgeSessionsAsync(TestContext.Current.CancellationToken);

        await connect.ClickAsync(connect.Provider());
        await Expect(connect.Title).ToHaveTextAsync("This link has expired");
        await Expect(connect.Provider()).ToHaveCountAsync(0);
        await connect.ClickAsync(connect.Page.GetByText("Back to Acme Shop"));

        var data = Assert.Single(await guest.HearAsync()).GetProperty("data");
        Assert.Equal("session_expired", data.GetProperty("error").GetString());
        Assert.Equal("connect_session_expired", data.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_used_link_says_so_in_another_browser()
    {
        var session = await product.Backend.MintAsync("bob");
        await using var bob = await product.SomebodyAsync();
        var first = await bob.OpenAsync(session.Url);
        await first.AllowAsync("bob@calendar.example");
        await Expect(first.Title).ToHaveTextAsync("Connected");
        await using var another = await product.SomebodyAsync();

        var connect = await another.OpenAsync(session.Url);

        await Expect(connect.Title).ToHaveTextAsync("This link was already used");
        Assert.DoesNotContain("bob@calendar.example", await connect.Page.ContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_on_somebody_elses_page_is_refused()
    {
        var session = await product.Backend.MintAsync("bob");
        await using var guest = await product.SomebodyAsync();
        await guest.Page.GotoAsync(product.At.Foreign.AbsoluteUri);

        await guest.Page.EvaluateAsync("url => { const link = document.createElement('a'); link.href = url; document.body.append(link); link.click(); }", session.Url);

        var connect = new ConnectWindow(guest.Page);
        await Expect(connect.Message).ToHaveTextAsync("Connect was opened from a page that is not the app's. Start again in the app.");
        await Expect(connect.Page.GetByRole(Microsoft.Playwright.AriaRole.Button)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_new_session_for_a_window_that_still_shows_another_replaces_it()
    {
        // The widget reuses its popup by name; with the page in it already, only the fragment of the address changes.
        await using var guest = await (await product.SomebodyAsync()).VisitShopAsync();
        var connect = await guest.OpenPopupAsync((await product.Backend.MintAsync("bob")).Url);
        await Expect(connect.Page.Locator("#user")).ToContainTextAsync("Bob Kahn");
        var second = await product.Backend.MintAsync("mallory");

        await guest.Page.EvaluateAsync("url => { opened.location.href = url; }", second.Url);

        await Expect(connect.Page.Locator("#user")).ToContainTextAsync("Mallory Malone");
        Assert.DoesNotContain(second.Token, await connect.Page.EvaluateAsync<string>("location.href + navigation.entries().map(entry => entry.url)"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_doubled_slash_before_the_path_works()
    {
        // A base URL that ends in a slash and a path that begins with one.
        var session = await product.Backend.MintAsync("bob");
        await using var guest = await product.SomebodyAsync();

        var connect = await guest.OpenAsync($"{product.At.Vault.AbsoluteUri}/sdk/oauth/connect#session={session.Token}");

        await connect.ContinueToAsync("bob@calendar.example");
        Assert.Empty(guest.Complaints);
    }
}
