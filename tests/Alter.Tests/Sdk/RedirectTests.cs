using System.Net;
using Alter.Sdk;
using Alter.Testing;
using static Alter.Tests.Sdk.SdkFixture;

namespace Alter.Tests.Sdk;

public sealed class RedirectTests
{
    // Plain, so that a redirect to a server of this test is no step down from TLS.
    private const string PlainUrl = "http://api.example.com/v1/events";

    private static readonly CancellationToken Now = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Location")]
    [InlineData("X-Alter-Location")]
    public async Task A_redirect_to_a_foreign_host_never_shows_it_key_or_user_token(string header)
    {
        await using var fixture = await StartAsync();
        await using var foreign = await FakeHost.StartAsync();
        fixture.Vault.Provider = call => call["X-Alter-Url"] == PlainUrl
            ? new FakeVaultAnswer(302) { Headers = new Dictionary<string, string> { [header] = new Uri(foreign.Url, "/steal").AbsoluteUri } }
            : null;
        using var app = fixture.App(options => options.ForeignHosts = ForeignHosts.SendWithoutCredentials);
        using var client = app.CreateClient("google");
        client.DefaultRequestHeaders.Authorization = new("Bearer", "the callers own");

        using var answer = await client.GetAsync(new Uri(PlainUrl), Now);

        Assert.Single(foreign.Calls);
        Assert.All(foreign.Calls, call => Assert.DoesNotContain(AdasToken, call.Head, StringComparison.Ordinal));
        Assert.All(foreign.Calls, call => Assert.DoesNotContain(FakeVault.ApiKey, call.Head, StringComparison.Ordinal));
        Assert.All(foreign.Calls, call => Assert.DoesNotContain("the callers own", call.Head, StringComparison.Ordinal));
    }

    [Fact]
    public async Task By_default_a_redirect_to_a_foreign_host_is_refused_and_nothing_reaches_it()
    {
        await using var fixture = await StartAsync();
        await using var foreign = await FakeHost.StartAsync();
        fixture.Vault.Provider = _ => FakeVault.Redirect(302, new Uri(foreign.Url, "/steal").AbsoluteUri);
        using var app = fixture.App();
        using var client = app.CreateClient("google");

        var refused = await Assert.ThrowsAsync<AlterValueException>(() => client.GetAsync(new Uri(PlainUrl), Now));

        Assert.Equal("url_not_allowed", refused.Code);
        Assert.Equal("127.0.0.1", refused.UrlHost);
        Assert.Equal(["api.example.com"], refused.AllowedHosts);
        Assert.Empty(foreign.Calls);
    }

    [Fact]
    public async Task A_redirect_of_the_platform_is_not_followed()
    {
        await using var fixture = await StartAsync();
        await using var foreign = await FakeHost.StartAsync();
        fixture.Vault.Instead = _ => new FakeVaultAnswer(302) { IsFromPlatform = true, Headers = new Dictionary<string, string> { ["Location"] = foreign.Url.AbsoluteUri } };
        using var app = fixture.App();

        await Assert.ThrowsAsync<BackendException>(() => app.RequestAsync(HttpMethod.Get, Url, "google", Now));
        await Assert.ThrowsAsync<BackendException>(() => app.ListGrantsPageAsync(cancellationToken: Now));

        Assert.Empty(foreign.Calls);
    }

    [Theory]
    [InlineData("GET", 301)]
    [InlineData("GET", 302)]
    [InlineData("GET", 303)]
    [InlineData("GET", 307)]
    [InlineData("HEAD", 308)]
    public async Task Redirects_of_reads_are_followed_through_the_vault_and_relative_ones_belong_to_the_provider(string method, int status)
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Provider = call => call["X-Alter-Url"] == Url ? FakeVault.Redirect(status, "../v2/events?page=2") : null;
        using var app = fixture.App();

        using var answer = await app.RequestAsync(new HttpMethod(method), Url, "google", Now);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal([Url, "https://api.example.com/v2/events?page=2"], fixture.Vault.Calls.Select(call => call["X-Alter-Url"]));
        Assert.Equal("https://api.example.com/v2/events?page=2", answer.RequestMessage!.RequestUri!.AbsoluteUri);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Redirects_of_writes_come_back_with_their_location(string method)
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Provider = _ => FakeVault.Redirect(302, "/elsewhere");
        using var app = fixture.App();

        using var answer = await app.RequestAsync(new HttpMethod(method), Url, "google", Now);

        Assert.Equal("https://api.example.com/elsewhere", answer.Headers.Location!.AbsoluteUri);
        Assert.False(answer.Headers.Contains("X-Alter-Location"));
        Assert.Single(fixture.Vault.Calls);
    }

    [Fact]
    public async Task A_loop_of_redirects_ends_after_ten()
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Provider = _ => FakeVault.Redirect(302, "/again");
        using var app = fixture.App();

        using var answer = await app.RequestAsync(HttpMethod.Get, Url, "google", Now);

        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Equal(11, fixture.Vault.Calls.Count);
    }

    [Fact]
    public async Task A_redirect_from_https_to_http_is_not_followed()
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Provider = _ => FakeVault.Redirect(302, "http://api.example.com/plain");
        using var app = fixture.App();

        using var answer = await app.RequestAsync(HttpMethod.Get, Url, "google", Now);

        Assert.Equal("http://api.example.com/plain", answer.Headers.Location!.AbsoluteUri);
        Assert.Single(fixture.Vault.Calls);
    }
}
