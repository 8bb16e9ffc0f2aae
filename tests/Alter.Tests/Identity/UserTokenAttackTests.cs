using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Alter.Identity;
using Alter.Testing;
using Microsoft.IdentityModel.Logging;

namespace Alter.Tests.Identity;

/// <summary>Tokens that a usual validator accepts, and those that none should.</summary>
public sealed class UserTokenAttackTests : IdentityFixture
{
    [Fact]
    public async Task A_missing_token_is_missing() => await Refused("missing", "");

    [Theory]
    [InlineData("opaque")]
    [InlineData("a.b")]
    [InlineData("a.b.c")]
    [InlineData("..")]
    [InlineData("e30.e30")]
    [InlineData("a.b.c.d.e")]
    [InlineData("W10.e30.AA")]
    [InlineData("e30.bnVsbA.AA")]
    [InlineData("e30=.e30.AA")]
    [InlineData(" e30.e30.AA")]
    public async Task What_is_no_signed_JWT_is_malformed(string token) => await Refused("malformed", token);

    [Fact]
    public async Task A_token_over_16_KiB_is_malformed() => await Refused("malformed", Idp.Token(claims => claims["x"] = new string('x', 17_000)));

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("HS256")]
    [InlineData("RS1")]
    [InlineData("ES256K")]
    [InlineData("EdDSA")]
    [InlineData("rs256")]
    public async Task Algorithms_outside_the_list_are_refused_before_any_key_is_fetched(string algorithm)
    {
        await Refused("signature", Idp.Token(header: header => header["alg"] = algorithm));
        Assert.Equal(0, Idp.DiscoveryFetches);
    }

    [Fact]
    public async Task An_unsigned_token_is_refused()
    {
        var parts = Idp.Token(header: header => header["alg"] = "none").Split('.');
        await Refused("signature", $"{parts[0]}.{parts[1]}.");
        var signed = Idp.Token().Split('.');
        await Refused("signature", $"{signed[0]}.{signed[1]}.");
    }

    [Fact]
    public async Task The_public_key_is_no_HMAC_secret()
    {
        var head = FakeSigningKey.Encode("""{"alg":"HS256","typ":"JWT","kid":"key-1"}""");
        var signed = $"{head}.{FakeSigningKey.Encode(Idp.Claims().ToJsonString())}";
        foreach (var secret in new[] { Idp.Key.Pem(), Idp.Key.Pem() + "\n", FakeIdentityProvider.KeySet(Idp.Key), (string)Idp.Key.Jwk()["n"]! })
        {
            var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed));
            await Refused("signature", $"{signed}.{System.Buffers.Text.Base64Url.EncodeToString(mac)}");
        }
    }

    [Fact]
    public async Task A_changed_claim_breaks_the_signature()
    {
        var parts = Idp.Token().Split('.');
        var eve = FakeSigningKey.Encode(Idp.Claims().ToJsonString().Replace("ada", "eve", StringComparison.Ordinal));
        await Refused("signature", $"{parts[0]}.{eve}.{parts[2]}");
    }

    [Fact]
    public async Task A_token_that_was_good_before_is_refused_once_its_key_left_the_set()
    {
        var token = Idp.Token();
        await Accepted(token);
        await Accepted(token);
        Idp.Rotate(FakeSigningKey.New(keyId: "key-2"));
        Time.Advance(TimeSpan.FromSeconds(30));
        await Accepted(Idp.Token());
        await Refused("signature", token);
    }

    [Fact]
    public async Task A_token_that_was_good_before_is_refused_once_it_has_expired()
    {
        var token = Idp.Token();
        await Accepted(token);
        Time.Advance(TimeSpan.FromHours(2));
        await Refused("expired", token);
    }

    [Fact]
    public async Task A_token_that_was_good_before_lends_its_signature_to_no_other()
    {
        var parts = Idp.Token().Split('.');
        await Accepted(string.Join('.', parts));
        var eve = FakeSigningKey.Encode(Idp.Claims().ToJsonString().Replace("ada", "eve", StringComparison.Ordinal));
        await Refused("signature", $"{parts[0]}.{eve}.{parts[2]}");
        await Refused("signature", $"{parts[0]}.{parts[1]}.{parts[2]}AA");
    }

    [Fact]
    public async Task Each_changed_character_is_refused_and_none_is_an_error()
    {
        Idp.Rotate(FakeSigningKey.New("ES256"));
        var token = Idp.Token();
        await Accepted(token);

        // Not the very last: some of its bits belong to no byte.
        for (var i = 0; i < token.Length - 1; i++)
        {
            foreach (var other in new[] { token[i] == 'A' ? 'B' : 'A', '.', '\0', 'é' }.Where(c => c != token[i]))
            {
                var outcome = await Verifier.VerifyAsync(App(Provider()), $"{token[..i]}{other}{token[(i + 1)..]}", TestContext.Current.CancellationToken);
                Assert.False(outcome.Succeeded(out _, out var refusal), $"Changed at {i}.");
                Assert.IsType<InvalidUserToken>(refusal);
            }
        }
    }

    [Fact]
    public async Task A_key_the_token_brings_along_is_not_looked_at()
    {
        using var own = FakeSigningKey.New(keyId: "key-1");
        foreach (var name in new[] { "jwk", "jku", "x5u", "x5c" })
        {
            var header = own.Header();
            header[name] = name == "jwk" ? own.Jwk() : name == "x5c" ? new JsonArray("MII") : $"{Idp.Url}/keys";
            await Refused("signature", own.Sign(header.ToJsonString(), Idp.Claims().ToJsonString()));
        }

        await Accepted(Idp.Token(header: header => header["jku"] = "https://evil.example/keys"));
    }

    [Theory]
    [InlineData("""["exp"]""")]
    [InlineData("""["b64"]""")]
    [InlineData("""[]""")]
    [InlineData("null")]
    public async Task Any_crit_is_refused(string crit) => await Refused("malformed", Idp.Token(header: header => header["crit"] = JsonNode.Parse(crit)));

    [Theory]
    [InlineData("\"logout+jwt\"")]
    [InlineData("\"secevent+jwt\"")]
    [InlineData("\"dpop+jwt\"")]
    [InlineData("\"\"")]
    [InlineData("7")]
    public async Task Other_types_of_token_are_refused(string type) => await Refused("malformed", Idp.Token(header: header => header["typ"] = JsonNode.Parse(type)));

    [Fact]
    public async Task A_logout_token_that_hides_its_type_is_refused() =>
        await Refused("claims", Idp.Token(claims => claims["events"] = new JsonObject { ["http://schemas.openid.net/event/backchannel-logout"] = new JsonObject() }));

    [Fact]
    public async Task Doubled_names_are_refused_in_header_and_payload()
    {
        var (header, payload) = (Idp.Key.Header().ToJsonString(), Idp.Claims().ToJsonString());
        await Refused("malformed", Idp.Key.Sign(header, payload[..^1] + ",\"sub\":\"eve\"}"));
        await Refused("malformed", Idp.Key.Sign(header, payload[..^1] + ",\"s\\u0075b\":\"eve\"}"));
        await Refused("malformed", Idp.Key.Sign(header[..^1] + ",\"alg\":\"RS256\"}", payload));
        await Refused("malformed", Idp.Key.Sign(header, payload[..^1] + ",\"a\":{\"b\":1,\"b\":2}}"));
    }

    [Fact]
    public async Task Text_that_is_no_text_is_refused_not_an_error()
    {
        var (header, payload) = (Idp.Key.Header().ToJsonString(), Idp.Claims().ToJsonString());
        await Refused("malformed", Idp.Key.Sign(header, payload[..^1] + ",\"name\":\"\\ud800\"}"));
        await Refused("malformed", Idp.Key.Sign(header, payload[..^1] + ",\"\\udc00\":1}"));
        await Refused("malformed", Idp.Key.Sign(header, payload + " x"));
        await Refused("malformed", Idp.Key.Sign(header, payload[..^1] + ",}"));
        await Refused("malformed", Idp.Key.Sign(header, payload[..^1] + ",\"d\":" + new string('[', 400) + new string(']', 400) + "}"));
        var parts = Idp.Token().Split('.');
        foreach (var latin in new[] { "{\"\u00ff\":1}", "{\"a\":\"\u00ff\"}", "{\"a\":[\"\u00ff\"]}" })
        {
            await Refused("malformed", $"{parts[0]}.{System.Buffers.Text.Base64Url.EncodeToString(Encoding.Latin1.GetBytes(latin))}.{parts[2]}");
        }
    }

    [Theory]
    [InlineData("sub", null)]
    [InlineData("sub", "\"\"")]
    [InlineData("sub", "7")]
    [InlineData("sub", "[\"ada\"]")]
    [InlineData("sub", "null")]
    [InlineData("exp", null)]
    [InlineData("exp", "\"4102444800\"")]
    [InlineData("exp", "1e300")]
    [InlineData("exp", "-1")]
    [InlineData("iat", null)]
    [InlineData("iat", "true")]
    [InlineData("nbf", "\"soon\"")]
    [InlineData("aud", "7")]
    [InlineData("aud", "[\"https://api.acme.com\", 7]")]
    public async Task Claims_of_the_wrong_kind_are_refused(string claim, string? value) => await Refused("claims", Idp.Token(claims =>
    {
        claims.Remove(claim);
        if (value is not null)
        {
            claims[claim] = JsonNode.Parse(value);
        }
    }));

    [Fact]
    public async Task A_subject_has_at_most_255_characters()
    {
        await Accepted(Idp.Token(claims => claims["sub"] = new string('x', 255)));
        await Refused("claims", Idp.Token(claims => claims["sub"] = new string('x', 256)));
    }

    [Fact]
    public async Task Clocks_may_differ_by_a_minute_and_no_more()
    {
        var now = Time.GetUtcNow().ToUnixTimeSeconds();
        await Accepted(Idp.Token(claims => (claims["iat"], claims["exp"]) = (now - 100, now - 59)));
        await Refused("expired", Idp.Token(claims => (claims["iat"], claims["exp"]) = (now - 100, now - 60)));
        await Accepted(Idp.Token(claims => claims["iat"] = now + 60));
        await Refused("claims", Idp.Token(claims => claims["iat"] = now + 61));
        await Accepted(Idp.Token(claims => claims["nbf"] = now + 60));
        await Refused("claims", Idp.Token(claims => claims["nbf"] = now + 61));
    }

    [Fact]
    public async Task A_token_lives_no_longer_than_the_configuration_allows()
    {
        var iat = Time.GetUtcNow().ToUnixTimeSeconds();
        await Accepted(Idp.Token(claims => claims["exp"] = iat + 86_400));
        await Refused("claims", Idp.Token(claims => claims["exp"] = iat + 86_401));
        await Refused("claims", Idp.Token(claims => claims["exp"] = iat + (10L * 365 * 86_400)));
        await Refused("claims", Idp.Token(claims => (claims["iat"], claims["exp"]) = (iat + 30, iat + 20)));
        await Refused("claims", Idp.Token(), Provider() with { MaxTokenLifetime = TimeSpan.FromMinutes(10) });
    }

    [Theory]
    [InlineData("https://api.acme.com/")]
    [InlineData("https://API.acme.com")]
    [InlineData("https://api.acme.com ")]
    [InlineData("")]
    public async Task An_audience_is_equal_or_another(string audience)
    {
        var refusal = await Refused("audience", Idp.Token(claims => claims["aud"] = audience));
        Assert.Equal(["https://api.acme.com"], refusal.Expected!);
        Assert.Equal([audience], refusal.Received!);
    }

    [Fact]
    public async Task An_empty_or_absent_audience_is_refused()
    {
        await Refused("audience", Idp.Token(claims => claims["aud"] = new JsonArray()));
        Assert.Empty((await Refused("audience", Idp.Token(claims => claims.Remove("aud")))).Received!);
    }

    [Fact]
    public async Task An_issuer_is_equal_or_another()
    {
        foreach (var issuer in new[] { Idp.Issuer + "/", Idp.Issuer.ToUpperInvariant(), "https://evil.example" })
        {
            var refusal = await Refused("issuer", Idp.Token(claims => claims["iss"] = issuer));
            Assert.Equal([Idp.Issuer], refusal.Expected!);
            Assert.Equal([issuer], refusal.Received!);
        }

        Assert.Empty((await Refused("issuer", Idp.Token(claims => claims.Remove("iss")))).Received!);
        await Refused("issuer", Idp.Token(claims => claims["iss"] = new JsonArray(Idp.Issuer)));
        Assert.Equal(0, Idp.DiscoveryFetches);
    }

    [Fact]
    public async Task What_the_token_says_is_quoted_in_bounds()
    {
        var refusal = await Refused("audience", Idp.Token(claims => claims["aud"] = new JsonArray([.. Enumerable.Range(0, 30).Select(i => JsonValue.Create(new string('x', 300)))])));
        Assert.Equal(10, refusal.Received!.Count);
        Assert.All(refusal.Received, text => Assert.Equal(256, text.Length));
    }

    [Fact]
    public async Task An_app_without_identity_provider_accepts_no_token()
    {
        var outcome = await Verifier.VerifyAsync(App(), Idp.Token(), TestContext.Current.CancellationToken);
        Assert.False(outcome.Succeeded(out _, out var refusal));
        Assert.IsType<InvalidUserToken>(refusal);
    }

    [Fact]
    public void The_libraries_own_log_prints_no_token() => Assert.False(IdentityModelEventSource.ShowPII || IdentityModelEventSource.LogCompleteSecurityArtifact);
}
