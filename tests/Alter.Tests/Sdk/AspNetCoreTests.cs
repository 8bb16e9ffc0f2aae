using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using Alter.Sdk;
using Alter.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using static Alter.Tests.Sdk.SdkFixture;

namespace Alter.Tests.Sdk;

public sealed class AspNetCoreTests
{
    private static readonly CancellationToken Now = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Parallel_requests_never_see_each_others_token()
    {
        await using var fixture = await StartAsync();
        await using var shop = await ShopAsync(fixture);
        using var browser = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri(shop.Urls.First()) };

        await Task.WhenAll(Enumerable.Range(0, 40).Select(async user =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/events?user={user}");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", $"token.of.{user}");
            using var answer = await browser.SendAsync(request, Now);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }));

        Assert.Equal(40, fixture.Vault.Calls.Count);
        Assert.All(fixture.Vault.Calls, call => Assert.Equal(call["X-Alter-User-Token"], $"token.of.{call["X-Alter-Url"]!.Split('=')[1]}"));
    }

    [Fact]
    public async Task The_saved_token_is_the_first_that_is_a_jwt()
    {
        await using var fixture = await StartAsync();
        await using var shop = await ShopAsync(fixture);
        using var browser = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri(shop.Urls.First()) };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/events?user=1");
        request.Headers.Add("X-Saved", "opaque-access-token id.of.ada");

        using var answer = await browser.SendAsync(request, Now);

        Assert.Equal("id.of.ada", Assert.Single(fixture.Vault.Calls)["X-Alter-User-Token"]);
    }

    [Fact]
    public async Task Nobody_signed_in_is_a_401_for_the_front_end_and_no_call()
    {
        await using var fixture = await StartAsync();
        await using var shop = await ShopAsync(fixture);
        using var browser = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri(shop.Urls.First()) };

        using var answer = await browser.GetAsync(new Uri("/events?user=1", UriKind.Relative), Now);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Empty(fixture.Vault.Calls);
    }

    [Fact]
    public async Task Outside_of_requests_a_call_by_provider_throws()
    {
        await using var fixture = await StartAsync();
        await using var shop = await ShopAsync(fixture);

        var thrown = await Assert.ThrowsAsync<InvalidUserTokenException>(() => shop.Services.GetRequiredService<AlterApp>().RequestAsync(HttpMethod.Get, Url, "google", Now));

        Assert.Equal("missing", thrown.Reason);
    }

    [Theory]
    [InlineData("grant_not_found", 404, "connect", 404)]
    [InlineData("grant_revoked", 403, "connect", 403)]
    [InlineData("token_refresh_in_progress", 409, "retry", 409)]
    [InlineData("policy_violation", 403, "none", 403)]
    [InlineData("invalid_user_token", 401, "fix_call", 500)]
    [InlineData("invalid_api_key", 401, "fix_configuration", 500)]
    [InlineData("url_not_allowed", 400, "fix_call", 500)]
    [InlineData("internal_error", 500, "none", 500)]
    public async Task The_front_end_learns_what_it_can_do(string code, int status, string action, int shown)
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = _ => FakeVault.Problem(status, code, action, retryAfter: 30);
        await using var shop = await ShopAsync(fixture);

        var (answer, body) = await AskAsync(shop);

        Assert.Equal((shown, code, action), ((int)answer.StatusCode, body["code"]!.GetValue<string>(), body["action"]!.GetValue<string>()));
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(shown < 500 ? "google" : null, body["provider"]?.GetValue<string>());
        Assert.DoesNotContain(FakeVault.ApiKey, body.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("What to do about", body.ToJsonString(), StringComparison.Ordinal);
        answer.Dispose();
    }

    [Fact]
    public async Task The_front_end_gets_the_accounts_to_choose_from()
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = _ => FakeVault.Problem(409, "ambiguous_grant", "choose_account", new JsonObject { ["account_identifiers"] = new JsonArray("ada@a", "ada@b") });
        await using var shop = await ShopAsync(fixture);

        var (answer, body) = await AskAsync(shop);

        Assert.Equal("""["ada@a","ada@b"]""", body["account_identifiers"]!.ToJsonString());
        Assert.Equal(("choose_account", "google"), (body["action"]!.GetValue<string>(), body["provider"]!.GetValue<string>()));
        answer.Dispose();
    }

    private static async Task<(HttpResponseMessage Answer, JsonObject Body)> AskAsync(WebApplication shop)
    {
        using var browser = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri(shop.Urls.First()) };
        browser.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdasToken);
        var answer = await browser.GetAsync(new Uri("/events?user=1", UriKind.Relative), Now);
        var text = await answer.Content.ReadAsStringAsync(Now);
        Assert.DoesNotContain(AdasToken, text, StringComparison.Ordinal);
        return (answer, JsonNode.Parse(text)!.AsObject());
    }

    // The app of the guide: a typed client, the token of the request, problems for the front end.
    private static async Task<WebApplication> ShopAsync(SdkFixture fixture)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddAuthentication("fake").AddScheme<AuthenticationSchemeOptions, FakeSignIn>("fake", null);
        builder.Services.AddAlter(options => (options.BaseUrl, options.ApiKey) = (fixture.Vault.Url, FakeVault.ApiKey)).WithUserTokenFromRequest();
        builder.Services.AddAlterProblems();
        builder.Services.AddHttpClient("calendar").UseAlter("google");
        var shop = builder.Build();
        shop.UseExceptionHandler();
        shop.UseAuthentication();
        shop.MapGet("/events", async (string user, IHttpClientFactory clients, CancellationToken cancellationToken) =>
            await clients.CreateClient("calendar").GetStringAsync(new Uri($"{Url}?user={user}"), cancellationToken));
        await shop.StartAsync(Now);
        return shop;
    }

    /// <summary>Signs in whoever sends a bearer token, saved as JwtBearer saves it, or the tokens a cookie login would have saved.</summary>
    private sealed class FakeSignIn(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var properties = new AuthenticationProperties();
            if (Request.Headers["X-Saved"] is [{ } saved])
            {
                var tokens = saved.Split(' ');
                properties.StoreTokens([new AuthenticationToken { Name = "access_token", Value = tokens[0] }, new AuthenticationToken { Name = "id_token", Value = tokens[1] }]);
            }
            else if (Request.Headers.Authorization is [{ } bearer])
            {
                properties.StoreTokens([new AuthenticationToken { Name = "access_token", Value = bearer["Bearer ".Length..] }]);
            }
            else
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "ada")], "fake"));
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(user, properties, "fake")));
        }
    }
}
