using System.Text.Json.Nodes;
using Alter.Sdk;
using Alter.Testing;
using static Alter.Tests.Sdk.SdkFixture;

namespace Alter.Tests.Sdk;

public sealed class ErrorTests
{
    private static readonly CancellationToken Now = TestContext.Current.CancellationToken;
    private static readonly Guid Id = Guid.Parse("0d6f4a64-4d0b-4b0e-8a51-3f2f6f9a1c11");

    // The contract's table; the last three columns are what a caller sees.
    public static TheoryData<string, int, Type, AlterAction> Table { get; } = new()
    {
        { "invalid_request", 400, typeof(AlterValueException), AlterAction.FixCall },
        { "url_not_allowed", 400, typeof(AlterValueException), AlterAction.FixCall },
        { "method_not_allowed", 405, typeof(AlterValueException), AlterAction.FixCall },
        { "request_too_large", 413, typeof(AlterValueException), AlterAction.FixCall },
        { "not_found", 404, typeof(BackendException), AlterAction.FixCall },
        { "invalid_api_key", 401, typeof(InvalidKeyException), AlterAction.FixConfiguration },
        { "invalid_user_token", 401, typeof(InvalidUserTokenException), AlterAction.FixCall },
        { "insufficient_scope", 403, typeof(InsufficientScopeException), AlterAction.FixConfiguration },
        { "policy_violation", 403, typeof(PolicyViolationException), AlterAction.None },
        { "scope_reauth_required", 403, typeof(ScopeReauthRequiredException), AlterAction.Connect },
        { "grant_expired", 403, typeof(GrantExpiredException), AlterAction.Connect },
        { "grant_revoked", 403, typeof(GrantRevokedException), AlterAction.Connect },
        { "credential_revoked", 403, typeof(CredentialRevokedException), AlterAction.Connect },
        { "key_unavailable", 403, typeof(KeyUnavailableException), AlterAction.Connect },
        { "grant_not_found", 404, typeof(GrantNotFoundException), AlterAction.Connect },
        { "ambiguous_grant", 409, typeof(AmbiguousGrantException), AlterAction.ChooseAccount },
        { "token_refresh_in_progress", 409, typeof(TokenRefreshInProgressException), AlterAction.Retry },
        { "connect_session_expired", 410, typeof(ConnectSessionException), AlterAction.Connect },
        { "connect_session_used", 410, typeof(ConnectSessionException), AlterAction.Connect },
        { "wallet_session_expired", 403, typeof(BackendException), AlterAction.None },
        { "connect_denied", 403, typeof(ConnectDeniedException), AlterAction.Connect },
        { "user_mismatch", 403, typeof(ConnectFlowException), AlterAction.Connect },
        { "connect_flow_invalid", 400, typeof(ConnectFlowException), AlterAction.Connect },
        { "connect_timeout", 408, typeof(ConnectTimeoutException), AlterAction.Connect },
        { "connect_config", 502, typeof(ConnectConfigException), AlterAction.FixConfiguration },
        { "provider_unreachable", 502, typeof(ProviderUnreachableException), AlterAction.Retry },
        { "provider_timeout", 504, typeof(ProviderUnreachableException), AlterAction.Retry },
        { "audit_unavailable", 503, typeof(BackendException), AlterAction.Retry },
        { "vault_unavailable", 503, typeof(BackendException), AlterAction.Retry },
        { "integrity_failure", 500, typeof(BackendException), AlterAction.None },
        { "internal_error", 500, typeof(BackendException), AlterAction.None },
        { "invented_tomorrow", 418, typeof(BackendException), AlterAction.None },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Every_error_is_the_exception_of_the_contracts_table(string code, int status, Type type, AlterAction action)
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = _ => FakeVault.Problem(status, code, ActionName(action), retryAfter: 11);
        using var app = fixture.App();

        var thrown = await Assert.ThrowsAnyAsync<AlterException>(() => app.RequestAsync(HttpMethod.Get, Url, "google", Now));
        var ofHead = await Assert.ThrowsAnyAsync<AlterException>(() => app.RequestAsync(HttpMethod.Head, Url, "google", Now));

        Assert.Equal((type, code, action, (int?)status), (thrown.GetType(), thrown.Code, thrown.Action, (int?)thrown.StatusCode));
        Assert.Equal((type, code, action), (ofHead.GetType(), ofHead.Code, ofHead.Action));
        Assert.Equal((TimeSpan.FromSeconds(11), "google", action is AlterAction.Retry), (thrown.RetryAfter, thrown.Provider, thrown.IsTransient));
        Assert.Contains("request-", thrown.RequestId, StringComparison.Ordinal);
        Assert.False(typeof(HttpRequestException).IsAssignableFrom(type));
    }

    [Fact]
    public void The_table_has_no_code_that_is_not_tested() =>
        Assert.Equal(ErrorTable.Rows.Keys.Order(), Table.Select(row => row.Data.Item1).Where(code => code != "invented_tomorrow").Order());

