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
        destination = new Uri((await window.AuthorizeAsync(session, cancellationToken)).Expect(HttpStatusCode.OK)["authorization_url"]);
        StoryFault.Expect("authorization endpoint", new Uri(place.Calendar, "/connect/authorize").AbsoluteUri, destination.GetLeftPart(UriPartial.Path));
        var parameters = Query.Read(destination);
        StoryFault.Expect("code_challenge_method", "S256", parameters.GetValueOrDefault("code_challenge_method"));
        StoryFault.Expect("a state is there", true, parameters.ContainsKey("state"));
    }

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
        var url = new Uri((await window.AuthorizeAsync(session, cancellationToken, provider)).Expect(HttpStatusCode.OK)["authorization_url"]);
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
