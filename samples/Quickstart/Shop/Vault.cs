using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Quickstart.Shop;

/// <summary>The vault, over plain HTTP: these few lines are all it takes in any language.</summary>
internal sealed class Vault(HttpClient http, ShopOptions options)
{
    /// <summary>A session in which this user may connect one provider.</summary>
    /// <param name="userToken">The user's own JWT, from the identity provider.</param>
    /// <param name="provider">What to connect.</param>
    /// <param name="returnUrl">Where the browser comes back to; null for a popup.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<HttpResponseMessage> OpenConnectSessionAsync(string userToken, string provider, Uri? returnUrl, CancellationToken cancellationToken)
    {
        var body = new Dictionary<string, object>
        {
            ["allowed_providers"] = new[] { provider },
            ["allowed_origin"] = options.Url.GetLeftPart(UriPartial.Authority),
        };
        if (returnUrl is not null)
        {
            body["return_url"] = returnUrl.AbsoluteUri;
        }

        return SendAsync(new HttpRequestMessage(HttpMethod.Post, "/sdk/oauth/connect/session") { Content = JsonContent.Create(body) }, userToken, cancellationToken);
    }

    /// <summary>One call to a provider, with the user's credential put in by the vault.</summary>
    public Task<HttpResponseMessage> CallAsync(string userToken, string provider, Uri url, string? account, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/sdk/proxy");
        request.Headers.Add("X-Alter-Provider", provider);
        request.Headers.Add("X-Alter-Url", url.AbsoluteUri);
        if (account is not null)
        {
            request.Headers.Add("X-Alter-Account", account);
        }

        return SendAsync(request, userToken, cancellationToken);
    }

    /// <summary>What the user has connected.</summary>
    public Task<HttpResponseMessage> ListGrantsAsync(string userToken, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, "/sdk/grants?limit=100"), userToken, cancellationToken);

    /// <summary>Ends one grant.</summary>
    public Task<HttpResponseMessage> RevokeAsync(string userToken, Guid grantId, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"/sdk/grants/{grantId}"), userToken, cancellationToken);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string userToken, CancellationToken cancellationToken)
    {
        using (request)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
            request.Headers.Add("X-Alter-User-Token", userToken);
            return await http.SendAsync(request, cancellationToken);
        }
    }
}
