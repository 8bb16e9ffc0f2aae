using System.Net;

namespace Quickstart.Story;

/// <summary>The Connect window, with the person before it: what its script sends, and the pages it is led to.</summary>
internal sealed class ConnectWindow(Browser browser, StoryPlace place)
{
    private const string Page = "/sdk/oauth/connect";

    /// <summary>What the page is told of a session.</summary>
    public async Task<Answer> OpenAsync(string sessionToken, CancellationToken cancellationToken)
    {
        (await browser.GetAsync(new Uri(place.Vault, Page), cancellationToken)).Expect(HttpStatusCode.OK);
        var body = new { session_token = sessionToken, referrer_origin = place.Shop.GetLeftPart(UriPartial.Authority) };
        return await browser.FetchAsync(new Uri(place.Vault, Page + "/open"), body, cancellationToken);
    }

    /// <summary>The click on <em>Connect</em>: where to go, and the cookie that binds the flow to this browser.</summary>
    public Task<Answer> AuthorizeAsync(string sessionToken, CancellationToken cancellationToken, string provider = "calendar") => browser.FetchAsync(
        new Uri(place.Vault, Page + "/authorize"), new { session_token = sessionToken, provider, mode = "popup" }, cancellationToken);

    /// <summary>By way of the app's own sign-in, which needs no page where the person is signed in already.</summary>
    /// <returns>Where the browser arrives: the provider, or the Connect page again.</returns>
    public async Task<Uri> SignInAsync(Uri authorizationUrl, CancellationToken cancellationToken)
    {
        StoryFault.Expect("the sign-in", new Uri(place.IdentityProvider, "/connect/authorize").AbsoluteUri, authorizationUrl.GetLeftPart(UriPartial.Path));
        var back = (await browser.GetAsync(authorizationUrl, cancellationToken)).RedirectTarget;
        StoryFault.Expect("address of the sign-in's answer", new Uri(place.Vault, "/oauth/signin/shop/quickstart").AbsoluteUri, back.GetLeftPart(UriPartial.Path));
        return (await browser.GetAsync(back, cancellationToken)).Expect(HttpStatusCode.SeeOther).RedirectTarget;
    }

    /// <summary>At the calendar: choose an account, allow everything, or all but one scope.</summary>
    /// <returns>Where the calendar leads back to.</returns>
    public async Task<Uri> ConsentAsync(Uri authorizationUrl, string account, CancellationToken cancellationToken, string? without = null)
    {
        var accounts = await browser.GetAsync(authorizationUrl, cancellationToken);
        var consent = await browser.SubmitAsync(Form.In(accounts).Press("account", account), cancellationToken);
        return (await browser.SubmitAsync(Form.In(consent).Without("granted", without).Press("decision", "allow"), cancellationToken)).RedirectTarget;
    }

    /// <summary>Back at the vault's callback.</summary>
    /// <returns>The session token that the Connect page finds in its fragment.</returns>
    public async Task<string> ReturnAsync(Uri callback, CancellationToken cancellationToken, string provider = "calendar")
    {
        StoryFault.Expect("address of the callback", new Uri(place.Vault, $"/oauth/callback/shop/{provider}").AbsoluteUri, callback.GetLeftPart(UriPartial.Path));
        var target = (await browser.GetAsync(callback, cancellationToken)).Expect(HttpStatusCode.SeeOther).RedirectTarget;
        StoryFault.Expect("page after the callback", new Uri(place.Vault, Page).AbsoluteUri, target.GetLeftPart(UriPartial.Path));
        return target.Fragment.StartsWith("#session=", StringComparison.Ordinal)
            ? target.Fragment["#session=".Length..]
            : throw new StoryFault("fragment after the callback: expected #session=…, received something else");
    }

    /// <summary>What the shop's page learns, whose popup lost its opener.</summary>
    public Task<Answer> StatusAsync(string sessionToken, CancellationToken cancellationToken) =>
        browser.FetchTextAsync(new Uri(place.Vault, Page + "/status"), sessionToken, place.Shop, cancellationToken);
}
