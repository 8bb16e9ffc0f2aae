using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;
using Alter.Sdk;
using Alter.Testing;

namespace Alter.Functions.Tests.Sdk;

/// <summary>The guide's troubleshooting table against the real vault: what the backend catches.</summary>
public sealed class GuideErrorTests(SharedVault shared) : IDisposable
{
    private readonly RunningVault vault = shared.Vault;
    private readonly List<AlterApp> apps = [];

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_connected_is_GrantNotFound()
    {
        var thrown = await Assert.ThrowsAsync<GrantNotFoundException>(() => CallAsync(App(vault.Shop())));

        Assert.Equal(("erp", AlterAction.Connect), (thrown.Provider, thrown.Action));
        Assert.Equal(["erp"], ConnectSessionRequest.For(thrown).AllowedProviders);
    }

    [Fact]
    public async Task Two_accounts_are_AmbiguousGrant_until_the_call_says_which()
    {
        var backend = vault.Shop();
        await backend.ConnectAsync(account: "one@erp.example");
        await backend.ConnectAsync(account: "two@erp.example");
        var alter = App(backend);

        var thrown = await Assert.ThrowsAsync<AmbiguousGrantException>(() => CallAsync(alter));

        Assert.Equal(["one@erp.example", "two@erp.example"], thrown.AccountIdentifiers.Order());
        await CallAsync(alter, GrantSelector.Provider("erp", account: thrown.AccountIdentifiers[0]));
        await CallAsync(alter, GrantSelector.ById(thrown.Grants[1].GrantId));
    }

    [Fact]
    public async Task A_grant_revoked_here_is_GrantRevoked()
    {
        var backend = vault.Shop();
        var id = (string)(await backend.ConnectAsync())["grant_id"]!;
        var alter = App(backend);
        await alter.RevokeGrantAsync(Guid.Parse(id), "asked by the user", Now);

        Assert.Equal(Guid.Parse(id), (await Assert.ThrowsAsync<GrantRevokedException>(() => CallAsync(alter))).GrantId);
    }

    [Fact]
    public async Task A_grant_revoked_at_the_provider_is_CredentialRevoked()
    {
        await using var lender = await FakeTokens.StaleAsync(vault);
        lender.AnswerRefresh(new FakeAnswer(400, """{"error":"invalid_grant"}"""));

        Assert.Equal("invalid_grant", (await Assert.ThrowsAsync<CredentialRevokedException>(() => CallAsync(App(lender.Backend), "crm"))).Cause);
    }

    [Fact]
    public async Task A_required_scope_that_was_not_allowed_is_ScopeReauthRequired()
    {
        var (access, refresh) = vault.Erp.Issue("frugal@erp.example");
        var body = new JsonObject { ["access_token"] = access, ["token_type"] = "Bearer", ["expires_in"] = 3600, ["refresh_token"] = refresh, ["scope"] = "orders.write" }.ToJsonString();
        var (backend, browser) = (vault.Shop(), new Browser(vault));
        var consent = vault.Erp.Consent((await browser.AuthorizeUrlAsync(await backend.SessionAsync("erp"), "erp")).OriginalString, "frugal@erp.example");
        // RFC 6749 §5.1: less than was asked for. To this code alone: others connect meanwhile.
        vault.Erp.Token = request => Task.FromResult(request.Form.GetValueOrDefault("code") == consent["code"] ? new FakeAnswer(200, body) : null);
        try
        {
            (await browser.CallbackAsync("shop", "erp", consent)).Is(303);
        }
        finally
        {
            vault.Erp.Token = _ => Task.FromResult<FakeAnswer?>(null);
        }

        Assert.Equal(["orders.read"], (await Assert.ThrowsAsync<ScopeReauthRequiredException>(() => CallAsync(App(backend)))).MissingScopes);
    }

    [Fact]
    public async Task A_grant_whose_lifetime_is_over_is_GrantExpired()
    {
        var (backend, browser) = (vault.Shop(), new Browser(vault));
        var alter = App(backend);
        var minted = await alter.CreateConnectSessionAsync(new ConnectSessionRequest { AllowedProviders = ["erp"], GrantPolicy = new GrantPolicy { DefaultTtlSeconds = 2 } }, Now);
        var session = new JsonObject { ["connect_url"] = minted.ConnectUrl };
        (await browser.CallbackAsync("shop", "erp", vault.Erp.Consent((await browser.AuthorizeUrlAsync(session, "erp")).OriginalString))).Is(303);

        AlterException? thrown = null;
        await Eventually.TrueAsync(async () => (thrown = await Record.ExceptionAsync(() => CallAsync(alter)) as AlterException) is not null, "two seconds have passed");

        Assert.IsType<GrantExpiredException>(thrown);
    }

    [Fact]
    public async Task A_foreign_host_is_AlterValue_with_the_hosts_there_are()
    {
        var backend = vault.Shop();
        await backend.ConnectAsync();

        var thrown = await Assert.ThrowsAsync<AlterValueException>(() => CallAsync(App(backend), url: "https://elsewhere.example/"));

        Assert.Equal(("url_not_allowed", "elsewhere.example"), (thrown.Code, thrown.UrlHost));
        Assert.Contains(vault.Upstream.Url.Authority, thrown.AllowedHosts);
    }

    [Fact]
    public async Task A_token_of_somebody_else_is_InvalidUserToken()
    {
        var thrown = await Assert.ThrowsAsync<InvalidUserTokenException>(() => CallAsync(App(new Backend(vault, vault.Keys.Shop, vault.Users.Token(claims => claims["aud"] = "https://elsewhere.example")))));

        Assert.Equal(("audience", "https://elsewhere.example"), (thrown.Reason, thrown.Received[0]));
    }

    public void Dispose() => apps.ForEach(app => app.Dispose());

    private AlterApp App(Backend backend)
    {
        var app = new AlterApp(new AlterOptions { ApiKey = backend.Key, BaseUrl = vault.PublicUrl, UserToken = _ => ValueTask.FromResult(backend.UserToken) });
        apps.Add(app);
        return app;
    }

    private async Task CallAsync(AlterApp alter, GrantSelector? grant = null, string? url = null)
    {
        using var response = await alter.RequestAsync(HttpMethod.Get, url ?? vault.Upstream.Echo().AbsoluteUri, grant ?? "erp", Now);
        Assert.True(response.IsSuccessStatusCode);
    }
}
