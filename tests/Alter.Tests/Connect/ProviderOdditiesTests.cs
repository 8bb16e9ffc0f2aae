using System.Text.Json;
using System.Web;
using Alter.Connect;
using Alter.Grants;
using Alter.Providers;
using Alter.Testing;

namespace Alter.Tests.Connect;

/// <summary>Connect at a provider as odd as Slack, with the catalogue's own definition of it and only the hosts changed.</summary>
public sealed class ProviderOdditiesTests(SharedAzurite azurite) : IAsyncLifetime
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private FakeProvider fake = null!;
    private Vault vault = null!;

    public async ValueTask InitializeAsync()
    {
        fake = await FakeProvider.StartAsync();
        var slack = ProviderCatalog.BuiltIn.Find("slack")!;
        var provider = A.Provider(fake, "slack", local => slack with
        {
            Issuer = local.Issuer,
            AuthorizationEndpoint = local.AuthorizationEndpoint,
            TokenEndpoint = local.TokenEndpoint,
            RevocationEndpoint = local.RevocationEndpoint,
            ApiHosts = local.ApiHosts,
            Account = slack.Account with { Url = local.Account.Url },
            AllowInsecureLocal = true,
        }) with { Scopes = ["chat:write", "users:read"], RequiredScopes = ["chat:write"] };
        vault = new Vault(new VaultSetup(azurite.ConnectionString, A.App(A.AppId(), provider)));
    }

    public async ValueTask DisposeAsync()
    {
        vault.Dispose();
        await fake.DisposeAsync();
    }

    [Fact]
    public async Task Scopes_go_where_and_how_the_provider_wants_them_and_pkce_stays_away()
    {
        var query = HttpUtility.ParseQueryString(new Uri((await AuthorizeAsync()).AuthorizationUrl).Query);

        Assert.Equal("chat:write,users:read", query["user_scope"]);
        Assert.Null(query["scope"]);
        Assert.Null(query["code_challenge"]);
    }

    [Fact]
    public async Task An_account_is_the_same_only_within_its_workspace()
    {
        var acme = await ConnectAsync("T1");
        var again = await ConnectAsync("T1");
        var other = await ConnectAsync("T2");

        Assert.Equal(acme, again);
        Assert.NotEqual(acme, other);
    }

    [Fact]
    public async Task A_name_that_somebody_else_has_now_is_another_account_and_takes_over_nobodys_grant()
    {
        var before = await ConnectAsync("T1");
        var stranger = await ConnectAsync("T1", "U2"); // Both are called ada.

        Assert.NotEqual(before, stranger);
        var owner = await vault.OwnerAsync();
        Assert.True((await vault.Resolution.ResolveByIdAsync(owner, $"{before:D}", Cancellation)).Succeeded(out var kept, out _));
        Assert.Equal((GrantStatus.Active, 1), (kept.Status, kept.Generation));

        // A call that says only "ada" is not given one of the two.
        Assert.False((await vault.Resolution.ResolveAsync(owner, "slack", "ada", Cancellation)).Succeeded(out _, out var refusal));
        Assert.Equal(new[] { before, stranger }.Order(), Assert.IsType<AmbiguousGrant>(refusal).Grants.Select(choice => choice.GrantId).Order());
    }

    [Fact]
    public async Task An_account_without_its_workspace_is_none()
    {
        fake.Account = _ => new FakeAnswer(200, """{"ok":true,"user_id":"U1","user":"ada","team":"Acme"}""");
        fake.Token = Answered;
        var redirect = await AuthorizeAsync();

        Assert.True((await FinishAsync(redirect)).Succeeded(out var session, out _));

        Assert.Equal("error", (await vault.Status.RunAsync(session, Cancellation)).View.Status);
    }

    private static Task<FakeAnswer?> Answered(FakeTokenRequest request) => Task.FromResult<FakeAnswer?>(new FakeAnswer(
        200,
        JsonSerializer.Serialize(new { ok = true, authed_user = new { access_token = $"xoxp-{A.Unique()}", token_type = "user", scope = "chat:write,users:read" } })));

    private async Task<Guid> ConnectAsync(string team, string user = "U1")
    {
        fake.Account = _ => new FakeAnswer(200, JsonSerializer.Serialize(new { ok = true, user_id = user, team_id = team, user = "ada", team = "Acme" }));
        fake.Token = Answered;
        var redirect = await AuthorizeAsync();
        Assert.True((await FinishAsync(redirect)).Succeeded(out var session, out var refusal), refusal?.Code);
        var grant = Assert.Single((await vault.Status.RunAsync(session, Cancellation)).View.Grants);
        Assert.Equal(("ada", "Acme", false), (grant.AccountIdentifier, grant.AccountDisplayName, grant.ScopeMismatch));
        return grant.GrantId;
    }

    private async Task<AuthorizationRedirect> AuthorizeAsync()
    {
        var request = new ConnectSessionRequest { AllowedProviders = ["slack"] };
        Assert.True((await vault.Minting.MintAsync(vault.App, vault.User(), "Ada", request, Cancellation)).Succeeded(out var created, out var refusal), refusal?.Detail);
        Assert.True((await vault.Authorize.RunAsync(new ConnectChoice(created.SessionToken, "slack", ConnectMode.Popup), new ConnectBrowser(null), Cancellation)).Succeeded(out var redirect, out refusal), refusal?.Detail);
        return redirect;
    }

    private Task<Outcome<string>> FinishAsync(AuthorizationRedirect redirect)
    {
        var answer = fake.Consent(redirect.AuthorizationUrl);
        return vault.Finish.RunAsync(vault.App.Id, "slack", new CallbackParameters(answer["code"], answer["state"], answer["iss"], null, null), new ConnectBrowser(redirect.Cookie), Cancellation);
    }
}
