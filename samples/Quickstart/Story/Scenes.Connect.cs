using System.Net;
using System.Text.Json;

namespace Quickstart.Story;

/// <content>Connecting accounts.</content>
internal sealed partial class Scenes
{
    private async Task MintAsync(CancellationToken cancellationToken) =>
        session = (await backend.MintSessionAsync(ada, "calendar", cancellationToken)).Expect(HttpStatusCode.Created)["session_token"];

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var view = (await window.OpenAsync(session, cancellationToken)).Expect(HttpStatusCode.OK);
        StoryFault.Expect("status", "open", view["status"]);
        StoryFault.Expect("user", "Ada Lovelace", view["user"]);
    }

    private async Task AuthorizeAsync(CancellationToken cancellationToken)
    {
        destination = await window.SignInAsync(await BegunAsync(window, cancellationToken), cancellationToken);
        StoryFault.Expect("authorization endpoint", new Uri(place.Calendar, "/connect/authorize").AbsoluteUri, destination.GetLeftPart(UriPartial.Path));
        var parameters = Query.Read(destination);
        StoryFault.Expect("code_challenge_method", "S256", parameters.GetValueOrDefault("code_challenge_method"));
        StoryFault.Expect("a state is there", true, parameters.ContainsKey("state"));
    }

    // The link of Ada's session, in the browser of somebody who is signed in as Bob.
    private async Task OtherBrowserAsync(CancellationToken cancellationToken)
    {
        var browser = new Browser(http);
        bob = await new IdentityClient(http, place).SignInAsync(browser, "bob", cancellationToken);
        var stranger = new ConnectWindow(browser, place);
        var back = await stranger.SignInAsync(await BegunAsync(stranger, cancellationToken), cancellationToken);
        StoryFault.Expect("page after the sign-in", new Uri(place.Vault, "/sdk/oauth/connect").AbsoluteUri, back.GetLeftPart(UriPartial.Path));
        StoryFault.Expect("error", "user_mismatch", (await stranger.OpenAsync(session, cancellationToken)).Expect(HttpStatusCode.OK)["error"]);
    }

    private async Task<Uri> BegunAsync(ConnectWindow at, CancellationToken cancellationToken, string provider = "calendar") =>
        new((await at.AuthorizeAsync(session, cancellationToken, provider)).Expect(HttpStatusCode.OK)["authorization_url"]);

    private async Task CompleteAsync(CancellationToken cancellationToken) => privateGrant = await ConnectedAsync(Private, cancellationToken);

    private async Task ConnectSecondAsync(CancellationToken cancellationToken)
    {
        workGrant = await ConnectAsync("calendar", WorkId, cancellationToken);
        StoryFault.Expect("the second grant is another", true, workGrant != privateGrant);
    }

    // A session of its own, all the way; the grant's id.
    private async Task<string> ConnectAsync(string provider, string accountId, CancellationToken cancellationToken, int? seconds = null, string? without = null)
    {
        session = (await backend.MintSessionAsync(ada, provider, cancellationToken, seconds)).Expect(HttpStatusCode.Created)["session_token"];
        await OpenAsync(cancellationToken);
        var url = await BegunAsync(window, cancellationToken, provider); // The vault remembers the sign-in.
        await window.ReturnAsync(await window.ConsentAsync(url, accountId, cancellationToken, without), cancellationToken, provider);
        return await ConnectedAsync(accountId is PrivateId ? Private : Work, cancellationToken);
    }

    // The page in the browser that finished, and the shop's page that asks for the status, must be told the same.
    private async Task<string> ConnectedAsync(string account, CancellationToken cancellationToken)
    {
        var view = (await window.OpenAsync(session, cancellationToken)).Expect(HttpStatusCode.OK);
        StoryFault.Expect("status on the page", "complete", view["status"]);
        var status = (await window.StatusAsync(session, cancellationToken)).Expect(HttpStatusCode.OK);
        StoryFault.Expect("status", "complete", status["status"]);
        var grant = OnlyGrant(status.Json);
        StoryFault.Expect("account", account, grant.GetProperty("account_identifier").GetString());
        StoryFault.Expect("grant on the page", OnlyGrant(view.Json).GetProperty("grant_id").GetString(), grant.GetProperty("grant_id").GetString());
        return grant.GetProperty("grant_id").GetString()!;
    }

    private static JsonElement OnlyGrant(JsonElement view)
    {
        var grants = view.GetProperty("grants");
        StoryFault.Expect("grants of the session", 1, grants.GetArrayLength());
        return grants[0];
    }
}
