using System.Text.Json.Nodes;
using Alter.Egress;
using Alter.Identity;
using Alter.Testing;

namespace Alter.Tests.Identity;

public sealed class IdTokenTests : IdentityFixture
{
    [Fact]
    public async Task A_good_id_token_gives_its_claims_with_keys_by_metadata_or_discovery()
    {
        foreach (var jwksUri in new[] { Idp.JwksUri, null })
        {
            var outcome = await Verify(IdToken(), jwksUri);
            Assert.True(outcome.Refusal is null, outcome.Refusal?.Detail);
            Assert.Equal("ada", outcome.Subject);
        }
    }

    [Fact]
    public async Task Several_audiences_need_the_client_as_azp()
    {
        await Good(IdToken(claims => (claims["aud"], claims["azp"]) = (new JsonArray("client", "other"), "client")));
        await Bad(IdToken(claims => claims["aud"] = new JsonArray("client", "other")));
        await Bad(IdToken(claims => (claims["aud"], claims["azp"]) = (new JsonArray("client", "other"), "other")));
        await Bad(IdToken(claims => claims["azp"] = "other"));
    }

    [Theory]
    [InlineData("iss", "\"https://evil.example\"")]
    [InlineData("iss", null)]
    [InlineData("aud", "\"client/\"")]
    [InlineData("aud", "[]")]
    [InlineData("aud", null)]
    [InlineData("nonce", "\"another\"")]
    [InlineData("nonce", "\"\"")]
    [InlineData("nonce", "[\"nonce\"]")]
    [InlineData("nonce", null)]
    [InlineData("sub", "\"\"")]
    [InlineData("sub", null)]
    [InlineData("exp", null)]
    [InlineData("iat", null)]
    [InlineData("events", "{}")]
    public async Task Each_claim_is_checked(string claim, string? value) => await Bad(IdToken(claims =>
    {
        claims.Remove(claim);
        if (value is not null)
        {
            claims[claim] = JsonNode.Parse(value);
        }
    }));

    [Fact]
    public async Task Times_have_a_minute_of_skew()
    {
        var now = Time.GetUtcNow().ToUnixTimeSeconds();
        await Good(IdToken(claims => (claims["iat"], claims["exp"]) = (now - 100, now - 59)));
        await Bad(IdToken(claims => (claims["iat"], claims["exp"]) = (now - 100, now - 60)));
        await Good(IdToken(claims => claims["iat"] = now + 60));
        await Bad(IdToken(claims => claims["iat"] = now + 61));
    }

    [Fact]
    public async Task An_unsigned_or_foreign_id_token_is_refused_though_it_came_over_TLS()
    {
        var parts = IdToken(header: header => header["alg"] = "none").Split('.');
        await Bad($"{parts[0]}.{parts[1]}.");
        await Bad("");
        using var foreign = FakeSigningKey.New();
        await Bad(foreign.Sign(foreign.Header().ToJsonString(), Claims().ToJsonString()));
        await Bad(IdToken(header: header => header["crit"] = new JsonArray("x")));
        await Bad(IdToken(header: header => header["typ"] = "at+jwt"));
    }

    [Fact]
    public async Task Without_keys_nothing_is_decided()
    {
        Idp.IsDown = true;
        Assert.IsType<VaultUnavailable>((await Verify(IdToken(), Idp.JwksUri)).Refusal);
    }

    private JsonObject Claims()
    {
        var claims = Idp.Claims();
        (claims["aud"], claims["nonce"]) = ("client", "nonce");
        return claims;
    }

    private string IdToken(Action<JsonObject>? change = null, Action<JsonObject>? header = null) => Idp.Token(
        claims =>
        {
            (claims["aud"], claims["nonce"]) = ("client", "nonce");
            change?.Invoke(claims);
        },
        header);

    private async Task Good(string token) => Assert.Null((await Verify(token, Idp.JwksUri)).Refusal);

    private async Task Bad(string token) => Assert.IsType<IdTokenInvalid>((await Verify(token, Idp.JwksUri)).Refusal);

    private async Task<(string? Subject, Refusal? Refusal)> Verify(string token, Uri? jwksUri)
    {
        var outcome = await new IdTokenVerifier(Keys, Time).VerifyAsync(
            Idp.Issuer, jwksUri, "client", "nonce", token, EgressScope.LoopbackToo, TestContext.Current.CancellationToken);
        return outcome.Succeeded(out var claims, out var refusal) ? (claims["sub"].GetString(), null) : (null, refusal);
    }
}
