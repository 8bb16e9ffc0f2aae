using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Alter.Browser.Tests;

/// <summary>A Connect session as the app's backend gets it.</summary>
public sealed record MintedSession(string Token, string Url);

/// <summary>What an app's backend does at the vault, for one user at a time.</summary>
public sealed class Backend(HttpClient http, Addresses at)
{
    /// <summary>A session for one user, who may connect these providers.</summary>
    /// <param name="user">ada, bob or mallory.</param>
    /// <param name="returnUrl">For the redirect flow.</param>
    /// <param name="providers">Null: calendar.</param>
    /// <param name="proof">How the browser is held to be the user's.</param>
    /// <param name="policy">How long the grants live; null: until revoked.</param>
    public async Task<MintedSession> MintAsync(string user, string? returnUrl = null, string[]? providers = null, string proof = "confirm", object? policy = null)
    {
        var order = new Dictionary<string, object> { ["allowed_providers"] = providers ?? ["calendar"], ["browser_proof"] = proof };
        if (policy is not null)
        {
            order["grant_policy"] = policy;
        }

        if (returnUrl is not null)
        {
            order["return_url"] = returnUrl;
        }

        var session = await AskAsync(HttpMethod.Post, "/sdk/oauth/connect/session", user, order);
        return new MintedSession(session.GetProperty("session_token").GetString()!, session.GetProperty("connect_url").GetString()!);
    }

    /// <summary>The accounts a user has connected.</summary>
    public async Task<IReadOnlyList<string>> AccountsAsync(string user) =>
        [.. (await AskAsync(HttpMethod.Get, "/sdk/grants", user)).GetProperty("grants").EnumerateArray().Select(grant => grant.GetProperty("account_identifier").GetString()!)];

    /// <summary>Completes what a browser connected.</summary>
    public async Task<string> CompleteAsync(string user, string completionCode) =>
        (await AskAsync(HttpMethod.Post, "/sdk/oauth/connect/complete", user, new { completion_code = completionCode })).GetProperty("grants")[0].GetProperty("status").GetString()!;

    /// <summary>Ends whatever an earlier test connected.</summary>
    public async Task DisconnectAllAsync(string user)
    {
        foreach (var grant in (await AskAsync(HttpMethod.Get, "/sdk/grants", user)).GetProperty("grants").EnumerateArray())
        {
            await AskAsync(HttpMethod.Delete, $"/sdk/grants/{grant.GetProperty("grant_id").GetString()}", user);
        }
    }

    private async Task<JsonElement> AskAsync(HttpMethod method, string path, string user, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(at.Vault, path)) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", VaultDocument.AppKey);
        request.Headers.Add("X-Alter-User-Token", await UserTokenAsync(user));
        using var answer = await http.SendAsync(request);
        return answer.IsSuccessStatusCode
            ? await answer.Content.ReadFromJsonAsync<JsonElement>()
            : throw new InvalidOperationException($"{method} {path}: {await answer.Content.ReadAsStringAsync()}");
    }

    private async Task<string> UserTokenAsync(string user)
    {
        using var answer = await http.PostAsJsonAsync(new Uri(at.IdentityProvider, "/demo/token"), new { user });
        return await answer.Content.ReadAsStringAsync();
    }
}
