using System.Buffers.Text;
using System.Net;
using System.Text;

namespace Quickstart.Story;

/// <content>Revoking, and what others try.</content>
internal sealed partial class Scenes
{
    private static readonly TimeSpan ToldWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    // Ada's own token with another name in it, under the old signature.
    private async Task ForgedAsync(CancellationToken cancellationToken)
    {
        var parts = ada.Split('.');
        var claims = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])).Replace("\"sub\":\"ada\"", "\"sub\":\"bob\"", StringComparison.Ordinal);
        var forged = $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.{parts[2]}";
        StoryFault.Expect("the forgery differs from Ada's token", true, forged != ada);
        var refusal = (await backend.ListAsync(forged, cancellationToken)).ExpectError(HttpStatusCode.Unauthorized, "invalid_user_token");
        StoryFault.Expect("reason", "signature", refusal["reason"]);
    }

    private async Task StrangerAsync(CancellationToken cancellationToken)
    {
        StoryFault.Expect("grants in Bob's list", "0", (await backend.ListAsync(bob, cancellationToken)).Expect(HttpStatusCode.OK)["total"]);
        (await backend.EventsAsync(bob, cancellationToken)).ExpectError(HttpStatusCode.NotFound, "grant_not_found");
        (await backend.EventsAsync(bob, cancellationToken, grantId: privateGrant)).ExpectError(HttpStatusCode.NotFound, "grant_not_found");
        (await backend.RevokeAsync(bob, privateGrant, cancellationToken)).ExpectError(HttpStatusCode.NotFound, "grant_not_found");
    }

    private async Task RevokeAsync(CancellationToken cancellationToken)
    {
        before = await CalendarStatistics.ReadAsync(http, place, cancellationToken);
        revokedAt = (await backend.RevokeAsync(ada, privateGrant, cancellationToken)).Expect(HttpStatusCode.OK)["revoked_at"];
    }

    private async Task RevokedAsync(CancellationToken cancellationToken)
    {
        (await backend.EventsAsync(ada, cancellationToken, grantId: privateGrant)).ExpectError(HttpStatusCode.Forbidden, "grant_revoked");
        (await backend.EventsAsync(ada, cancellationToken)).Expect(HttpStatusCode.OK); // One is left, so nothing is ambiguous any more.
    }

    private async Task RevokeAgainAsync(CancellationToken cancellationToken) =>
        StoryFault.Expect("revoked_at", revokedAt, (await backend.RevokeAsync(ada, privateGrant, cancellationToken)).Expect(HttpStatusCode.OK)["revoked_at"]);

    private async Task DeniedAsync(CancellationToken cancellationToken)
    {
        var refusal = (await backend.RemoveEventAsync(ada, Work, cancellationToken)).ExpectError(HttpStatusCode.Forbidden, "policy_violation");
        StoryFault.Expect("policy", "no_removing", refusal.Json.GetProperty("policy_error").GetProperty("policy").GetString());
    }

    // It follows what it tells of within moments.
    private async Task RecordedAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var page = (await backend.AuditAsync(ada, "policy_violation", cancellationToken)).Expect(HttpStatusCode.OK).Json.GetProperty("entries");
            if (page.GetArrayLength() > 0)
            {
                StoryFault.Expect("entries of denied calls", 1, page.GetArrayLength());
                var (entry, url) = (page[0], new Uri(place.Calendar, "/api/events/1").AbsoluteUri);
                StoryFault.Expect("what it was", $"DELETE {url}", $"{entry.GetProperty("method").GetString()} {entry.GetProperty("url").GetString()}");
                StoryFault.Expect("policy", "no_removing", entry.GetProperty("policy").GetString());
                StoryFault.Expect("a sentence says why", true, entry.GetProperty("explain").GetString() is { Length: > 0 });
                return;
            }

            if (time.GetElapsedTime(started) > ToldWithin)
            {
                throw new StoryFault($"entry of the denied call within {ToldWithin.TotalSeconds:0} s: expected 1, received none");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    // The calendar knows every token it ever issued; none of them may have come through.
    private async Task NoTokenAsync(CancellationToken cancellationToken)
    {
        var url = new Uri(place.Calendar, "/demo/tokens");
        using var response = await http.GetAsync(url, cancellationToken);
        var issued = new Answer(url, response.StatusCode, null, await response.Content.ReadAsStringAsync(cancellationToken)).Expect(HttpStatusCode.OK).Json;
        var tokens = issued.EnumerateArray().Select(token => token.GetString()!).Concat([place.AppKey, ada, bob]).ToArray();
        StoryFault.Expect("the calendar issued tokens", true, tokens.Length > 3);
        foreach (var (answers, holding) in tokens.Select(witness.Search))
        {
            StoryFault.Expect($"answers with a token in them, of {answers}", "0", $"{holding}");
        }
    }

    private async Task ToldAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while ((await CalendarStatistics.ReadAsync(http, place, cancellationToken)).Revocations <= before.Revocations)
        {
            if (time.GetElapsedTime(started) > ToldWithin)
            {
                throw new StoryFault($"revocations at the calendar within {ToldWithin.TotalSeconds:0} s: expected {before.Revocations + 1}, received {before.Revocations}");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }
}
