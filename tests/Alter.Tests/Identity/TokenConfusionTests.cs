using System.Text.Json.Nodes;
using Alter.Apps;

namespace Alter.Tests.Identity;

/// <summary>
/// Tokens in the shapes of well-known identity providers, and beside each the ones of the same issuer and key that were made for something else: ID
/// tokens, tokens of other clients, other servers, other tenants.
/// </summary>
public sealed class TokenConfusionTests : IdentityFixture
{
    private const string Tenant = "3f2b5c1e-7d1b-4a51-9c56-0f6f3f0b1a11";
    private const string OtherTenant = "9c1d7a55-2f65-4a7e-8f3e-5f2f0e6f4b22";

    [Fact]
    public async Task Okta_an_access_token_of_the_APIs_server_names_its_uid_and_nothing_else_passes_for_it()
    {
        Idp.Issuer = $"{Idp.Url}/oauth2/default";
        var okta = Provider() with { Issuer = Idp.Issuer, Audiences = ["api://default"], UserIdClaim = "uid" };

        Assert.Equal("00u1", (await Accepted(Access(), okta)).Id.Value);

        // The ID token: for the client, without uid, and its sub is the access token's uid.
        await Refused("audience", IdToken("0oa1"), okta);
        await Refused("claims", IdToken("api://default"), okta);
        await Refused("audience", Access(claims => claims["aud"] = Idp.Url), okta); // Of the org's own server: an opaque matter between Okta and Okta.
        await Refused("issuer", Access(claims => claims["iss"] = $"{Idp.Url}/oauth2/aus2"), okta);
        await Refused("issuer", Access(claims => claims["iss"] = Idp.Url), okta);

        // cid is Okta's own; an authorized party is azp or client_id, so it neither lets in nor stands for one.
        await Refused("audience", Access(claims => claims["cid"] = "web"), okta with { AuthorizedParties = ["web"] });
        await Refused("audience", Access(claims => claims["scp"] = new JsonArray("api://default")), okta with { Audiences = ["https://other.acme.com"] });

        string Access(Action<JsonObject>? change = null) => Without("typ", claims =>
        {
            (claims["ver"], claims["jti"], claims["aud"], claims["cid"]) = (1, "AT.1", "api://default", "0oa1");
            (claims["uid"], claims["scp"], claims["sub"]) = ("00u1", new JsonArray("openid", "orders.read"), "ada@acme.com");
            change?.Invoke(claims);
        });

        string IdToken(string audience) => Without("typ", claims =>
            (claims["ver"], claims["aud"], claims["sub"], claims["idp"], claims["nonce"], claims["at_hash"]) = (1, audience, "00u1", "00o1", "n-1", "h"));
    }

    [Fact]
    public async Task Entra_a_token_of_version_2_for_the_API_names_its_oid_and_no_other_version_tenant_or_client_passes_for_it()
    {
        Idp.Issuer = $"{Idp.Url}/{Tenant}/v2.0";
        var entra = Provider() with { Issuer = $"{Idp.Url}/{{tenantid}}/v2.0", AllowedTenants = [Tenant], Audiences = ["api-client"], UserIdClaim = "oid" };

        Assert.Equal(new UserId("shop", Idp.Issuer, "oid", "oid-1"), (await Accepted(Access(), entra)).Id);
        await Accepted(Access(), entra with { AuthorizedParties = ["web-client"] });

        await Refused("issuer", Access(claims => claims["iss"] = $"https://sts.windows.net/{Tenant}/"), entra); // Version 1.
        await Refused("issuer", Access(claims => claims["iss"] = $"{Idp.Url}/{OtherTenant}/v2.0"), entra);
        await Refused("issuer", Access(claims => claims["iss"] = $"{Idp.Url}/{{tenantid}}/v2.0"), entra);
        await Refused("issuer", Access(claims => claims["iss"] = $"{Idp.Url}/common/v2.0"), entra);
        await Refused("claims", Access(claims => claims["tid"] = OtherTenant), entra);
        await Refused("claims", Access(claims => claims.Remove("tid")), entra);
        await Refused("audience", Access(claims => claims["aud"] = "api://api-client"), entra); // As version 1 writes it.
        await Refused("audience", Access(claims => claims["aud"] = "00000003-0000-0000-c000-000000000000"), entra); // Of Graph.
        await Refused("audience", IdToken("web-client"), entra);

        // One registration for page and API: then only the party tells an ID token, which has none, from an access token.
        await Refused("audience", IdToken("api-client"), entra with { AuthorizedParties = ["web-client"] });
        await Refused("audience", Access(claims => (claims["appid"], claims["azp"]) = ("web-client", null)), entra with { AuthorizedParties = ["web-client"] });

        string Access(Action<JsonObject>? change = null) => Idp.Token(claims =>
        {
            (claims["aud"], claims["azp"], claims["tid"], claims["oid"]) = ("api-client", "web-client", Tenant, "oid-1");
            (claims["sub"], claims["scp"], claims["ver"], claims["nbf"]) = ("pairwise-1", "access_as_user", "2.0", claims["iat"]!.GetValue<long>());
            change?.Invoke(claims);
        });

        string IdToken(string audience) => Idp.Token(claims =>
            (claims["aud"], claims["tid"], claims["oid"], claims["sub"], claims["ver"], claims["nonce"]) = (audience, Tenant, "oid-1", "pairwise-1", "2.0", "n-1"));
    }

