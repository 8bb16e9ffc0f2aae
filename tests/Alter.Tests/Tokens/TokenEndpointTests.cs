using System.Text;
using Alter.Apps;
using Alter.Egress;
using Alter.Providers;
using Alter.Testing;
using Alter.Tokens;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Tokens;

public sealed class TokenEndpointTests : IAsyncLifetime
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private readonly EgressHandlers handlers = new();
    private FakeProvider fake = null!;
    private TokenEndpoint endpoint = null!;

    public async ValueTask InitializeAsync()
    {
        fake = await FakeProvider.StartAsync();
        endpoint = Endpoint(A.ClientSecret);
    }

    public async ValueTask DisposeAsync()
    {
        await fake.DisposeAsync();
        handlers.Dispose();
    }

    [Fact]
    public async Task Basic_encodes_id_and_secret_before_it_joins_them()
    {
        Assert.True((await RefreshAsync(A.Provider(fake))).Succeeded(out _, out _));

        // RFC 6749 §2.3.1: application/x-www-form-urlencoded first, then Basic.
        var credentials = Encoding.ASCII.GetString(Convert.FromBase64String(fake.Requests.Single().Authorization!["Basic ".Length..]));
        Assert.Equal("shop%20client:s3cret%2B%2F%20%26%25", credentials);
        Assert.DoesNotContain("client", fake.Requests.Single().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_sends_id_and_secret_in_the_form_and_no_header()
    {
        await RefreshAsync(With(definition => definition with { TokenEndpointAuthMethod = TokenEndpointAuthMethod.ClientSecretPost }));

        var request = fake.Requests.Single();
        Assert.Null(request.Authorization);
        Assert.Equal(("shop client", A.ClientSecret), (request.Form["client_id"], request.Form["client_secret"]));
    }

    [Fact]
    public async Task A_refused_secret_is_read_again_and_the_newer_one_used()
    {
        var (settings, time) = (Settings("old"), new FakeTimeProvider());
        var rotating = Endpoint(settings, time);
        AcceptsOnly("old");
        Assert.True((await RefreshAsync(A.Provider(fake), rotating)).Succeeded(out _, out _));

        settings[SecretStore.SettingOf(A.ClientSecretName)] = "new";
        AcceptsOnly("new");
        time.Advance(SecretStore.Pause);
        Assert.True((await RefreshAsync(A.Provider(fake), rotating)).Succeeded(out _, out _));
        Assert.Equal(3, fake.Requests.Count);
    }

    [Fact]
    public async Task While_a_rotation_is_under_way_the_previous_secret_is_tried_too()
    {
        var settings = Settings("new");
        settings[SecretStore.SettingOf("shop-erp-old")] = "old";
        AcceptsOnly("old");

        Assert.True((await RefreshAsync(A.Provider(fake) with { PreviousClientSecret = "shop-erp-old" }, Endpoint(settings, TimeProvider.System))).Succeeded(out _, out _));
        Assert.Equal(2, fake.Requests.Count);
    }

    [Fact]
    public async Task A_client_that_is_refused_with_every_secret_is_a_matter_of_configuration()
    {
        AcceptsOnly("another");

        Assert.Equal("invalid_client", Assert.IsType<ConnectConfig>(Refused(await RefreshAsync(A.Provider(fake)))).ProviderError);
        Assert.Single(fake.Requests); // Read again it is the same: nothing is gained by asking twice.
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_public_client_sends_its_id_alone(bool byDefinition)
    {
        await RefreshAsync(byDefinition
            ? With(definition => definition with { TokenEndpointAuthMethod = TokenEndpointAuthMethod.None })
            : A.Provider(fake) with { ClientSecret = null });

        var request = fake.Requests.Single();
        Assert.Null(request.Authorization);
        Assert.Equal("shop client", request.Form["client_id"]);
        Assert.DoesNotContain("client_secret", request.Form.Keys);
    }

    [Fact]
    public async Task A_code_goes_with_its_redirect_uri_and_verifier()
    {
        await endpoint.RedeemCodeAsync(A.Provider(fake), "the code&=", new Uri("https://vault.acme.com/oauth/callback/shop/erp"), "the-verifier", Cancellation);

        var form = fake.Requests.Single().Form;
        Assert.Equal(
            ("authorization_code", "the code&=", "https://vault.acme.com/oauth/callback/shop/erp", "the-verifier"),
            (form["grant_type"], form["code"], form["redirect_uri"], form["code_verifier"]));
    }

    [Theory]
    [InlineData(400, """{"error":"invalid_grant"}""", "invalid_grant")]
    [InlineData(401, """{"error":"invalid_grant"}""", "invalid_grant")]
    [InlineData(200, """{"error":"invalid_grant"}""", "invalid_grant")]
    [InlineData(401, """{"error":"invalid_client"}""", "connect_config")]
    [InlineData(400, """{"error":"unauthorized_client"}""", "connect_config")]
    [InlineData(200, """{"error":"bad_verification_code"}""", "connect_config")]
    [InlineData(200, """{"error":"slow","access_token":"a","token_type":"Bearer"}""", "connect_config")]
    [InlineData(200, "access_token=a", "connect_config")]
    [InlineData(404, "<html>", "connect_config")]
    [InlineData(429, """{"error":"invalid_grant"}""", "provider_unreachable")]
    [InlineData(500, """{"error":"invalid_grant"}""", "provider_unreachable")]
    [InlineData(503, "", "provider_unreachable")]
    public async Task Each_answer_has_its_meaning_and_is_asked_for_once(int status, string body, string code)
    {
        fake.Token = _ => Answer(new FakeAnswer(status, body));

        Assert.False((await RefreshAsync(A.Provider(fake))).Succeeded(out _, out var refusal));

        Assert.Equal(code, refusal.Code);
        Assert.Single(fake.Requests);
    }

    [Fact]
    public async Task The_providers_error_code_is_told_and_nothing_else_it_said()
    {
        fake.Token = _ => Answer(new FakeAnswer(401, """{"error":"invalid_client","error_description":"hunter2"}"""));

        Assert.False((await RefreshAsync(A.Provider(fake))).Succeeded(out _, out var refusal));

        Assert.Equal("invalid_client", Assert.IsType<ConnectConfig>(refusal).ProviderError);
        Assert.DoesNotContain("hunter2", refusal.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(A.ClientSecret, refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task How_long_the_provider_wants_to_be_left_alone_is_kept()
    {
        fake.Token = _ => Answer(new FakeAnswer(429, "", RetryAfter: "7"));

        Assert.False((await RefreshAsync(A.Provider(fake))).Succeeded(out _, out var refusal));

        Assert.Equal(TimeSpan.FromSeconds(7), refusal.RetryAfter);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_with_a_token_in_hand()
    {
        await using var other = await FakeProvider.StartAsync();
        fake.Token = _ => Answer(new FakeAnswer(307, "", Location: $"{other.Issuer}/token"));

        Assert.False((await RefreshAsync(A.Provider(fake))).Succeeded(out _, out var refusal));

        Assert.IsType<ConnectConfig>(refusal);
        Assert.Single(fake.Requests);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task A_caller_who_leaves_ends_the_wait_and_nothing_is_sent_again()
    {
        var arrived = new TaskCompletionSource();
        var answer = new TaskCompletionSource<FakeAnswer?>();
        fake.Token = _ =>
        {
            arrived.TrySetResult();
            return answer.Task;
        };
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        var refreshing = RefreshAsync(A.Provider(fake), leaving.Token);
        await arrived.Task;
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => refreshing);
        answer.SetResult(null);
        Assert.Single(fake.Requests);
    }

    [Fact]
    public async Task An_answer_over_256_KiB_is_not_read()
    {
        fake.Token = _ => Answer(new FakeAnswer(200, $$"""{"access_token":"a","token_type":"Bearer","x":"{{new string('x', 300_000)}}"}"""));

        Assert.False((await RefreshAsync(A.Provider(fake))).Succeeded(out _, out var refusal));

        Assert.IsType<ProviderUnreachable>(refusal);
        Assert.Single(fake.Requests);
    }

    [Fact]
    public async Task Without_its_secret_nothing_is_sent()
    {
        var without = Endpoint(null);

        Assert.False((await without.PrepareAsync(A.Provider(fake), Cancellation)).Succeeded(out _, out var refusal));
        Assert.IsType<VaultUnavailable>(refusal);
        Assert.False((await without.RefreshAsync(A.Provider(fake), Token(), Cancellation)).Succeeded(out _, out refusal));
        Assert.IsType<VaultUnavailable>(refusal);
        Assert.Empty(fake.Requests);
    }

    [Fact]
    public async Task A_token_endpoint_on_this_machine_is_refused_where_the_definition_is_not_marked()
    {
        var provider = With(definition => definition with { AllowInsecureLocal = false });

        Assert.False((await RefreshAsync(provider)).Succeeded(out _, out var refusal));

        Assert.IsType<ConnectConfig>(refusal);
        Assert.Empty(fake.Requests);
    }

    [Theory]
    [InlineData(200, "", "confirmed")]
    [InlineData(400, """{"error":"unsupported_token_type"}""", "not_offered")]
    [InlineData(400, """{"error":"invalid_token"}""", "confirmed")]
    [InlineData(401, """{"error":"invalid_client"}""", "connect_config")]
    [InlineData(503, "", "provider_unreachable")]
    public async Task A_revocation_is_confirmed_not_offered_or_to_be_repeated(int status, string body, string expected)
    {
        fake.Revocation = _ => new FakeAnswer(status, body);

        var outcome = await endpoint.RevokeAsync(A.Provider(fake), "the-token", isAccessToken: false, Cancellation);

        var said = outcome.Succeeded(out var answer, out var refusal) ? (answer is ProviderRevocation.Confirmed ? "confirmed" : "not_offered") : refusal.Code;
        Assert.Equal(expected, said);
        Assert.Equal(["the-token"], fake.Revocations);
    }

    private static Task<FakeAnswer?> Answer(FakeAnswer answer) => Task.FromResult<FakeAnswer?>(answer);

    private AppProvider With(Func<ProviderDefinition, ProviderDefinition> change) => A.Provider(fake, change: change);

    private Task<Outcome<TokenSet>> RefreshAsync(AppProvider provider, CancellationToken? cancellation = null) => RefreshAsync(provider, endpoint, cancellation);

    private Task<Outcome<TokenSet>> RefreshAsync(AppProvider provider, TokenEndpoint at, CancellationToken? cancellation = null)
    {
        Assert.True(RefreshToken.TryParse(fake.Issue("ada").RefreshToken, out var token));
        return at.RefreshAsync(provider, token, cancellation ?? Cancellation);
    }

    private void AcceptsOnly(string secret) => fake.Token = request => Task.FromResult(
        Encoding.ASCII.GetString(Convert.FromBase64String(request.Authorization!["Basic ".Length..])).EndsWith($":{secret}", StringComparison.Ordinal)
            ? null
            : new FakeAnswer(401, """{"error":"invalid_client"}"""));

    private static Refusal Refused(Outcome<TokenSet> outcome)
    {
        Assert.False(outcome.Succeeded(out _, out var refusal));
        return refusal;
    }

    private static RefreshToken Token() => RefreshToken.TryParse("refresh", out var token) ? token : default;

    private static IConfigurationRoot Settings(string? secret) =>
        new ConfigurationBuilder().AddInMemoryCollection([new(SecretStore.SettingOf(A.ClientSecretName), secret)]).Build();

    private TokenEndpoint Endpoint(string? secret) => Endpoint(Settings(secret), TimeProvider.System);

    private TokenEndpoint Endpoint(IConfiguration settings, TimeProvider time)
    {
        var egress = new EgressClient(handlers, TimeProvider.System);
        return new TokenEndpoint(egress, new ProviderDiscovery(egress, TimeProvider.System), new SecretStore(settings, null, time));
    }
}
