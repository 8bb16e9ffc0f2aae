using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;

namespace Alter.Functions.Tests.Running;

/// <summary>The end user's browser, as far as HTTP sees it: cookies per host and port, the Connect page's calls, forms filled in by hand.</summary>
public sealed partial class Browser(RunningVault vault)
{
    private readonly Dictionary<(string Authority, string Name), string> cookies = [];

    /// <summary>The cookie that binds flows to this browser; null before the first.</summary>
    public string? FlowCookie
    {
        get => cookies.GetValueOrDefault((vault.PublicUrl.Authority, "__Host-alter-flow"));
        set => cookies[(vault.PublicUrl.Authority, "__Host-alter-flow")] = value!;
    }

    /// <summary>The last <c>Set-Cookie</c> as it came.</summary>
    public string? LastSetCookie { get; private set; }

    /// <summary>The session token in a minted session's link.</summary>
    public static string TokenOf(JsonNode session)
    {
        ArgumentNullException.ThrowIfNull(session);
        var url = new Uri((string)session["connect_url"]!);
        Assert.Empty(url.Query);
        return Uri.UnescapeDataString(url.Fragment["#session=".Length..]);
    }

    /// <summary>One request; redirects are answers.</summary>
    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var authority = request.RequestUri!.Authority;
        var sent = string.Join("; ", cookies.Where(cookie => cookie.Key.Authority == authority).Select(cookie => $"{cookie.Key.Name}={cookie.Value}"));
        if (sent.Length > 0)
        {
            request.Headers.Add("Cookie", sent);
        }

        var response = await Backend.Http.SendAsync(request, TestContext.Current.CancellationToken);
        foreach (var cookie in response.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
        {
            LastSetCookie = cookie;
            var (name, value) = cookie.Split(';')[0].Split('=', 2) is [var n, var v] ? (n, v) : ("", "");
            cookies[(authority, name)] = value;
        }

        return await Answer.ReadAsync(response);
    }

    public async Task<Answer> GoAsync(Uri url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        return await SendAsync(request);
    }

    /// <summary>What the Connect page asks first.</summary>
    public Task<Answer> OpenAsync(JsonNode session, string? referrer = null) =>
        PostAsync("/sdk/oauth/connect/open", new { session_token = TokenOf(session), referrer_origin = referrer ?? "" });

    /// <summary>What the Connect page sends when a provider is chosen.</summary>
    public Task<Answer> AuthorizeAsync(JsonNode session, string provider, string mode = "popup") =>
        PostAsync("/sdk/oauth/connect/authorize", new { session_token = TokenOf(session), provider, mode });

    /// <summary>What it sends when somebody wants to sign in as another user.</summary>
    public async Task<Uri> SignInAgainUrlAsync(JsonNode session, string provider) => new((string)(await PostAsync(
        "/sdk/oauth/connect/authorize",
        new { session_token = TokenOf(session), provider, mode = "popup", fresh_sign_in = true })).Is(200).Json["authorization_url"]!);

    /// <summary>What it sends when the person is done.</summary>
    public Task<Answer> CloseAsync(JsonNode session) => PostAsync("/sdk/oauth/connect/close", new { session_token = TokenOf(session) });

    /// <summary>The app's OpenID provider leads back from a sign-in.</summary>
    public Task<Answer> SignInCallbackAsync(string app, string identityProvider, IEnumerable<KeyValuePair<string, string>> parameters) =>
        GoAsync(new Uri(vault.PublicUrl, QueryHelpers.AddQueryString($"/oauth/signin/{app}/{identityProvider}", parameters!)));

    /// <summary>Where the Connect page would go.</summary>
    public async Task<Uri> AuthorizeUrlAsync(JsonNode session, string provider, string mode = "popup") =>
        new((string)(await AuthorizeAsync(session, provider, mode)).Is(200).Json["authorization_url"]!);

    /// <summary>The provider leads back.</summary>
    public Task<Answer> CallbackAsync(string app, string provider, IEnumerable<KeyValuePair<string, string>> parameters) =>
        GoAsync(new Uri(vault.PublicUrl, QueryHelpers.AddQueryString($"/oauth/callback/{app}/{provider}", parameters!)));

    /// <summary>Walks the calendar's two forms; where the calendar leads back to, not yet followed.</summary>
    public async Task<Uri> AnswerCalendarAsync(Uri authorizationUrl, string account, bool allow = true, params string[] withoutScopes)
    {
        var choose = (await GoAsync(authorizationUrl)).Is(200);
        var accountId = Regex.Match(choose.Text, $"""value="([^"]+)" data-testid="account-{Regex.Escape(account)}" """.TrimEnd()).Groups[1].Value;
        var ask = (await SubmitAsync(authorizationUrl, choose, [new("account", accountId)])).Is(200);
        var granted = ScopeBox().Matches(ask.Text).Select(box => box.Groups[1].Value).Except(withoutScopes);
        var answer = await SubmitAsync(authorizationUrl, ask, [new("decision", allow ? "allow" : "deny"), .. granted.Select(scope => new KeyValuePair<string, string>("granted", scope))]);
        return answer.Is(302).Location;
    }

    /// <summary>Connects an account of the calendar; what the page is told at the end.</summary>
    public async Task<JsonNode> ConnectCalendarAsync(JsonNode session, string account, string mode = "popup", params string[] withoutScopes)
    {
        (await GoAsync(new Uri((string)session["connect_url"]!))).Is(200);
        (await OpenAsync(session)).Is(200);
        var back = await AnswerCalendarAsync(await AuthorizeUrlAsync(session, "calendar", mode), account, allow: true, withoutScopes);
        var page = (await GoAsync(back)).Is(303);
        Assert.Equal($"/sdk/oauth/connect#session={TokenOf(session)}", page.Location.OriginalString);
        return (await OpenAsync(session)).Is(200).Json;
    }

    /// <summary>Posts the page's form with these answers.</summary>
    public async Task<Answer> SubmitAsync(Uri page, Answer form, IEnumerable<KeyValuePair<string, string>> answers)
    {
        ArgumentNullException.ThrowIfNull(form);
        var fields = HiddenField().Matches(form.Text)
            .Select(field => KeyValuePair.Create(WebUtility.HtmlDecode(field.Groups[1].Value), WebUtility.HtmlDecode(field.Groups[2].Value)));
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(page, "/connect/authorize")) { Content = new FormUrlEncodedContent(fields.Concat(answers)) };
        return await SendAsync(request);
    }

    private async Task<Answer> PostAsync(string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(vault.PublicUrl, path)) { Content = JsonContent.Create(body) };
        request.Headers.Add("Origin", vault.PublicUrl.GetLeftPart(UriPartial.Authority));
        return await SendAsync(request);
    }

    [GeneratedRegex("""<input type="hidden" name="([^"]*)" value="([^"]*)">""")]
    private static partial Regex HiddenField();

    [GeneratedRegex("""name="granted" value="([^"]*)" data-testid="[^"]*" checked>""")]
    private static partial Regex ScopeBox();
}
