using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Alter.Testing;

namespace Alter.Bench.Running;

/// <summary>What came of one call through the vault.</summary>
/// <param name="Status">0: the connection broke, or nothing came for two minutes.</param>
/// <param name="Code">The error code; empty for an answer of the provider, or of a host whose worker died.</param>
/// <param name="Cause">Why a credential is revoked; empty otherwise.</param>
/// <param name="Took">From the send to the last byte.</param>
public sealed record CallResult(int Status, string Code, string Cause, TimeSpan Took)
{
    /// <summary>Whose token the provider saw; empty unless it answered 200.</summary>
    public string Account { get; init; } = "";

    /// <summary>The vault's name for the call; empty where no vault answered.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>200, 403 credential_revoked/refresh_interrupted, or what else came.</summary>
    public string Label => Code.Length is 0 ? $"{Status}" : Cause.Length is 0 ? $"{Status} {Code}" : $"{Status} {Code}/{Cause}";
}

/// <summary>The app's backend, as many connections at once as it likes.</summary>
public sealed class Caller(Uri vault, string key, FakeIdentityProvider users) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(120) };

    /// <summary>Where the vault answers.</summary>
    public Uri Vault => vault;

    /// <summary>A JWT of this user.</summary>
    public string UserToken(string subject) => users.Token(claims => claims["sub"] = subject);

    /// <summary>One call through the proxy with the grant; a GET unless it is said otherwise.</summary>
    public async Task<CallResult> CallAsync(BenchGrant grant, CancellationToken cancellationToken, HttpMethod? method = null)
    {
        ArgumentNullException.ThrowIfNull(grant);
        var started = TimeProvider.System.GetTimestamp();
        using var request = Request(method ?? HttpMethod.Get, "/sdk/proxy", grant.UserToken);
        request.Headers.Add("X-Alter-Provider", grant.Row.Place.Provider);
        request.Headers.Add("X-Alter-Account", grant.Family.Account);
        request.Headers.Add("X-Alter-Url", grant.Server.Api.AbsoluteUri);
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            var took = TimeProvider.System.GetElapsedTime(started);
            var code = response.Headers.TryGetValues("X-Alter-Error", out var codes) ? codes.First() : "";
            var cause = code.Length > 0 ? (string?)JsonNode.Parse(text)?["cause"] ?? "" : "";
            return new CallResult((int)response.StatusCode, code, cause, took)
            {
                Account = response.IsSuccessStatusCode ? text : "",
                RequestId = response.Headers.TryGetValues("X-Alter-Request-Id", out var ids) ? ids.First() : "",
            };
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new CallResult(0, "", "", TimeProvider.System.GetElapsedTime(started));
        }
    }

    /// <summary>A request with the app's key and a user's JWT on it.</summary>
    public HttpRequestMessage Request(HttpMethod method, string path, string? userToken)
    {
        var request = new HttpRequestMessage(method, new Uri(vault, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (userToken is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Alter-User-Token", userToken);
        }

        return request;
    }

    /// <summary>Sends any other request; redirects are answers.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => http.SendAsync(request, cancellationToken);

    public void Dispose() => http.Dispose();
}