    [Fact]
    public async Task Cognito_an_access_token_has_a_client_id_and_no_audience_and_an_ID_token_the_reverse()
    {
        Idp.Issuer = $"{Idp.Url}/eu-central-1_pool";
        var cognito = Provider() with { Issuer = Idp.Issuer, Audiences = [], AuthorizedParties = ["web"] };

        Assert.Equal("u-1", (await Accepted(Access("web"), cognito)).Id.Value);

        await Refused("audience", Access("another"), cognito);
        await Refused("audience", IdToken("web"), cognito);
        await Refused("issuer", Access("web", claims => claims["iss"] = $"{Idp.Url}/eu-central-1_other"), cognito);

        // And where an app sends ID tokens, access tokens of the same client do not pass for them.
        var byIdToken = cognito with { Audiences = ["web"], AuthorizedParties = [] };
        await Accepted(IdToken("web"), byIdToken);
        await Refused("audience", Access("web"), byIdToken);

        string Access(string client, Action<JsonObject>? change = null) => Without("typ", claims =>
        {
            claims.Remove("aud");
            (claims["sub"], claims["client_id"], claims["token_use"], claims["username"], claims["scope"]) = ("u-1", client, "access", "ada", "openid");
            change?.Invoke(claims);
        });

        string IdToken(string client) => Without("typ", claims =>
            (claims["sub"], claims["aud"], claims["token_use"], claims["cognito:username"], claims["email_verified"]) = ("u-1", client, "id", "ada", true));
    }

    [Fact]
    public async Task Keycloak_only_the_APIs_audience_tells_an_access_token_from_an_ID_token()
    {
        Idp.Issuer = $"{Idp.Url}/realms/acme";
        var keycloak = Provider() with { Issuer = Idp.Issuer, Audiences = ["orders-api"], AuthorizedParties = ["web"] };

        await Accepted(Token("Bearer", new JsonArray("orders-api", "account")), keycloak);
        await Refused("audience", Token("Bearer", "account"), keycloak);
        await Refused("audience", Token("ID", "web"), keycloak);
        await Refused("issuer", Token("Bearer", "orders-api", claims => claims["iss"] = $"{Idp.Url}/realms/master"), keycloak);

        // Both have the client as azp. docs/security.md says so where it says what is not defended.
        await Accepted(Token("ID", "web"), keycloak with { Audiences = [] });

        string Token(string type, JsonNode audience, Action<JsonObject>? change = null) => Idp.Token(claims =>
        {
            (claims["typ"], claims["azp"], claims["aud"], claims["sid"]) = (type, "web", audience, "s-1");
            change?.Invoke(claims);
        });
    }

    [Fact]
    public async Task One_users_id_at_two_issuers_is_two_users()
    {
        var first = await Accepted(Idp.Token());
        Idp.Issuer = Idp.Url + "/";
        var second = await Accepted(Idp.Token(), Provider());

        Assert.Equal(first.Subject, second.Subject);
        Assert.NotEqual(first.Id, second.Id);
    }

    private string Without(string member, Action<JsonObject> claims) => Idp.Token(claims, header => header.Remove(member));
}
