using System.Web;
using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests;

public sealed class RedirectTests(Product product)
{
    [Fact]
    public async Task The_return_url_keeps_its_own_query_and_gets_the_result()
    {
        await product.Backend.DisconnectAllAsync("bob");
        var session = await product.Backend.MintAsync("bob", new Uri(product.At.Shop, "/connected?cart=7").AbsoluteUri);
        await using var bob = await product.SomebodyAsync();
        var connect = await bob.OpenAsync(session.Url);

        var back = await bob.Page.RunAndWaitForRequestAsync(() => connect.AllowAsync("bob@calendar.example"), request => request.Url.StartsWith($"{product.At.Shop}connected", StringComparison.Ordinal), new() { Timeout = 60_000 });

        var query = HttpUtility.ParseQueryString(new Uri(back.Url).Query);
        Assert.Equal("7", query["cart"]);
        Assert.Equal("true", query["alter_connect_success"]);
        Assert.Equal("calendar", query["provider"]);
        Assert.Equal("Acme Calendar", query["provider_name"]);
        Assert.Equal("bob@calendar.example", query["account_identifier"]);
        Assert.Equal("creation", query["operation"]);
        Assert.Equal("active", query["status"]);
        Assert.True(Guid.TryParse(query["grant_id"], out _));
        Assert.DoesNotContain(session.Token, back.Url, StringComparison.Ordinal);

        // Not AllHeadersAsync: for a request whose page is replaced at once it never returns.
        Assert.False(back.Headers.ContainsKey("referer"));
    }

    [Fact]
    public async Task A_tab_without_opener_and_return_url_is_no_dead_end()
    {
        // A phone on which the session was minted without return_url: the shop's only tab shows Connect.
        await product.Backend.DisconnectAllAsync("bob");
        await using var bob = await product.SomebodyAsync(width: 320);
        var connect = await bob.OpenAsync((await product.Backend.MintAsync("bob")).Url);
        await connect.AllowAsync("bob@calendar.example");
        await Expect(connect.Title).ToHaveTextAsync("Connected");
        await Expect(connect.Cancel).ToHaveTextAsync("Back to Acme Shop");

        await connect.ClickAsync(connect.Cancel);

        await bob.Page.GetByTestId("sign-in").WaitForAsync();
        Assert.Equal(product.At.Shop.AbsoluteUri, bob.Page.Url);
    }

    [Fact]
    public async Task A_denial_comes_back_as_an_error()
    {
        var session = await product.Backend.MintAsync("bob", new Uri(product.At.Shop, "/connected").AbsoluteUri);
        await using var bob = await product.SomebodyAsync();
        var connect = await bob.OpenAsync(session.Url);
        await connect.DenyAsync("bob@calendar.example");

        var back = await bob.Page.RunAndWaitForRequestAsync(() => connect.ClickAsync(connect.Cancel), request => request.Url.StartsWith($"{product.At.Shop}connected", StringComparison.Ordinal));

        var query = HttpUtility.ParseQueryString(new Uri(back.Url).Query);
        Assert.Equal("true", query["alter_connect_error"]);
        Assert.Equal("access_denied", query["error_code"]);
        Assert.Equal("The account's owner said no.", query["error_description"]);
        Assert.Null(query["grant_id"]);
    }

    [Fact]
    public async Task An_address_that_claims_a_success_proves_nothing_to_the_shop()
    {
        await product.Backend.DisconnectAllAsync("mallory");
        await using var mallory = await (await product.SomebodyAsync()).SignInAsync("mallory");

        await mallory.Page.GotoAsync(new Uri(product.At.Shop, $"/connected?alter_connect_success=true&provider=calendar&grant_id={Guid.NewGuid()}").AbsoluteUri);

        await Expect(mallory.Page.GetByTestId("no-connections")).ToBeVisibleAsync();
        await Expect(mallory.Page.GetByTestId("notice")).ToBeHiddenAsync();
        await Expect(mallory.Page.GetByTestId("connection")).ToHaveCountAsync(0);
    }
}
