using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Alter.Functions.Tests.Running;

/// <summary>An application's backend: HTTP and nothing else.</summary>
/// <param name="vault">The vault it calls.</param>
/// <param name="key">Its app key.</param>
/// <param name="userToken">The user's JWT; null: none is sent.</param>
public sealed class Backend(RunningVault vault, string key, string? userToken)
{
    /// <summary>No redirects, no cookies, no proxy: what a test sends is what arrives. Every answer of a vault must be as docs/openapi.json has it.</summary>
    public static HttpClient Http { get; } = new(
        new DocumentedAnswers(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8,
        }),
        disposeHandler: true) { Timeout = TimeSpan.FromSeconds(60) };

    public RunningVault Vault => vault;

    public string Key => key;

    public string? UserToken => userToken;

    /// <summary>A request with the credentials on it.</summary>
    public HttpRequestMessage Request(HttpMethod method, string path, object? body = null)
    {
        var request = new HttpRequestMessage(method, new Uri(vault.PublicUrl, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (userToken is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Alter-User-Token", userToken);
        }

        request.Content = body switch
        {
            null => null,
            HttpContent content => content,
            string text => new StringContent(text, new MediaTypeHeaderValue("application/json")),
            _ => JsonContent.Create(body),
        };
        return request;
    }

    /// <summary>Sends one request.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body = null, Action<HttpRequestMessage>? change = null)
    {
        using var request = Request(method, path, body);
        change?.Invoke(request);
        return await Answer.ReadAsync(await Http.SendAsync(request, TestContext.Current.CancellationToken));
    }

    /// <summary>Mints a Connect session.</summary>
    public Task<Answer> MintAsync(object body, Action<HttpRequestMessage>? change = null) => SendAsync(HttpMethod.Post, "/sdk/oauth/connect/session", body, change);

    /// <summary>A session for one provider.</summary>
    public async Task<JsonNode> SessionAsync(string provider) => (await MintAsync(new { allowed_providers = new[] { provider } })).Is(201).Json;

    /// <summary>One GET through the proxy, the grant found by provider.</summary>
    public Task<Answer> CallAsync(string provider, Uri url, Action<HttpRequestMessage>? change = null) => ProxyAsync(HttpMethod.Get, url, request =>
    {
        request.Headers.Add("X-Alter-Provider", provider);
        change?.Invoke(request);
    });

    /// <summary>One GET through the proxy, the grant named by id.</summary>
    public Task<Answer> CallByIdAsync(string grantId, Uri url) => ProxyAsync(HttpMethod.Get, url, request => request.Headers.Add("X-Alter-Grant-Id", grantId));

    /// <summary>Any call through the proxy.</summary>
    public Task<Answer> ProxyAsync(HttpMethod method, Uri url, Action<HttpRequestMessage> change) => SendAsync(method, "/sdk/proxy", null, request =>
    {
        request.Headers.TryAddWithoutValidation("X-Alter-Url", url.OriginalString);
        change(request);
    });

    /// <summary>A page of the user's grants.</summary>
    public async Task<JsonNode> ListAsync(string query = "") => (await SendAsync(HttpMethod.Get, $"/sdk/grants{query}")).Is(200).Json;

    /// <summary>Ends a grant.</summary>
    public Task<Answer> RevokeAsync(string grantId) => SendAsync(HttpMethod.Delete, $"/sdk/grants/{grantId}");

    /// <summary>Connects an account of <c>erp</c> or <c>crm</c> for the user; the grant.</summary>
    public async Task<JsonNode> ConnectAsync(string provider = "erp", string? account = null, string app = "shop")
    {
        var browser = new Browser(vault);
        var session = await SessionAsync(provider);
        var url = await browser.AuthorizeUrlAsync(session, provider);
        var consent = (provider == "erp" ? vault.Erp : vault.Crm).Consent(url.OriginalString, account ?? $"{Testing.A.Unique()}@erp.example");
        (await browser.CallbackAsync(app, provider, consent)).Is(303);
        return (await browser.OpenAsync(session)).Is(200).Json["grants"]![0]!;
    }
}
