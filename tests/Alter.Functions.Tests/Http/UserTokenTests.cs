using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;
using Alter.Testing;

namespace Alter.Functions.Tests.Http;

/// <summary>User tokens that must name nobody, sent to the running vault.</summary>
public sealed class UserTokenTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    [Theory]
    [InlineData("missing", "missing")]
    [InlineData("opaque", "malformed")]
    [InlineData("encrypted", "malformed")]
    [InlineData("expired", "expired")]
    [InlineData("foreign issuer", "issuer")]
    [InlineData("issuer without its slash", "issuer")]
    [InlineData("foreign audience", "audience")]
    [InlineData("audience with a slash", "audience")]
    [InlineData("no audience", "audience")]
    [InlineData("forged", "signature")]
    [InlineData("cut signature", "signature")]
    [InlineData("alg none", "signature")]
    [InlineData("HMAC with the public key", "signature")]
    [InlineData("unknown kid", "signature")]
    [InlineData("a key of its own", "signature")]
    [InlineData("crit", "malformed")]
    [InlineData("logout token", "malformed")]
    [InlineData("events", "claims")]
    [InlineData("doubled sub", "malformed")]
    [InlineData("doubled alg", "malformed")]
    [InlineData("no sub", "claims")]
    [InlineData("empty sub", "claims")]
    [InlineData("two subs", "claims")]
    [InlineData("long sub", "claims")]
    [InlineData("from the future", "claims")]
    [InlineData("for ten years", "claims")]
    public async Task Only_a_valid_token_of_this_app_names_a_user(string attack, string reason)
    {
        var token = Attack(attack);
        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Get, "/sdk/grants"), (HttpMethod.Delete, $"/sdk/grants/{Guid.NewGuid()}")])
        {
            var answer = (await vault.Backend(vault.Keys.Shop, token).SendAsync(method, path)).IsRefusal(401, "invalid_user_token");
            Assert.Equal(reason, (string?)answer.Json["reason"]);
            Assert.Equal(reason is "issuer" or "audience", answer.Json["expected"] is JsonArray { Count: > 0 });
            Assert.DoesNotContain(token ?? "(none)", answer.Text, StringComparison.Ordinal);
        }

        var call = (await vault.Backend(vault.Keys.Shop, token).CallAsync("erp", vault.Upstream.Url)).IsRefusal(401, "invalid_user_token");
        Assert.Equal(reason, (string?)call.Json["reason"]);
        var mint = await vault.Backend(vault.Keys.Shop).MintAsync(token is null ? new { } : new { user_token = token });
        Assert.Equal(reason, (string?)mint.IsRefusal(401, "invalid_user_token").Json["reason"]);
    }

    [Fact]
    public async Task A_token_over_16_KiB_is_too_large_wherever_it_stands()
    {
        var token = vault.Users.Token(claims => claims["filler"] = new string('x', 13_000));
        Assert.True(token.Length > 16 * 1024);
        Assert.Equal(16 * 1024, (int)(await vault.Backend(vault.Keys.Shop, token).SendAsync(HttpMethod.Get, "/sdk/grants")).IsRefusal(413, "request_too_large").Json["limit"]!);
        Assert.Equal(16 * 1024, (int)(await vault.Backend(vault.Keys.Shop, token).CallAsync("erp", vault.Upstream.Url)).IsRefusal(413, "request_too_large").Json["limit"]!);
        (await vault.Backend(vault.Keys.Shop).MintAsync(new { user_token = token })).IsRefusal(413, "request_too_large");
    }

    [Fact]
    public async Task A_token_in_the_body_mints_for_its_user_and_must_not_differ_from_the_headers()
    {
        var backend = vault.Backend(vault.Keys.Shop);
        var (ada, bob) = (vault.UserToken("ada"), vault.UserToken("bob"));
        (await backend.MintAsync(new { user_token = ada })).Is(201);
        (await backend.MintAsync(new { user_token = ada }, request => request.Headers.Add("X-Alter-User-Token", ada))).Is(201);
        (await backend.MintAsync(new { user_token = ada }, request => request.Headers.Add("X-Alter-User-Token", bob))).IsInvalid("user_token");
    }

    [Fact]
    public async Task Another_apps_token_is_of_another_audience()
    {
        var token = vault.Users.Token(claims => claims["aud"] = "https://mall.acme.com");
        var answer = (await vault.Backend(vault.Keys.Shop, token).SendAsync(HttpMethod.Get, "/sdk/grants")).IsRefusal(401, "invalid_user_token");
        Assert.Equal("audience", (string?)answer.Json["reason"]);
        (await vault.Backend(vault.Keys.Mall, token).SendAsync(HttpMethod.Get, "/sdk/grants")).Is(200);
    }

    private string? Attack(string name)
    {
        var users = vault.Users;
        var header = users.Key.Header().ToJsonString();
        var payload = users.Claims().ToJsonString();
        switch (name)
        {
            case "missing":
                return null;
            case "opaque":
                return "2YotnFZFEjr1zCsicMWpAA";
            case "encrypted":
                return $"{FakeSigningKey.Encode("""{"alg":"RSA-OAEP","enc":"A256GCM"}""")}.a.b.c.d";
            case "expired":
                return users.Token(claims => (claims["iat"], claims["exp"]) = ((long)claims["iat"]! - 7200, (long)claims["iat"]! - 3600));
            case "foreign issuer":
                return users.Token(claims => claims["iss"] = "https://evil.example");
            case "issuer without its slash":
                return users.Token(claims => claims["iss"] = $"{users.Issuer}/");
            case "foreign audience":
                return users.Token(claims => claims["aud"] = "https://api.evil.example");
            case "audience with a slash":
                return users.Token(claims => claims["aud"] = "https://api.acme.com/");
            case "no audience":
                return users.Token(claims => claims.Remove("aud"));
            case "forged":
                using (var other = FakeSigningKey.New())
                {
                    return other.Sign(header, payload);
                }

            case "cut signature":
                return users.Token()[..^20];
            case "alg none":
                return $"{FakeSigningKey.Encode("""{"alg":"none","typ":"JWT"}""")}.{FakeSigningKey.Encode(payload)}.";
            case "HMAC with the public key":
                var signed = $"{FakeSigningKey.Encode("""{"alg":"HS256","typ":"JWT","kid":"key-1"}""")}.{FakeSigningKey.Encode(payload)}";
                return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.ASCII.GetBytes(users.Key.Pem()), Encoding.ASCII.GetBytes(signed)))}";
            case "unknown kid":
                return users.Token(header: members => members["kid"] = "key-2");
            case "a key of its own":
                using (var own = FakeSigningKey.New(keyId: "own"))
                {
                    var members = own.Header();
                    members["jwk"] = own.Jwk();
                    members["jku"] = "https://evil.example/keys";
                    return own.Sign(members.ToJsonString(), payload);
                }

            case "crit":
                return users.Token(header: members => (members["crit"], members["b64"]) = (new JsonArray("b64"), true));
            case "logout token":
                return users.Token(header: members => members["typ"] = "logout+jwt");
            case "events":
                return users.Token(claims => claims["events"] = new JsonObject { ["http://schemas.openid.net/event/backchannel-logout"] = new JsonObject() });
            case "doubled sub":
                return users.Key.Sign(header, payload.Insert(1, "\"sub\":\"mallory\","));
            case "doubled alg":
                return users.Key.Sign(header.Insert(1, "\"alg\":\"none\","), payload);
            case "no sub":
                return users.Token(claims => claims.Remove("sub"));
            case "empty sub":
                return users.Token(claims => claims["sub"] = "");
            case "two subs":
                return users.Token(claims => claims["sub"] = new JsonArray("ada", "bob"));
            case "long sub":
                return users.Token(claims => claims["sub"] = new string('a', 256));
            case "from the future":
                return users.Token(claims => claims["iat"] = (long)claims["iat"]! + 600);
            case "for ten years":
                return users.Token(claims => claims["exp"] = (long)claims["iat"]! + (10L * 365 * 86400));
            default:
                throw new ArgumentOutOfRangeException(nameof(name));
        }
    }
}
