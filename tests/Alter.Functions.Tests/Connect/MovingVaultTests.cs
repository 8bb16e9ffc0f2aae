using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;
using Microsoft.AspNetCore.WebUtilities;

namespace Alter.Functions.Tests.Connect;

/// <summary>A worker at two addresses of this machine; <c>crm</c> still leads back to the one the vault moves away from.</summary>
public sealed class MovingVaultTests
{
    [Fact]
    public async Task People_connect_at_either_origin_and_a_stranger_is_led_on_once()
    {
        await using var vault = await RunningVault.StartAsync(new RunningSetup { IsMoving = true, Change = LeadCrmBackToFormer });
        var former = vault.FormerPublicUrl.GetLeftPart(UriPartial.Authority);
        var browser = new Browser(vault);
        var session = await vault.Shop().SessionAsync("crm");
        Assert.StartsWith(vault.PublicUrl.AbsoluteUri, (string)session["connect_url"]!, StringComparison.Ordinal);

        var url = await browser.AuthorizeUrlAsync(session, "crm");
        var redirectUri = new Uri(QueryHelpers.ParseQuery(url.Query)["redirect_uri"].ToString());
        Assert.Equal($"{former}/oauth/callback/shop/crm", redirectUri.AbsoluteUri);
        var landing = new Uri(QueryHelpers.AddQueryString(redirectUri.AbsoluteUri, vault.Crm.Consent(url.OriginalString)!));
        var ledOn = (await browser.GoAsync(landing)).Is(303);
        Assert.StartsWith($"{vault.PublicUrl}oauth/callback/shop/crm?", ledOn.Location.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal("no-referrer", ledOn["Referrer-Policy"]);

        // Somebody else's browser brings it: led on, refused there, and the flow is still the first one's.
        var stranger = new Browser(vault);
        (await stranger.GoAsync((await stranger.GoAsync(landing)).Is(303).Location)).Is(400);

        var back = (await browser.GoAsync(ledOn.Location)).Is(303);
        Assert.Equal($"/sdk/oauth/connect#session={Browser.TokenOf(session)}", back.Location.OriginalString);
        Assert.Equal("complete", (string?)(await browser.OpenAsync(session)).Is(200).Json["status"]);

        // A page of the former origin, such as one opened by a link from before the move.
        var early = await vault.Shop().SessionAsync("crm");
        var person = new Browser(vault);
        var at = new Uri((string)(await PostAsync(person, former, "authorize", early)).Is(200).Json["authorization_url"]!);
        var direct = new Uri(QueryHelpers.AddQueryString(redirectUri.AbsoluteUri, vault.Crm.Consent(at.OriginalString)!));
        Assert.Equal($"/sdk/oauth/connect#session={Browser.TokenOf(early)}", (await person.GoAsync(direct)).Is(303).Location.OriginalString);
        (await PostAsync(person, "http://127.0.0.1:1", "open", early, former)).IsRefusal(400, "invalid_request");
    }

    private static void LeadCrmBackToFormer(JsonObject document) => document["apps"]!["shop"]!["providers"]!["crm"]!["redirect_at"] = "former_public_url";

    private static async Task<Answer> PostAsync(Browser browser, string origin, string path, JsonNode session, string? at = null)
    {
        object body = path is "open"
            ? new { session_token = Browser.TokenOf(session), referrer_origin = "" }
            : new { session_token = Browser.TokenOf(session), provider = "crm", mode = "popup" };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{at ?? origin}/sdk/oauth/connect/{path}")) { Content = JsonContent.Create(body) };
        request.Headers.Add("Origin", origin);
        return await browser.SendAsync(request);
    }
}
