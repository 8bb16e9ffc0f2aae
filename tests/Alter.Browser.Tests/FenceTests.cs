using Alter.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests;

/// <summary>What other sites and other browsers cannot make of the vault's pages.</summary>
public sealed class FenceTests(Product product)
{
    [Fact]
    public async Task In_a_frame_the_page_shows_nothing()
    {
        var session = await product.Backend.MintAsync("bob");
        await using var guest = await product.SomebodyAsync();
        await guest.Page.GotoAsync(new Uri(product.At.Foreign, "/quiet").AbsoluteUri);

        await guest.Page.EvaluateAsync("""
            url => new Promise(loaded => {
              const frame = document.createElement('iframe');
              frame.onload = loaded;
              frame.src = url;
              document.body.append(frame);
            })
            """, session.Url);

        await Eventually.TrueAsync(() => guest.Complaints.Any(complaint => complaint.Contains("frame-ancestors", StringComparison.Ordinal)), "the browser says why the frame is empty");
        Assert.Equal(0, guest.CountOf("/sdk/oauth/connect/open"));
        await Expect(guest.Page.FrameLocator("iframe").Locator("#title")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Script_and_style_that_somebody_slips_into_the_page_do_not_run()
    {
        await using var guest = await product.SomebodyAsync();
        var connect = await guest.OpenAsync((await product.Backend.MintAsync("bob")).Url);

        var stopped = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        guest.Context.RequestFailed += (_, request) => stopped.TrySetResult(request.Failure);

        await connect.Page.EvaluateAsync("""
            foreign => {
              const inline = document.createElement('script');
              inline.textContent = 'window.ran = true';
              const image = document.createElement('img');
              image.src = foreign + 'pixel.png';
              document.body.append(inline, image);
            }
            """, product.At.Foreign.AbsoluteUri);

        Assert.False(await connect.Page.EvaluateAsync<bool>("!!window.ran"));
        Assert.Equal("csp", await stopped.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_providers_answer_is_worth_nothing_in_another_browser_and_stays_good_in_the_first()
    {
        await product.Backend.DisconnectAllAsync("bob");
        await using var bob = await product.SomebodyAsync();
        var connect = await bob.OpenAsync((await product.Backend.MintAsync("bob")).Url);
        await connect.ContinueToAsync("bob@calendar.example");
        var caught = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await bob.Page.RouteAsync("**/connect/authorize", async route =>
        {
            // The calendar's redirect is kept from the browser, and its address taken.
            var redirect = await route.FetchAsync(new RouteFetchOptions { MaxRedirects = 0 });
            caught.TrySetResult(redirect.Headers["location"]);
            await route.FulfillAsync(new RouteFulfillOptions { Body = "The answer was taken." });
        });
        await bob.Page.GetByTestId("allow").ClickAsync();
        var answer = await caught.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
        await using var another = await product.SomebodyAsync();

        var refused = await another.Page.GotoAsync(answer);

        Assert.Equal(400, refused!.Status);
        await Expect(another.Page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("This link cannot be used");
        Assert.Empty(await product.Backend.AccountsAsync("bob"));

        await bob.Page.UnrouteAllAsync();
        await bob.Page.GotoAsync(answer);
        await Expect(connect.Title).ToHaveTextAsync("Connected");
        Assert.Equal(["bob@calendar.example"], await product.Backend.AccountsAsync("bob"));
    }

    [Theory]
    [InlineData("?error=access_denied&error_description=<script>document.title='gotcha'</script>")]
    [InlineData("?state=made-up&code=made-up&iss=gotcha")]
    [InlineData("?state=gotcha&state=gotcha")]
    [InlineData("")]
    public async Task An_answer_that_belongs_to_no_flow_gets_a_page_that_repeats_nothing(string query)
    {
        await using var guest = await product.SomebodyAsync();
        var bare = await (await guest.Page.GotoAsync(new Uri(product.At.Vault, "/oauth/callback/shop/calendar").AbsoluteUri))!.TextAsync();

        var answer = await guest.Page.GotoAsync(new Uri(product.At.Vault, $"/oauth/callback/shop/calendar{query}").AbsoluteUri);

        Assert.Equal(400, answer!.Status);
        Assert.Equal(bare, await answer.TextAsync());
        Assert.DoesNotContain("gotcha", await guest.Page.ContentAsync(), StringComparison.Ordinal);
        Assert.Empty(guest.Complaints);
    }
}
