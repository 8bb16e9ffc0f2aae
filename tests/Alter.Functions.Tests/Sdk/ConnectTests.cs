using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;
using Alter.Sdk;
using Alter.Testing;

namespace Alter.Functions.Tests.Sdk;

/// <summary>The SDK's side of Connect against the real vault.</summary>
public sealed class ConnectTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_program_without_a_page_connects_the_person_who_signs_in_as_its_user()
    {
        var ada = $"ada-{A.Unique()}";
        using var alter = App(vault.Desk(ada));

        var grants = await alter.ConnectAsync(Headless(url => WalkAsync(new Browser(vault), url, ada)), Now);

        var grant = Assert.Single(grants);
        Assert.Equal(("erp", GrantStatus.Active), (grant.ProviderId, grant.Status));
        using var response = await alter.RequestAsync(HttpMethod.Get, vault.Upstream.Echo().AbsoluteUri, "erp", Now);
        Assert.True(response.IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_stranger_who_gets_the_programs_link_connects_nothing()
    {
        using var alter = App(vault.Desk($"bob-{A.Unique()}"));

        var thrown = await Assert.ThrowsAsync<ConnectFlowException>(() => alter.ConnectAsync(Headless(url => WalkAsync(new Browser(vault), url, "mallory")), Now));

        Assert.Equal("user_mismatch", thrown.Code);
        Assert.Empty((await alter.ListGrantsPageAsync(cancellationToken: Now)).Grants);
    }

    [Fact]
    public async Task A_pending_grant_works_once_the_backend_has_completed_it()
    {
        var (ada, mallory) = (vault.Shop(), vault.Shop());
        using var alter = App(ada);
        using var foreign = App(mallory);
        var url = vault.Upstream.Echo().AbsoluteUri;
        var minted = await alter.CreateConnectSessionAsync(new ConnectSessionRequest { AllowedProviders = ["erp"], BrowserProof = BrowserProof.Complete }, Now);
        var session = new JsonObject { ["connect_url"] = minted.ConnectUrl };
        var browser = new Browser(vault);
        var consent = vault.Erp.Consent((await browser.AuthorizeUrlAsync(session, "erp")).OriginalString);
        (await browser.CallbackAsync("shop", "erp", consent)).Is(303);
        var code = (string)(await browser.OpenAsync(session)).Is(200).Json["grants"]![0]!["metadata"]!["completion_code"]!;
        await Assert.ThrowsAsync<GrantNotFoundException>(() => alter.RequestAsync(HttpMethod.Get, url, "erp", Now));
        Assert.Equal("connect_session_expired", (await Assert.ThrowsAsync<ConnectSessionException>(() => foreign.CompleteConnectAsync(code, cancellationToken: Now))).Code);

        var grants = await alter.CompleteConnectAsync(code, cancellationToken: Now);

        Assert.Equal(GrantStatus.Active, Assert.Single(grants).Status);
        using var response = await alter.RequestAsync(HttpMethod.Get, url, "erp", Now);
        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal(grants[0].GrantId, Assert.Single(await alter.CompleteConnectAsync(code, cancellationToken: Now)).GrantId);
    }

    private AlterApp App(Backend backend) =>
        new(new AlterOptions { ApiKey = backend.Key, BaseUrl = vault.PublicUrl, UserToken = _ => ValueTask.FromResult(backend.UserToken) });

    private static ConnectOptions Headless(Func<Uri, Task> walk) =>
        new() { Providers = ["erp"], OpenBrowser = false, PollInterval = TimeSpan.FromMilliseconds(100), ShowUrl = (url, _) => walk(url) };

    // The person opens the link, signs in at the app's provider, and consents at the other one where they get there.
    private async Task WalkAsync(Browser browser, Uri url, string user)
    {
        var session = new JsonObject { ["connect_url"] = url.OriginalString };
        var signIn = vault.People.Consent((await browser.AuthorizeUrlAsync(session, "erp")).OriginalString, user);
        var next = (await browser.SignInCallbackAsync("desk", "people", signIn)).Is(303).Location;
        if (next.IsAbsoluteUri)
        {
            (await browser.CallbackAsync("desk", "erp", vault.Erp.Consent(next.OriginalString, $"{user}@erp.example"))).Is(303);
        }
    }
}
