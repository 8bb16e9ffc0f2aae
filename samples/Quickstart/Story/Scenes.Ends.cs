using System.Net;

namespace Quickstart.Story;

/// <content>How a grant stops working without anybody revoking it here, and how it works again.</content>
internal sealed partial class Scenes
{
    private const int ShortLife = 10; // Seconds; they count from the minting, so a slow machine must be able to connect within.

    private string tasksGrant = "", shortGrant = "";

    private async Task ElsewhereAsync(CancellationToken cancellationToken)
    {
        var elsewhere = new Uri("https://elsewhere.example/api/events");
        var refusal = (await backend.EventsAsync(ada, cancellationToken, url: elsewhere)).ExpectError(HttpStatusCode.BadRequest, "url_not_allowed");
        StoryFault.Expect("url_host", elsewhere.Host, refusal["url_host"]);
    }

    private async Task LeftOutAsync(CancellationToken cancellationToken)
    {
        tasksGrant = await ConnectAsync("tasks", WorkId, cancellationToken, without: "calendar.write");
        var refusal = (await backend.EventsAsync(ada, cancellationToken, grantId: tasksGrant)).ExpectError(HttpStatusCode.Forbidden, "scope_reauth_required");
        StoryFault.Expect("missing_scopes", "calendar.write", Sorted(refusal.Json.GetProperty("missing_scopes").EnumerateArray()));
    }

    private async Task AllowedAsync(CancellationToken cancellationToken)
    {
        StoryFault.Expect("grant", tasksGrant, await ConnectAsync("tasks", WorkId, cancellationToken));
        (await backend.EventsAsync(ada, cancellationToken, grantId: tasksGrant)).Expect(HttpStatusCode.OK);
    }

    private async Task ExpireAsync(CancellationToken cancellationToken)
    {
        var minted = time.GetTimestamp();
        shortGrant = await ConnectAsync("calendar", PrivateId, cancellationToken, seconds: ShortLife);
        await WaitAsync(minted, TimeSpan.FromSeconds(ShortLife), cancellationToken);
        (await backend.EventsAsync(ada, cancellationToken, grantId: shortGrant)).ExpectError(HttpStatusCode.Forbidden, "grant_expired");
    }

    // The calendar tells nobody; it refuses the refresh token when that is presented next.
    private async Task RemovedAsync(CancellationToken cancellationToken)
    {
        var apps = await adasBrowser.GetAsync(new Uri(place.Calendar, "/apps"), cancellationToken);
        (await adasBrowser.SubmitAsync(Form.In(apps).Press("account", WorkId), cancellationToken)).Expect(HttpStatusCode.OK);
        await WaitAsync(time.GetTimestamp(), place.AccessTokenLifetime, cancellationToken);
        (await backend.EventsAsync(ada, cancellationToken, grantId: workGrant)).ExpectError(HttpStatusCode.Forbidden, "credential_revoked");
    }

    private async Task ReconnectedAsync(CancellationToken cancellationToken)
    {
        StoryFault.Expect("grant", workGrant, await ConnectAsync("calendar", WorkId, cancellationToken));
        (await backend.EventsAsync(ada, cancellationToken, grantId: workGrant)).Expect(HttpStatusCode.OK);
    }

    private Task WaitAsync(long since, TimeSpan span, CancellationToken cancellationToken)
    {
        var left = span + TimeSpan.FromMilliseconds(500) - time.GetElapsedTime(since);
        return left > TimeSpan.Zero ? Task.Delay(left, time, cancellationToken) : Task.CompletedTask;
    }
}
