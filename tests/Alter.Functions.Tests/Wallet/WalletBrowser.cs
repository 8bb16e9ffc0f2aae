using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;
using Microsoft.AspNetCore.WebUtilities;

namespace Alter.Functions.Tests.Wallet;

/// <summary>Somebody at the Wallet, as far as HTTP sees it.</summary>
internal sealed class WalletBrowser(RunningVault vault)
{
    private string csrfToken = "";

    public Browser Browser { get; } = new(vault);

    public string Origin => vault.PublicUrl.GetLeftPart(UriPartial.Authority);

    /// <summary>What every change brings along.</summary>
    public string CsrfToken => csrfToken;

    /// <summary>Signs in at the OpenID provider of app <c>desk</c>; the redirect that leads to the Wallet.</summary>
    public async Task<Answer> SignInAsync(string subject)
    {
        var answer = await AnswerAsync(vault.People.Consent((await StartAsync()).OriginalString, subject));
        csrfToken = (string)(await GetAsync("session")).Is(200).Json["user"]!["csrf_token"]!;
        return answer.Is(303);
    }

    /// <summary>Where the OpenID provider asks.</summary>
    public async Task<Uri> StartAsync() =>
        new((string)(await PostAsync("signin", new JsonObject { ["identity_provider"] = "people" })).Is(200).Json["authorization_url"]!);

    /// <summary>The OpenID provider leads back.</summary>
    public Task<Answer> AnswerAsync(IEnumerable<KeyValuePair<string, string>> parameters, string place = "people") =>
        Browser.GoAsync(new Uri(vault.PublicUrl, QueryHelpers.AddQueryString($"/wallet/signin/{place}", parameters!)));

    public async Task<Answer> GetAsync(string path, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(vault.PublicUrl, $"/wallet/{path}"));
        change?.Invoke(request);
        return await Browser.SendAsync(request);
    }

    public async Task<IReadOnlyList<JsonNode>> ConnectionsAsync() => [.. (await GetAsync("connections")).Is(200).Json["connections"]!.AsArray().Select(one => one!)];

    /// <summary>A change of one connection, as the page sends it.</summary>
    public Task<Answer> ChangeAsync(string path, JsonNode connection, Action<JsonObject>? further = null, Action<HttpRequestMessage>? change = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var body = new JsonObject { ["csrf_token"] = csrfToken, ["app"] = (string?)connection["app"]!["id"], ["grant_id"] = (string?)connection["grant_id"] };
        further?.Invoke(body);
        return PostAsync(path, body, change);
    }

    public async Task<Answer> PostAsync(string path, JsonObject body, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(vault.PublicUrl, $"/wallet/{path}")) { Content = JsonContent.Create(body) };
        request.Headers.Add("Origin", Origin);
        change?.Invoke(request);
        return await Browser.SendAsync(request);
    }

    /// <summary>Connects an account of <c>erp</c> for somebody in app <c>desk</c>, in a browser of their own.</summary>
    public static async Task ConnectAsync(RunningVault vault, string subject, object? policy = null, string? account = null)
    {
        var (backend, browser) = (vault.Desk(subject), new Browser(vault));
        var session = (await backend.MintAsync(policy is null ? new { allowed_providers = new[] { "erp" } } : new { allowed_providers = new[] { "erp" }, grant_policy = policy })).Is(201).Json;
        await FinishAsync(vault, browser, session, subject, account);
    }

    /// <summary>Walks a minted session to its end.</summary>
    public static async Task FinishAsync(RunningVault vault, Browser browser, JsonNode session, string subject, string? account = null)
    {
        var signIn = await browser.AuthorizeUrlAsync(session, "erp", "redirect");
        var on = (await browser.SignInCallbackAsync("desk", "people", vault.People.Consent(signIn.OriginalString, subject))).Is(303);
        (await browser.CallbackAsync("desk", "erp", vault.Erp.Consent(on.Location.OriginalString, account ?? $"{subject}@erp.example"))).Is(303);
    }
}
