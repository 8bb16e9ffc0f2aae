using System.Buffers.Text;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace Alter.Functions.Tests.Running;

/// <summary>Signs in at the quickstart's identity provider: code flow with PKCE, as the shop does.</summary>
public static class SignIn
{
    private const string RedirectUri = "http://localhost:7072/signin-oidc";

    /// <summary>The access token, a JWT: what the shop's backend hands to the vault.</summary>
    public static async Task<string> AsAsync(Browser browser, RunningVault vault, string user)
    {
        ArgumentNullException.ThrowIfNull(browser);
        ArgumentNullException.ThrowIfNull(vault);
        var verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var url = new Uri(QueryHelpers.AddQueryString(new Uri(vault.IdentityProviderUrl, "/connect/authorize").AbsoluteUri, new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = "shop-web",
            ["redirect_uri"] = RedirectUri,
            ["scope"] = "openid email profile",
            ["state"] = "here",
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))),
            ["code_challenge_method"] = "S256",
        }));
        var page = (await browser.GoAsync(url)).Is(200);
        var back = (await browser.SubmitAsync(url, page, [new("user", user)])).Is(302).Location;
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(vault.IdentityProviderUrl, "/connect/token"))
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "authorization_code",
                ["client_id"] = "shop-web",
                ["redirect_uri"] = RedirectUri,
                ["code"] = QueryHelpers.ParseQuery(back.Query)["code"].ToString(),
                ["code_verifier"] = verifier,
            }),
        };
        return (string)(await browser.SendAsync(request)).Is(200).Json["access_token"]!;
    }
}
