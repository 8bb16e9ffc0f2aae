using System.Text;
using Alter.Apps;
using Alter.Egress;
using Alter.Providers;
using Alter.Testing;
using Alter.Tokens;
using Microsoft.Extensions.Configuration;

namespace Alter.Tests.Tokens;

/// <summary>The answers of providers that do not answer in RFC 6749's way, read by what the catalogue says of them.</summary>
public sealed class TokenAnswerFormTests : IAsyncLifetime
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private static readonly TokenAnswerDefinition Slack = FormOf("slack");

    private readonly EgressHandlers handlers = new();
    private FakeProvider fake = null!;

    public async ValueTask InitializeAsync() => fake = await FakeProvider.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await fake.DisposeAsync();
        handlers.Dispose();
    }

    [Fact]
    public void Slacks_code_brings_the_persons_token_and_never_the_bots()
    {
        var tokens = Read("""
            {"ok":true,"app_id":"A1","authed_user":{"id":"U1","scope":"chat:write,users:read","access_token":"xoxe.xoxp-1","token_type":"user","refresh_token":"xoxe-1-r","expires_in":43200},
             "access_token":"xoxb-bot","token_type":"bot","scope":"commands","team":{"id":"T1","name":"Acme"},"is_enterprise_install":false}
            """);

        Assert.Equal(("xoxe.xoxp-1", "xoxe-1-r", TimeSpan.FromHours(12)), (tokens!.AccessToken.Reveal(), tokens.RefreshToken?.Reveal(), tokens.Lifetime));
        Assert.Equal(["chat:write", "users:read"], tokens.Scopes!);
    }

    [Fact]
    public void Slacks_refresh_brings_the_persons_token_at_the_top() =>
        Assert.Equal("xoxe.xoxp-2", Read("""{"ok":true,"access_token":"xoxe.xoxp-2","token_type":"user","refresh_token":"xoxe-2","expires_in":43200}""")!.AccessToken.Reveal());

    [Theory]
    [InlineData("""{"ok":true,"access_token":"xoxb-bot","token_type":"bot","authed_user":{"id":"U1"}}""")]
    [InlineData("""{"ok":true,"access_token":"xoxp-top","token_type":"user","authed_user":{"access_token":"xoxp-1","token_type":"bot"}}""")]
    [InlineData("""{"ok":true,"access_token":"xoxp-top","token_type":"user","authed_user":{"access_token":null}}""")]
    [InlineData("""{"ok":true,"authed_user":{"access_token":"xoxp-1","token_type":"Bearer"}}""")]
    [InlineData("""{"ok":false,"authed_user":{"access_token":"xoxp-1","token_type":"user"}}""")]
    [InlineData("""{"ok":"true","authed_user":{"access_token":"xoxp-1","token_type":"user"}}""")]
    [InlineData("""{"authed_user":{"access_token":"xoxp-1","token_type":"user"}}""")]
    public void An_answer_without_a_persons_token_brings_none(string body) => Assert.Null(Read(body));

    [Fact]
    public void A_scope_that_is_answered_by_its_long_name_counts_under_the_name_it_was_asked_by()
    {
        var scopes = TokenAnswer.Scopes("openid https://www.googleapis.com/auth/userinfo.email", FormOf("google"));

        Assert.Equal(["openid", "https://www.googleapis.com/auth/userinfo.email", "email"], scopes);
    }

    [Theory]
    [InlineData("slack", """{"ok":false,"error":"invalid_refresh_token"}""", "invalid_grant")]
    [InlineData("slack", """{"ok":false,"error":"bad_client_secret"}""", "connect_config")]
    [InlineData("slack", """{"ok":false,"error":"service_unavailable"}""", "provider_unreachable")]
    [InlineData("slack", """{"ok":false}""", "connect_config")]
    [InlineData("github", """{"error":"bad_refresh_token","error_description":"…"}""", "invalid_grant")]
    [InlineData("github", """{"error":"incorrect_client_credentials"}""", "connect_config")]
    public async Task An_error_with_status_200_is_the_refusal_it_means(string provider, string body, string code)
    {
        fake.Token = _ => Task.FromResult<FakeAnswer?>(new FakeAnswer(200, body));
        Assert.True(RefreshToken.TryParse(fake.Issue("ada").RefreshToken, out var token));

        Assert.False((await Endpoint().RefreshAsync(Provider(provider), token, Cancellation)).Succeeded(out _, out var refusal));

        Assert.Equal(code, refusal.Code);
    }

    [Theory]
    [InlineData(200, """{"ok":true,"revoked":true}""", "Confirmed")]
    [InlineData(200, """{"ok":false,"error":"token_revoked"}""", "Confirmed")]
    [InlineData(200, """{"ok":false,"error":"invalid_auth"}""", "connect_config")]
    [InlineData(200, """{"ok":false,"error":"ratelimited"}""", "provider_unreachable")]
    [InlineData(200, "", "connect_config")]
    public async Task A_revocation_that_failed_with_status_200_is_not_taken_for_done(int status, string body, string expected)
    {
        fake.Revocation = _ => new FakeAnswer(status, body);

        var outcome = await Endpoint().RevokeAsync(Provider("slack"), "xoxp-1", isAccessToken: true, Cancellation);

        Assert.Equal(expected, outcome.Succeeded(out var answer, out var refusal) ? answer.ToString() : refusal.Code);
    }

    private static TokenSet? Read(string body) => TokenAnswer.ReadTokens(Encoding.UTF8.GetBytes(body), Slack);

    private static TokenAnswerDefinition FormOf(string provider) => ProviderCatalog.BuiltIn.Find(provider)!.TokenAnswer;

    private AppProvider Provider(string like) => A.Provider(fake, change: definition => definition with { TokenAnswer = FormOf(like) });

    private TokenEndpoint Endpoint()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new(SecretStore.SettingOf(A.ClientSecretName), A.ClientSecret)]).Build();
        var egress = new EgressClient(handlers, TimeProvider.System);
        return new TokenEndpoint(egress, new ProviderDiscovery(egress, TimeProvider.System), new SecretStore(settings, null, TimeProvider.System));
    }
}
