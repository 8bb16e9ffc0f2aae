using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Quickstart.Story;

/// <summary>The shop's backend as the vault sees it: an app key, and the token of the user it acts for.</summary>
internal sealed class Backend(HttpClient http, StoryPlace place)
{
    public Task<Answer> MintSessionAsync(string userToken, string provider, CancellationToken cancellationToken) => SendAsync(
        new HttpRequestMessage(HttpMethod.Post, "/sdk/oauth/connect/session")
        {
            Content = JsonContent.Create(new { allowed_providers = new[] { provider }, allowed_origin = place.Shop.GetLeftPart(UriPartial.Authority) }),
        },
        userToken,
        cancellationToken);

    /// <summary>GET of the calendar's events, the grant found by provider and account or given by its id.</summary>
    public Task<Answer> EventsAsync(string userToken, CancellationToken cancellationToken, string? account = null, string? grantId = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/sdk/proxy");
        request.Headers.Add("X-Alter-Url", new Uri(place.Calendar, "/api/events").AbsoluteUri);
        request.Headers.Add(grantId is null ? "X-Alter-Provider" : "X-Alter-Grant-Id", grantId ?? "calendar");
        if (account is not null)
        {
            request.Headers.Add("X-Alter-Account", account);
        }

        return SendAsync(request, userToken, cancellationToken);
    }

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