    [Fact]
    public async Task Members_arrive_typed()
    {
        var refused = await RefusedAsync<AlterValueException>("invalid_request", """{"errors":{"limit":["A whole number."]},"limit":8192,"url_host":"a","allowed_hosts":["b"]}""");
        Assert.Equal(["A whole number."], refused.Errors["limit"]);
        Assert.Equal((8192, "a"), (refused.Limit, refused.UrlHost));
        Assert.Equal(["b"], refused.AllowedHosts);

        var token = await RefusedAsync<InvalidUserTokenException>("invalid_user_token", """{"reason":"audience","expected":["shop"],"received":["other"]}""");
        Assert.Equal(("audience", "shop", "other"), (token.Reason, token.Expected[0], token.Received[0]));

        var policy = await RefusedAsync<PolicyViolationException>("policy_violation", """{"policy_error":{"policy":"rate","rule":"10/min","message":"Slow down.","retry_after":7}}""");
        Assert.Equal(new PolicyError("rate", "10/min", "Slow down.", TimeSpan.FromSeconds(7)), policy.PolicyError);

        var scope = await RefusedAsync<ScopeReauthRequiredException>("scope_reauth_required", $$"""{"missing_scopes":["mail"],"grant_id":"{{Id}}","provider":"erp"}""");
        Assert.Equal(("mail", Id, "erp"), (scope.MissingScopes[0], scope.GrantId, scope.Provider));

        var revoked = await RefusedAsync<CredentialRevokedException>("credential_revoked", $$"""{"grant_id":"{{Id}}","provider":"erp","cause":"invalid_grant"}""");
        Assert.Equal((Id, "erp", "invalid_grant"), (revoked.GrantId, revoked.Provider, revoked.Cause));
        Assert.IsAssignableFrom<ReauthRequiredException>(revoked);

        var ambiguous = await RefusedAsync<AmbiguousGrantException>(
            "ambiguous_grant", $$"""{"account_identifiers":["ada@a","ada@b"],"grants":[{"grant_id":"{{Id}}","account_identifier":"ada@a","account_display_name":"Ada"}]}""");
        Assert.Equal(["ada@a", "ada@b"], ambiguous.AccountIdentifiers);
        Assert.Equal([new GrantChoice(Id, "ada@a", "Ada")], ambiguous.Grants);

        Assert.Equal("proxy:execute", (await RefusedAsync<InsufficientScopeException>("insufficient_scope", """{"required_scope":"proxy:execute"}""")).RequiredScope);
        Assert.Equal("invalid_client", (await RefusedAsync<ConnectConfigException>("connect_config", """{"provider_error":"invalid_client"}""")).ProviderError);
    }

    [Theory]
    [InlineData("""{"errors":"no object","allowed_hosts":{"a":1},"limit":"many"}""")]
    [InlineData("""[1,2]""")]
    [InlineData("not json")]
    [InlineData("")]
    public async Task A_document_of_another_shape_is_still_the_error_its_header_names(string body)
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = _ => new FakeVaultAnswer(400, body) { Headers = new Dictionary<string, string> { ["X-Alter-Error"] = "url_not_allowed" } };
        using var app = fixture.App();

        var thrown = await Assert.ThrowsAsync<AlterValueException>(() => app.RequestAsync(HttpMethod.Get, Url, "google", Now));

        Assert.Equal(("url_not_allowed", AlterAction.FixCall), (thrown.Code, thrown.Action));
        Assert.Empty(thrown.Errors);
        Assert.Empty(thrown.AllowedHosts);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(404)]
    [InlineData(503)]
    public async Task An_answer_without_request_id_came_from_the_platform_and_says_so(int status)
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = _ => new FakeVaultAnswer(status, "<html>", "text/html") { IsFromPlatform = true };
        using var app = fixture.App();

        var thrown = await Assert.ThrowsAsync<BackendException>(() => app.RequestAsync(HttpMethod.Get, Url, "google", Now));

        Assert.Contains("came from the platform", thrown.Message, StringComparison.Ordinal);
        Assert.Null(thrown.RequestId);
        Assert.Single(fixture.Vault.Calls);
    }

    [Fact]
    public async Task A_refusal_is_found_inside_what_libraries_throw_around_it()
    {
        var refusal = await RefusedAsync<GrantNotFoundException>("grant_not_found", "{}");

        Assert.Same(refusal, AlterException.Find(refusal));
        Assert.Same(refusal, AlterException.Find(new InvalidOperationException("outer", new HttpRequestException("inner", refusal))));
        Assert.Same(refusal, AlterException.Find(new AggregateException(new IOException(), new InvalidOperationException("outer", refusal))));
        Assert.Null(AlterException.Find(new IOException()));
        Assert.Null(AlterException.Find(null));
    }

    [Fact]
    public async Task A_connect_session_is_made_for_what_a_call_met()
    {
        var refusal = await RefusedAsync<GrantNotFoundException>("grant_not_found", "{}");

        Assert.Equal(["google"], ConnectSessionRequest.For(refusal).AllowedProviders);
        Assert.Null(ConnectSessionRequest.For(InvalidUserTokenException.Missing()).AllowedProviders);
    }

    private static async Task<T> RefusedAsync<T>(string code, string members)
        where T : AlterException
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = _ => FakeVault.Problem(400, code, "fix_call", JsonNode.Parse(members)!.AsObject(), retryAfter: 11);
        using var app = fixture.App();
        return await Assert.ThrowsAsync<T>(() => app.RequestAsync(HttpMethod.Get, Url, "google", Now));
    }

    private static string ActionName(AlterAction action) => action switch
    {
        AlterAction.ChooseAccount => "choose_account",
        AlterAction.FixCall => "fix_call",
        AlterAction.FixConfiguration => "fix_configuration",
        _ => action.ToString().ToLowerInvariant(),
    };
}
