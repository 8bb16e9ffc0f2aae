using Alter.Connect;
using Alter.Grants;
using Alter.Testing;

namespace Alter.Tests.Connect;

/// <summary>What somebody learns, and spoils, who holds the link of a session and is not the person at the browser that connects.</summary>
public sealed class LinkHolderTests(SharedAzurite azurite) : ConnectFixture(azurite)
{
    [Fact]
    public async Task The_sender_of_a_link_does_not_learn_whose_account_waits_to_be_completed()
    {
        // The session is the sender's own; the person it was sent to has just allowed everything, and nothing is completed.
        var session = await MintAsync("complete", "erp");
        var redirect = await AuthorizeAsync(session);
        Assert.True((await FinishAsync(Consented(redirect, "victim@example.com"), redirect.Cookie)).Succeeded(out _, out var refusal), refusal?.Code);

        Assert.True((await Vault.Listing.ListAsync(
            Vault.App, await Vault.OwnerAsync(), new GrantQuery(null, null, new HashSet<GrantStatus> { GrantStatus.Pending }, 10, 0, null), Cancellation)).Succeeded(out var page, out _));
        foreach (var seen in new[] { Assert.Single((await StatusAsync(session)).Grants), Assert.Single(page.Grants) })
        {
            Assert.Equal(("pending", seen.GrantId.ToString("D"), null), (seen.Status, seen.AccountIdentifier, seen.AccountDisplayName));
            Assert.Null(seen.Metadata?.AccountEmail);
            Assert.Null(seen.Metadata?.AccountDisplayName);
        }

        // The browser itself is shown what it brought.
        Assert.Equal("victim@example.com", Assert.Single((await OpenAsync(session, redirect.Cookie)).Grants).AccountIdentifier);
    }

    [Fact]
    public async Task Who_comes_back_with_nothing_is_shown_nothing_of_others_and_closes_nothing()
    {
        var session = await MintAsync("confirm", "erp", "oidc");
        var mallory = await AuthorizeAsync(session, "oidc");
        await DenyAsync(mallory);
        Assert.IsType<ConnectSessionUsed>(Refused(await Vault.Close.RunAsync(session, new ConnectBrowser(mallory.Cookie), Cancellation)));

        var ada = await AuthorizeAsync(session);
        Assert.True((await FinishAsync(Consented(ada), ada.Cookie)).Succeeded(out _, out var refusal), refusal?.Code);
        await DenyAsync(await AuthorizeAsync(session, "oidc", mallory.Cookie));

        var seen = await OpenAsync(session, mallory.Cookie);
        Assert.Empty(seen.Grants);
        Assert.DoesNotContain("account_identifier", seen.ReturnTo, StringComparison.Ordinal);
        Assert.IsType<ConnectSessionUsed>(Refused(await Vault.Close.RunAsync(session, new ConnectBrowser(mallory.Cookie), Cancellation)));

        // Her own result still reaches Ada, and so does what she is refused herself.
        Assert.Single((await OpenAsync(session, ada.Cookie)).Grants);
        await DenyAsync(await AuthorizeAsync(session, "oidc", ada.Cookie));
        var own = await OpenAsync(session, ada.Cookie);
        Assert.Equal(("error", "access_denied", 1), (own.Status, own.Error, own.Grants.Count));
        Assert.True((await Vault.Close.RunAsync(session, new ConnectBrowser(ada.Cookie), Cancellation)).Succeeded(out _, out _));
    }

    [Fact]
    public async Task What_one_browser_was_told_stands_in_no_other_browsers_address()
    {
        var session = await MintAsync("confirm", "erp", "oidc");
        var mallory = await AuthorizeAsync(session, "oidc");
        var words = new CallbackParameters(null, StateOf(mallory), Provider.Issuer, "access_denied", "Please call 555-0100 at once");
        Assert.True((await FinishAsync(words, mallory.Cookie, "oidc")).Succeeded(out _, out _));

        Assert.Contains("555-0100", (await OpenAsync(session, mallory.Cookie)).ReturnTo, StringComparison.Ordinal);
        Assert.DoesNotContain("555-0100", (await OpenAsync(session, FlowCookie.New())).ReturnTo, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_gets_the_code_of_what_it_brought_although_another_came_back_last()
    {
        // Or although the vault fell over before it noted who came back: no note is needed to compute the code.
        var session = await MintAsync("complete", "erp", "oidc");
        var (ada, mallory) = (await AuthorizeAsync(session), await AuthorizeAsync(session, "oidc"));
        Assert.True((await FinishAsync(Consented(ada), ada.Cookie)).Succeeded(out _, out var refusal), refusal?.Code);
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await FinishAsync(Consented(mallory, "mallory@example.com"), mallory.Cookie, "oidc")).Succeeded(out _, out refusal), refusal?.Code);

        var view = await OpenAsync(session, ada.Cookie);
        var code = Assert.Single(view.Grants, grant => grant.Provider == "erp").Metadata!.CompletionCode!;
        Assert.Contains($"completion_code={code}", view.ReturnTo, StringComparison.Ordinal);
        Assert.Contains("provider=erp", view.ReturnTo, StringComparison.Ordinal);
        Assert.IsType<ConnectSessionUsed>(Refused(await Vault.Open.RunAsync(session, null, new ConnectBrowser(FlowCookie.New()), Cancellation)));
    }

    [Fact]
    public async Task What_leads_a_browser_on_never_prints()
    {
        var session = await MintAsync("complete", "erp");
        var redirect = await AuthorizeAsync(session);
        Assert.True((await FinishAsync(Consented(redirect), redirect.Cookie)).Succeeded(out _, out _));
        var view = await OpenAsync(session, redirect.Cookie);

        Assert.DoesNotContain(Assert.Single(view.Grants).Metadata!.CompletionCode!, view.ToString(), StringComparison.Ordinal);
    }

    private async Task DenyAsync(AuthorizationRedirect redirect) =>
        Assert.True((await FinishAsync(new CallbackParameters(null, StateOf(redirect), Provider.Issuer, "access_denied", null), redirect.Cookie, "oidc")).Succeeded(out _, out _));

    private async Task<ConnectView> OpenAsync(string session, string cookie)
    {
        Assert.True((await Vault.Open.RunAsync(session, null, new ConnectBrowser(cookie), Cancellation)).Succeeded(out var view, out var refusal), refusal?.Code);
        return view;
    }

    private async Task<string> MintAsync(string proof, params string[] providers)
    {
        var request = new ConnectSessionRequest { AllowedProviders = providers, BrowserProof = proof, ReturnUrl = "https://shop.acme.com/connected" };
        Assert.True((await Vault.Minting.MintAsync(Vault.App, Vault.User(), "Ada", request, Cancellation)).Succeeded(out var created, out var refusal), refusal?.Detail);
        return created.SessionToken;
    }
}
