using System.Text.Json;
using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests;

/// <summary>Where the session token is after the page has read it: nowhere.</summary>
public sealed class TokenTests(Product product)
{
    // The Navigation API lists what the back button of this tab knows of this origin.
    private const string Everywhere = """
        async () => JSON.stringify({
          address: location.href,
          history: navigation.entries().map(entry => entry.url),
          state: history.state,
          local: { ...localStorage },
          session: { ...sessionStorage },
          cookie: document.cookie,
          databases: await indexedDB.databases(),
          caches: await caches.keys(),
          name: window.name,
          page: document.documentElement.outerHTML,
        })
        """;

    [Fact]
    public async Task It_is_gone_from_the_address_and_kept_in_no_storage()
    {
        var session = await product.Backend.MintAsync("bob");
        await using var bob = await product.SomebodyAsync();

        var connect = await bob.OpenAsync(session.Url);
        await connect.Provider().WaitForAsync();
        await AssertNowhereAsync(bob, connect, session);

        await connect.AllowAsync("bob@calendar.example");
        await Expect(connect.Title).ToHaveTextAsync("Connected");
        await AssertNowhereAsync(bob, connect, session);
    }

    [Fact]
    public async Task It_travels_in_no_URL_and_in_no_request_to_others()
    {
        var session = await product.Backend.MintAsync("bob");
        await using var bob = await product.SomebodyAsync();
        var carriers = new List<string>();
        bob.Context.Request += (_, request) =>
        {
            if (request.PostData?.Contains(session.Token, StringComparison.Ordinal) is true)
            {
                carriers.Add($"{request.Method} {request.Url}");
            }
        };

        var connect = await bob.OpenAsync(session.Url);
        await connect.AllowAsync("bob@calendar.example");
        await Expect(connect.Title).ToHaveTextAsync("Connected");

        // The browser reports the URL it was given, fragment and all; a server sees neither.
        Assert.All(bob.Requests.Where(request => request.Contains(session.Token, StringComparison.Ordinal)), request => Assert.Contains($"#session={session.Token}", request, StringComparison.Ordinal));
        Assert.All(carriers, carrier => Assert.StartsWith($"POST {product.At.Vault}sdk/oauth/connect/", carrier, StringComparison.Ordinal));
        Assert.NotEmpty(carriers);
    }

    [Fact]
    public async Task Going_back_from_the_provider_finds_no_token_and_says_where_to_start_again()
    {
        var session = await product.Backend.MintAsync("bob");
        await using var bob = await product.SomebodyAsync();
        var connect = await bob.OpenAsync(session.Url);
        await connect.ClickAsync(connect.Provider());
        await connect.Page.GetByTestId("account-bob@calendar.example").WaitForAsync();

        await connect.Page.GoBackAsync();

        await Expect(connect.Title).ToHaveTextAsync("This link cannot be used");
        await Expect(connect.Message).ToHaveTextAsync("Start again in the app.");
    }

    private async Task AssertNowhereAsync(Person person, ConnectWindow connect, MintedSession session)
    {
        var found = await connect.Page.EvaluateAsync<string>(Everywhere);
        Assert.DoesNotContain(session.Token, found, StringComparison.Ordinal);
        Assert.Equal(new Uri(product.At.Vault, "/sdk/oauth/connect").AbsoluteUri, JsonDocument.Parse(found).RootElement.GetProperty("address").GetString());
        Assert.All(await person.Context.CookiesAsync(), cookie => Assert.DoesNotContain(session.Token, cookie.Value, StringComparison.Ordinal));
    }
}
