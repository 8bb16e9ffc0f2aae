using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Quickstart.Story;

/// <summary>Signs people in as the shop does: authorization code with PKCE, as its public client.</summary>
internal sealed class IdentityClient(HttpClient http, StoryPlace place)
{
    private const string ClientId = "shop-web";

    /// <summary>The access token of one who pressed their button on the sign-in page.</summary>
    public async Task<string> SignInAsync(Browser browser, string user, CancellationToken cancellationToken)
    {
        var verifier = RandomText();
        var state = RandomText();
        var redirectUri = new Uri(place.Shop, "/signin-oidc").AbsoluteUri;
        var request = new Dictionary<string, string>
        {
            ["client_id"] = ClientId,
            ["response_type"] = "code",
            ["redirect_uri"] = redirectUri,
            ["scope"] = "openid email profile",
            ["state"] = state,
            ["nonce"] = RandomText(),
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))), // RFC 7636 §4.2
            ["code_challenge_method"] = "S256",
        };
        var page = await browser.GetAsync(new Uri(place.IdentityProvider, "/connect/authorize?" + Query.Of(request)), cancellationToken);
        var answer = await browser.SubmitAsync(Form.In(page).Press("user", user), cancellationToken);
        var parameters = Query.Read(answer.RedirectTarget);
        StoryFault.Expect("state of the sign-in", state, parameters.GetValueOrDefault("state"));

        var redemption = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["client_id"] = ClientId,
            ["code"] = parameters.GetValueOrDefault("code") ?? throw new StoryFault("sign-in: expected a code, received none"),
            ["redirect_uri"] = redirectUri,
            ["code_verifier"] = verifier,
        };
        var url = new Uri(place.IdentityProvider, "/connect/token");
        using var response = await http.PostAsync(url, new FormUrlEncodedContent(redemption), cancellationToken);
        return new Answer(url, response.StatusCode, null, await response.Content.ReadAsStringAsync(cancellationToken)).Expect(HttpStatusCode.OK)["access_token"];
    }

    private static string RandomText() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
