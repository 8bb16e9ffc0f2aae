using System.Text;
using System.Text.Json.Nodes;
using Alter.Sdk;
using Alter.Testing;
using static Alter.Tests.Sdk.SdkFixture;

namespace Alter.Tests.Sdk;

public sealed class GrantAndConnectTests
{
    private const string Grant = """
        {"grant_id":"0d6f4a64-4d0b-4b0e-8a51-3f2f6f9a1c11","grant_kind":"oauth","provider":"google","provider_id":"google","provider_name":"Google",
         "account_identifier":"ada@example.com","account_display_name":"Ada","scopes":["mail"],"scope_mismatch":true,"status":"credential_revoked","health":{"state":"ended","last_error":"invalid_grant","next_attempt_at":null},
         "created_at":"2026-01-02T03:04:05.000Z","last_used_at":null,"expires_at":"2027-01-02T03:04:05.000Z","metadata":{"account_email":"ada@example.com"}}
        """;

    private static readonly CancellationToken Now = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_is_minted_with_the_users_token_in_the_header_alone()
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = _ => new FakeVaultAnswer(
            201, """{"session_token":"sess_1","connect_url":"https://vault/sdk/oauth/connect#session=sess_1","expires_at":"2026-01-02T03:04:05.000Z","expires_in":600}""");
        using var app = fixture.App();

        var session = await app.CreateConnectSessionAsync(
            new ConnectSessionRequest
            {
                AllowedProviders = ["google"],
                AllowedOrigin = "https://shop.acme.com",
                UserToken = "other.users.token",
                RequiredScopes = new Dictionary<string, IReadOnlyList<string>> { ["google"] = ["mail"] },
                GrantPolicy = new GrantPolicy { MaxTtlSeconds = 60 },
                Metadata = new Dictionary<string, string> { ["cart"] = "7" },
            },
            Now);

