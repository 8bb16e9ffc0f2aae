using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Quickstart.Story;

/// <summary>The shop's backend as the vault sees it: an app key, and the token of the user it acts for.</summary>
internal sealed class Backend(HttpClient http, StoryPlace place)
{
    /// <param name="userToken">On whose behalf.</param>
    /// <param name="provider">The one provider of the session.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="grantSeconds">How long the grant may live; null: as the document says.</param>
    public Task<Answer> MintSessionAsync(string userToken, string provider, CancellationToken cancellationToken, int? grantSeconds = null)
    {
        var order = new Dictionary<string, object> { ["allowed_providers"] = new[] { provider }, ["allowed_origin"] = place.Shop.GetLeftPart(UriPartial.Authority) };
        if (grantSeconds is { } seconds)
        {
            order["grant_policy"] = new { default_ttl_seconds = seconds };
        }

        return SendAsync(new HttpRequestMessage(HttpMethod.Post, "/sdk/oauth/connect/session") { Content = JsonContent.Create(order) }, userToken, cancellationToken);
    }

    /// <summary>GET of the calendar's events, or of another URL, the grant found by provider and account or given by its id.</summary>
    public Task<Answer> EventsAsync(string userToken, CancellationToken cancellationToken, string? account = null, string? grantId = null, Uri? url = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/sdk/proxy");
        request.Headers.Add("X-Alter-Url", (url ?? new Uri(place.Calendar, "/api/events")).AbsoluteUri);
        request.Headers.Add(grantId is null ? "X-Alter-Provider" : "X-Alter-Grant-Id", grantId ?? "calendar");
        if (account is not null)
        {
            request.Headers.Add("X-Alter-Account", account);
        }

        return SendAsync(request, userToken, cancellationToken);
    }

    /// <summary>DELETE of an event, which the document allows nobody.</summary>
    public Task<Answer> RemoveEventAsync(string userToken, string account, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Delete, "/sdk/proxy");
        request.Headers.Add("X-Alter-Url", new Uri(place.Calendar, "/api/events/1").AbsoluteUri);
        request.Headers.Add("X-Alter-Provider", "calendar");
        request.Headers.Add("X-Alter-Account", account);
        return SendAsync(request, userToken, cancellationToken);
    }

    /// <summary>What was recorded of the user with this outcome.</summary>
    public Task<Answer> AuditAsync(string userToken, string outcome, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/sdk/audit?outcome={outcome}"), userToken, cancellationToken);

    public Task<Answer> ListAsync(string userToken, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, "/sdk/grants"), userToken, cancellationToken);

    public Task<Answer> RevokeAsync(string userToken, string grantId, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"/sdk/grants/{grantId}"), userToken, cancellationToken);

    private async Task<Answer> SendAsync(HttpRequestMessage request, string userToken, CancellationToken cancellationToken)
    {
        using (request)
        {
            request.RequestUri = new Uri(place.Vault, request.RequestUri!);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", place.AppKey);
            request.Headers.Add("X-Alter-User-Token", userToken);
            using var answer = await http.SendAsync(request, cancellationToken);
            return new Answer(request.RequestUri, answer.StatusCode, answer.Headers.Location, await answer.Content.ReadAsStringAsync(cancellationToken));
        }
    }
}
