using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace Alter.Bench.Running;

/// <summary>A user and their browser on the way through Connect, as far as HTTP sees it.</summary>
public sealed class ConnectingUser(BenchVault vault, string subject)
{
    private static readonly string[] Erp = ["erp"];

    private string cookies = "";
    private string sessionToken = "";

    /// <summary>The user's JWT.</summary>
    public string UserToken { get; } = vault.Caller.UserToken(subject);

    /// <summary>The app's backend mints a session.</summary>
    public async Task<int> MintAsync(CancellationToken cancellationToken)
    {
        using var request = vault.Caller.Request(HttpMethod.Post, "/sdk/oauth/connect/session", UserToken);
        request.Content = JsonContent.Create(new { allowed_providers = Erp });
        var (status, text) = await SendAsync(request, cancellationToken);
        if (status is 201)
        {
            sessionToken = Uri.UnescapeDataString(new Uri((string)JsonNode.Parse(text)!["connect_url"]!).Fragment["#session=".Length..]);
        }

        return status;
    }

    /// <summary>The page asks what it shows: the session's view, or null.</summary>
    public async Task<JsonNode?> OpenAsync(CancellationToken cancellationToken) =>
        await PostAsync("open", new { session_token = sessionToken, referrer_origin = "" }, cancellationToken) is (200, var text) ? JsonNode.Parse(text) : null;

    /// <summary>The page asks where to send the person: the provider's URL, or null.</summary>
    public async Task<string?> AuthorizeAsync(CancellationToken cancellationToken) =>
        await PostAsync("authorize", new { session_token = sessionToken, provider = "erp", mode = "popup" }, cancellationToken) is (200, var text)
            ? (string?)JsonNode.Parse(text)!["authorization_url"]
            : null;

    /// <summary>The provider leads back after consent.</summary>
    public async Task<int> CallbackAsync(IReadOnlyDictionary<string, string> consent, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(vault.Caller.Vault, QueryHelpers.AddQueryString($"/oauth/callback/{BenchVault.App}/erp", consent!)));
        return (await SendAsync(request, cancellationToken)).Status;
    }

    /// <summary>The page says that the person is done.</summary>
    public async Task<int> CloseAsync(CancellationToken cancellationToken) => (await PostAsync("close", new { session_token = sessionToken }, cancellationToken)).Status;

    /// <summary>The app's page asks how the session stands.</summary>
    public async Task<int> StatusAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(vault.Caller.Vault, "/sdk/oauth/connect/status")) { Content = new StringContent(sessionToken, Encoding.UTF8, "text/plain") };
        request.Headers.Add("Origin", BenchDocument.Origin);
        return (await SendAsync(request, cancellationToken)).Status;
    }

    /// <summary>The ids of the user's grants.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        using var request = vault.Caller.Request(HttpMethod.Get, "/sdk/grants", UserToken);
        var (status, text) = await SendAsync(request, cancellationToken);
        return status is 200 ? [.. JsonNode.Parse(text)!["grants"]!.AsArray().Select(grant => (string)grant!["grant_id"]!)] : throw new HttpRequestException($"The list answered {status}.");
    }

    /// <summary>Ends a grant.</summary>
    public async Task<int> RevokeAsync(string grantId, CancellationToken cancellationToken)
    {
        using var request = vault.Caller.Request(HttpMethod.Delete, $"/sdk/grants/{grantId}", UserToken);
        return (await SendAsync(request, cancellationToken)).Status;
    }

    private async Task<(int Status, string Text)> PostAsync(string path, object body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(vault.Caller.Vault, $"/sdk/oauth/connect/{path}")) { Content = JsonContent.Create(body) };
        request.Headers.Add("Origin", vault.Caller.Vault.GetLeftPart(UriPartial.Authority));
        var (status, text) = await SendAsync(request, cancellationToken);
        return (status, text);
    }

    private async Task<(int Status, string Text)> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (cookies.Length > 0)
        {
            request.Headers.Add("Cookie", cookies);
        }

        using var response = await vault.Caller.SendAsync(request, cancellationToken);
        if (response.Headers.TryGetValues("Set-Cookie", out var set))
        {
            cookies = string.Join("; ", set.Select(cookie => cookie.Split(';')[0]));
        }

        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }
}