        var call = Assert.Single(fixture.Vault.Calls);
        Assert.Equal(("POST", "/sdk/oauth/connect/session", "other.users.token"), (call.Method, call.Path, call["X-Alter-User-Token"]));
        Assert.Equal(
            """{"allowed_providers":["google"],"allowed_origin":"https://shop.acme.com","required_scopes":{"google":["mail"]},"grant_policy":{"max_ttl_seconds":60},"metadata":{"cart":"7"}}""",
            Encoding.UTF8.GetString(call.Body));
        Assert.Equal(("sess_1", 600), (session.SessionToken, session.ExpiresIn));
    }

    [Fact]
    public async Task Grants_are_listed_page_after_page()
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = call => new FakeVaultAnswer(
            200,
            $$"""{"grants":[{{Grant}}],"total":2,"limit":1,"offset":0,"has_more":{{(call.Path.Contains("cursor", StringComparison.Ordinal) ? "false" : "true")}},"next_cursor":"c+/="}""");
        using var app = fixture.App();

        var grants = new List<Grant>();
        await foreach (var grant in app.ListGrantsAsync(new GrantFilter { ProviderId = "google", PageSize = 1, Statuses = [GrantStatus.Active, GrantStatus.CredentialRevoked] }, Now))
        {
            grants.Add(grant);
        }

        Assert.Equal(2, grants.Count);
        Assert.Equal(("ada@example.com", GrantStatus.CredentialRevoked, true), (grants[0].AccountIdentifier, grants[0].Status, grants[0].ScopeMismatch));
        Assert.Equal(new GrantHealth { State = "ended", LastError = "invalid_grant" }, grants[0].Health);
        Assert.Equal("/sdk/grants?provider_id=google&status=active%2Ccredential_revoked&limit=1", fixture.Vault.Calls[0].Path);
        Assert.EndsWith("&cursor=c%2B%2F%3D", fixture.Vault.Calls[1].Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_grant_of_another_version_has_no_null_where_none_is_announced()
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = _ => new FakeVaultAnswer(
            200, """{"grants":[{"grant_id":"0d6f4a64-4d0b-4b0e-8a51-3f2f6f9a1c11","provider_id":"google","account_identifier":"ada","status":"asleep","new_member":[1]}]}""");
        using var app = fixture.App();

        var grant = Assert.Single((await app.ListGrantsPageAsync(cancellationToken: Now)).Grants);

        Assert.Equal(("oauth", GrantStatus.Unknown), (grant.GrantKind, grant.Status));
        Assert.Empty(grant.Scopes);
    }

    [Fact]
    public async Task A_grant_is_revoked_with_its_reason()
    {
        await using var fixture = await StartAsync();
        var id = Guid.NewGuid();
        fixture.Vault.Instead = _ => new FakeVaultAnswer(200, $$"""{"success":true,"message":"Revoked.","grant_id":"{{id}}","revoked_at":"2026-01-02T03:04:05.000Z"}""");
        using var app = fixture.App();

        var revocation = await app.RevokeGrantAsync(id, "asked by the user", Now);
        await app.RevokeGrantAsync(id, cancellationToken: Now);

        Assert.Equal((true, id), (revocation.Success, revocation.GrantId));
        Assert.Equal(("DELETE", $"/sdk/grants/{id}", """{"reason":"asked by the user"}"""), (fixture.Vault.Calls[0].Method, fixture.Vault.Calls[0].Path, Encoding.UTF8.GetString(fixture.Vault.Calls[0].Body)));
        Assert.Empty(fixture.Vault.Calls[1].Body);
    }

    [Fact]
    public async Task A_user_token_is_verified_or_answered_with_null()
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = call => call.Path == "/sdk/users/verify" && Encoding.UTF8.GetString(call.Body) == $$"""{"user_token":"{{AdasToken}}"}"""
            ? new FakeVaultAnswer(200, """{"issuer":"https://login.acme.com","subject":"ada"}""")
            : FakeVault.Problem(401, "invalid_user_token", "fix_call");
        using var app = fixture.App();

        Assert.Equal(new VerifiedUser("https://login.acme.com", "ada"), await app.VerifyUserTokenAsync(AdasToken, Now));
        Assert.Null(await app.VerifyUserTokenAsync("something.else.entirely", Now));
    }

    [Fact]
    public async Task Policies_are_evaluated_and_what_cannot_be_read_allows_nothing()
    {
        await using var fixture = await StartAsync();
        var id = Guid.NewGuid();
        fixture.Vault.Instead = call => new FakeVaultAnswer(200, call.Path != "/sdk/policies/evaluate" ? "{}" : $$"""
            {"allowed":true,"provider":"google","grant_id":"{{id}}","at":"2026-11-27T12:00:00.000Z","caller_address":null,"verdicts":[
              {"policy":"hours","kind":"time_of_day","scope":"app","allowed":false,"rule":"mon 08:00-18:00 UTC","message":"Not now.","retry_after":90,"later":1}, null]}
            """);
        using var app = fixture.App();

        var evaluation = await app.EvaluatePoliciesAsync(
            new HypotheticalCall { Method = HttpMethod.Delete, Url = "https://api.example.com/x", At = new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero) }, GrantSelector.Provider("google", "ada"), Now);

        Assert.Equal(
            """{"provider":"google","account":"ada","method":"DELETE","url":"https://api.example.com/x","at":"2026-11-27T12:00:00+00:00"}""",
            Encoding.UTF8.GetString(Assert.Single(fixture.Vault.Calls).Body));
        Assert.Equal((false, "google", id), (evaluation.Allowed, evaluation.Provider, evaluation.GrantId));
        var verdict = Assert.Single(evaluation.Verdicts);
        Assert.Equal(("hours", "time_of_day", false, "Not now.", TimeSpan.FromSeconds(90)), (verdict.Policy, verdict.Kind, verdict.Allowed, verdict.Message, verdict.RetryAfter));
        await Assert.ThrowsAsync<ArgumentException>(() => app.EvaluatePoliciesAsync(new HypotheticalCall { Method = HttpMethod.Get, Url = "https://api.example.com/x" }, default, Now));
    }

    [Theory]
    [InlineData(BrowserProof.Confirm, "confirm")]
    [InlineData(BrowserProof.Identity, "identity")]
    [InlineData(BrowserProof.Complete, "complete")]
    public async Task A_session_says_how_the_browser_is_proven(BrowserProof proof, string name)
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = Session;
        using var app = fixture.App();

        await app.CreateConnectSessionAsync(new ConnectSessionRequest { BrowserProof = proof }, Now);

        Assert.Equal($$"""{"browser_proof":"{{name}}"}""", Encoding.UTF8.GetString(Assert.Single(fixture.Vault.Calls).Body));
    }

    [Fact]
    public async Task A_pending_grant_is_completed_with_the_browsers_code_and_the_users_token()
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = _ => new FakeVaultAnswer(200, $$"""{"grants":[{{Grant.Replace("credential_revoked", "active", StringComparison.Ordinal)}}]}""");
        using var app = fixture.App();

        var grants = await app.CompleteConnectAsync("code-1", cancellationToken: Now);
        await app.CompleteConnectAsync("code-2", "other.users.token", Now);

        Assert.Equal(("google", GrantStatus.Active), (Assert.Single(grants).ProviderId, grants[0].Status));
        Assert.Equal(
            [("POST", "/sdk/oauth/connect/complete", AdasToken, """{"completion_code":"code-1"}"""), ("POST", "/sdk/oauth/connect/complete", "other.users.token", """{"completion_code":"code-2"}""")],
            fixture.Vault.Calls.Select(call => (call.Method, call.Path, call["X-Alter-User-Token"]!, Encoding.UTF8.GetString(call.Body))));
    }

    [Theory]
    [InlineData(410, "connect_session_expired", typeof(ConnectSessionException))]
    [InlineData(503, "vault_unavailable", typeof(BackendException))]
    public async Task A_completion_that_is_refused_says_why(int status, string code, Type type)
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = _ => FakeVault.Problem(status, code, status is 503 ? "retry" : "connect");
        using var app = fixture.App();

        var thrown = await Assert.ThrowsAnyAsync<AlterException>(() => app.CompleteConnectAsync("code-1", cancellationToken: Now));

        Assert.Equal((type, code), (thrown.GetType(), thrown.Code));
        Assert.Single(fixture.Vault.Calls); // A POST is not repeated.
        Assert.DoesNotContain("code-1", thrown.ToString(), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => app.CompleteConnectAsync("", cancellationToken: Now));
    }

    [Fact]
    public async Task Connect_without_a_page_shows_the_url_and_asks_until_the_person_is_done()
    {
        await using var fixture = await StartAsync();
        var asked = 0;
        fixture.Vault.Instead = call => Session(call) ?? (Interlocked.Increment(ref asked) switch
        {
            1 => new FakeVaultAnswer(200, """{"status":"open","grants":[],"error":null,"error_description":null}"""),
            2 => FakeVault.Problem(503, "vault_unavailable", "retry", retryAfter: 1),
            _ => new FakeVaultAnswer(200, $$"""{"status":"complete","grants":[{{Grant}}]}"""),
        });
        using var app = fixture.App();
        Uri? shown = null;

        var grants = await app.ConnectAsync(new ConnectOptions { Providers = ["google"], OpenBrowser = false, ShowUrl = (url, _) => { shown = url; return Task.CompletedTask; } }, Now);

        Assert.Equal("https://vault/sdk/oauth/connect#session=sess_1", shown!.AbsoluteUri);
        Assert.Equal("google", Assert.Single(grants).ProviderId);
        Assert.Equal("""{"allowed_providers":["google"],"browser_proof":"identity"}""", Encoding.UTF8.GetString(fixture.Vault.Calls[0].Body));
        Assert.Equal(("sess_1", null), (Encoding.UTF8.GetString(fixture.Vault.Calls[1].Body), fixture.Vault.Calls[1]["Authorization"]));
        Assert.StartsWith("text/plain", fixture.Vault.Calls[1]["Content-Type"], StringComparison.Ordinal);
        Assert.Equal(3, fixture.Time.Waits.Count(wait => wait == TimeSpan.FromSeconds(2)));
    }

    [Theory]
    [InlineData("""{"status":"error","error":"access_denied"}""", "connect_denied")]
    [InlineData("""{"status":"error","error":"connect_config"}""", "connect_config")]
    [InlineData("""{"status":"error","error":"server_error"}""", "connect_flow_invalid")]
    [InlineData("""{"status":"expired","grants":[]}""", "connect_session_expired")]
    public async Task Connect_without_a_page_tells_why_it_ended(string status, string code)
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = call => Session(call) ?? new FakeVaultAnswer(200, status);
        using var app = fixture.App();

        var thrown = await Assert.ThrowsAnyAsync<AlterException>(() => app.ConnectAsync(new ConnectOptions { OpenBrowser = false, ShowUrl = (_, _) => Task.CompletedTask }, Now));

        Assert.Equal(code, thrown.Code);
    }

    [Fact]
    public async Task Connect_without_a_page_ends_when_nobody_comes()
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = call => Session(call) ?? new FakeVaultAnswer(200, """{"status":"open","grants":[]}""");
        using var app = fixture.App();

        await Assert.ThrowsAsync<ConnectTimeoutException>(() =>
            app.ConnectAsync(new ConnectOptions { OpenBrowser = false, Timeout = TimeSpan.FromMilliseconds(50), ShowUrl = (_, _) => Task.CompletedTask }, Now));
    }

    [Fact]
    public async Task A_vault_that_has_no_such_sessions_yet_says_so_by_name()
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = _ => FakeVault.Problem(
            400, "invalid_request", "fix_call", new JsonObject { ["errors"] = new JsonObject { ["browser_proof"] = new JsonArray("identity is not supported by this version.") } });
        using var app = fixture.App();

        var thrown = await Assert.ThrowsAsync<AlterValueException>(() => app.ConnectAsync(new ConnectOptions { OpenBrowser = false }, Now));

        Assert.Contains("browser_proof", thrown.Errors.Keys);
    }

    [Fact]
    public async Task An_answer_of_another_shape_is_no_crash()
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = _ => new FakeVaultAnswer(200, "[]");
        using var app = fixture.App();

        Assert.Equal("unexpected_answer", (await Assert.ThrowsAsync<BackendException>(() => app.ListGrantsPageAsync(cancellationToken: Now))).Code);
    }

    private static FakeVaultAnswer? Session(FakeCall call) => call.Path == "/sdk/oauth/connect/session"
        ? new FakeVaultAnswer(201, """{"session_token":"sess_1","connect_url":"https://vault/sdk/oauth/connect#session=sess_1","expires_at":"2026-01-02T03:04:05.000Z","expires_in":600}""")
        : null;
}
