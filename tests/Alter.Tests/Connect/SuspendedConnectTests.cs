using Alter.Connect;
using Alter.Grants;
using Alter.Policies;
using Alter.Testing;

namespace Alter.Tests.Connect;

/// <summary>The operator suspends while people connect: another instance has read the new document already.</summary>
public sealed class SuspendedConnectTests(SharedAzurite azurite) : ConnectFixture(azurite)
{
    [Fact]
    public async Task No_session_is_minted_for_what_is_suspended_and_another_offers_only_what_is_not()
    {
        using var app = Suspended(Suspension.App);
        using var erp = Suspended(Suspension.Provider, "erp");

        Assert.Equal("app", RuleOf(await MintAsync(app)));
        Assert.Equal("provider", RuleOf(await MintAsync(erp, "erp")));
        Assert.Equal(["oidc"], await OfferedAsync(erp, Minted(await MintAsync(erp, "erp", "oidc"))));
        Assert.Equal(["oidc"], await OfferedAsync(erp, Minted(await MintAsync(erp))));
        Assert.IsType<Alter.InvalidRequest>(Refused(await MintAsync(erp, "none"))); // Mistakes are said first.
    }

    [Fact]
    public async Task A_session_minted_before_opens_and_leaves_for_nothing_that_is_suspended()
    {
        var session = await SessionAsync("erp", "oidc");
        using var erp = Suspended(Suspension.Provider, "erp");
        using var all = Suspended(Suspension.All);

        Assert.Equal(["oidc"], await OfferedAsync(erp, session));
        Assert.Equal("provider", RuleOf(await erp.Authorize.RunAsync(new ConnectChoice(session, "erp", ConnectMode.Popup), ConnectBrowser.New, Cancellation)));
        Assert.Equal("all", RuleOf(await all.Open.RunAsync(session, null, ConnectBrowser.New, Cancellation)));
        Assert.Equal("all", RuleOf(await all.Authorize.RunAsync(new ConnectChoice(session, "oidc", ConnectMode.Popup), ConnectBrowser.New, Cancellation)));
        Assert.Equal(["erp", "oidc"], await OfferedAsync(Vault, session)); // Resumed.
    }

    [Fact]
    public async Task A_code_that_comes_back_is_never_redeemed_and_the_page_says_why()
    {
        var session = await SessionAsync("erp", "oidc");
        var redirect = await AuthorizeAsync(session);
        var response = Consented(redirect);
        using var erp = Suspended(Suspension.Provider, "erp");

        Assert.True((await FinishAsync(response, redirect.Cookie, vault: erp)).Succeeded(out var back, out _));

        Assert.Equal(session, back);
        Assert.Empty(Provider.Requests);
        Assert.Empty(await GrantsAsync());
        Assert.True((await erp.Open.RunAsync(session, null, new ConnectBrowser(redirect.Cookie), Cancellation)).Succeeded(out var view, out _));
        Assert.Equal(("error", "policy_violation", "oidc"), (view.Status, view.ErrorCode, Assert.Single(view.Providers).Id));
        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync(response, redirect.Cookie))); // Resumed: the flow has ended all the same.
        Assert.Empty(Provider.Requests);

        var again = await AuthorizeAsync(session, cookie: redirect.Cookie);
        Assert.True((await FinishAsync(Consented(again), again.Cookie)).Succeeded(out _, out _));
        Assert.Single(await GrantsAsync());
    }

    [Fact]
    public async Task A_session_whose_other_providers_are_suspended_is_complete_with_what_it_has()
    {
        var session = await SessionAsync("erp", "oidc");
        var redirect = await AuthorizeAsync(session);
        Assert.True((await FinishAsync(Consented(redirect), redirect.Cookie)).Succeeded(out _, out _));
        using var oidc = Suspended(Suspension.Provider, "oidc");
        using var all = Suspended(Suspension.All);

        foreach (var vault in new[] { oidc, all })
        {
            Assert.True((await vault.Open.RunAsync(session, null, new ConnectBrowser(redirect.Cookie), Cancellation)).Succeeded(out var view, out _));
            Assert.Equal(("complete", "erp"), (view.Status, Assert.Single(view.Providers).Id));
            Assert.Equal("complete", (await vault.Status.RunAsync(session, Cancellation)).View.Status);
        }

        Assert.Equal("open", (await StatusAsync(session)).Status);
    }

    [Fact]
    public async Task What_waits_for_the_backend_is_not_completed_while_it_is_suspended_and_is_afterwards()
    {
        var request = new ConnectSessionRequest { AllowedProviders = ["erp"], ReturnUrl = "https://shop.acme.com/connected", BrowserProof = "complete" };
        Assert.True((await Vault.Minting.MintAsync(Vault.App, Vault.User(), "Ada", request, Cancellation)).Succeeded(out var created, out _));
        var redirect = await AuthorizeAsync(created.SessionToken);
        Assert.True((await FinishAsync(Consented(redirect), redirect.Cookie)).Succeeded(out _, out _));
        var owner = await Vault.OwnerAsync();
        var pending = Assert.Single((await Vault.Store.ListAllAsync(owner, Cancellation)).Pending);
        var code = CompletionCode.Of((await Vault.Ring.FindAsync(pending.Secrets.KeyVersion, Cancellation))!, pending);
        using var app = Suspended(Suspension.App);

        Assert.Equal("app", RuleOf(await app.Complete.RunAsync(app.App, owner, code, Cancellation)));
        Assert.IsType<ConnectSessionExpired>(Refused(await app.Complete.RunAsync(app.App, owner, new string('x', 43), Cancellation)));
        Assert.Empty(await GrantsAsync());

        Assert.True((await Vault.Complete.RunAsync(Vault.App, owner, code, Cancellation)).Succeeded(out _, out _));
        Assert.Equal(GrantStatus.Active, Assert.Single(await GrantsAsync()).Status);
        Assert.True((await app.Complete.RunAsync(app.App, owner, code, Cancellation)).Succeeded(out _, out _)); // Said again, not done again.
    }

    private Vault Suspended(Suspension suspension, string? provider = null) => new(new VaultSetup(Storage, provider is null
        ? Vault.App.SuspendedBy(suspension)
        : Vault.App with { Providers = Vault.App.Providers.ToDictionary(entry => entry.Key, entry => entry.Key == provider ? entry.Value.SuspendedBy(suspension) : entry.Value) })
    {
        Time = Time,
        Keys = Keys,
    });

    private static Task<Outcome<ConnectSessionCreated>> MintAsync(Vault vault, params string[] providers) => vault.Minting.MintAsync(
        vault.App,
        vault.User(),
        "Ada",
        new ConnectSessionRequest { AllowedProviders = providers.Length > 0 ? providers : null, ReturnUrl = "https://shop.acme.com/connected" },
        Cancellation);

    private static string Minted(Outcome<ConnectSessionCreated> minted)
    {
        Assert.True(minted.Succeeded(out var created, out var refusal), refusal?.Detail);
        return created.SessionToken;
    }

    private static async Task<IEnumerable<string>> OfferedAsync(Vault vault, string session)
    {
        Assert.True((await vault.Open.RunAsync(session, null, ConnectBrowser.New, Cancellation)).Succeeded(out var view, out var refusal), refusal?.Detail);
        return view.Providers.Select(provider => provider.Id);
    }

    private static string RuleOf<T>(Outcome<T> outcome)
        where T : notnull => Assert.IsType<PolicyViolation>(Refused(outcome)).PolicyError.Rule;
}
