using System.Text.Json.Nodes;
using Alter.Identity;
using Alter.Testing;

namespace Alter.Tests.Identity;

/// <summary>Who a good token names, in the shapes well-known identity providers give it.</summary>
public sealed class UserTokenTests : IdentityFixture
{
    [Fact]
    public async Task A_token_names_the_user_by_issuer_and_subject()
    {
        var user = await Accepted(Idp.Token(claims =>
        {
            claims["name"] = "Ada";
            claims["email"] = "ada@acme.com";
        }));
        Assert.Equal(new UserId("shop", Idp.Issuer, "sub", "ada"), user.Id);
        Assert.Equal((Idp.Issuer, "ada", "Ada", "ada@acme.com", "Ada"), (user.Issuer, user.Subject, user.Name, user.Email, user.Label));
        Assert.Equal(Time.GetUtcNow(), user.IssuedAt);
        Assert.DoesNotContain("ada", $"{user}", StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task One_token_names_to_each_app_its_own_user_however_they_take_turns()
    {
        var token = Idp.Token(claims =>
        {
            claims["email"] = "ada@acme.com";
            claims["email_verified"] = true;
        });
        var apps = new[]
        {
            App(Provider()),
            App(Provider() with { UserIdClaim = "email" }) with { Id = "crm" },
            App(Provider() with { Audiences = ["https://other.acme.com"] }) with { Id = "other" },
        };
        await Parallel.ForAsync(0, 600, TestContext.Current.CancellationToken, async (time, cancellationToken) =>
        {
            var app = apps[time % 3];
            var isFor = (await Verifier.VerifyAsync(app, token, cancellationToken)).Succeeded(out var user, out var other);
            Assert.Equal(app.Id != "other", isFor);
            Assert.Equal(isFor ? null : "audience", (other as InvalidUserToken)?.Reason);
            Assert.Equal(app.Id switch { "shop" => new UserId("shop", Idp.Issuer, "sub", "ada"), "crm" => new UserId("crm", Idp.Issuer, "email", "ada@acme.com"), _ => null }, user?.Id);
        });

        // What is remembered of it is not asked when time is.
        Time.Advance(TimeSpan.FromDays(1));
        Assert.False((await Verifier.VerifyAsync(apps[0], token, TestContext.Current.CancellationToken)).Succeeded(out _, out var refusal));
        Assert.IsType<InvalidUserToken>(refusal);
    }

    [Fact]
    public async Task Auth0_has_a_slash_at_the_end_of_its_issuer_and_several_audiences()
    {
        Idp.Issuer = Idp.Url + "/";
        var user = await Accepted(Idp.Token(claims =>
        {
            claims["sub"] = "auth0|5f7c8ec7c33c6c004bbafe82";
            claims["aud"] = new JsonArray("https://api.acme.com", $"{Idp.Url}/userinfo");
            claims["azp"] = "my_client_id";
            claims["scope"] = "openid profile email";
        }));
        Assert.Equal(Idp.Url + "/", user.Id.Issuer);
    }

    [Fact]
    public async Task Clerk_sends_no_audience_but_the_party()
    {
        var clerk = Provider() with { Audiences = [], AuthorizedParties = ["https://shop.acme.dev"] };
        await Accepted(Clerk("https://shop.acme.dev"), clerk);
        var refusal = await Refused("audience", Clerk("https://evil.example"), clerk);
        Assert.Equal(["https://shop.acme.dev"], refusal.Expected!);
        Assert.Equal(["https://evil.example"], refusal.Received!);
        await Refused("audience", Idp.Token(claims => claims.Remove("aud")), clerk);

        string Clerk(string azp) => Idp.Token(claims =>
        {
            claims.Remove("aud");
            claims["azp"] = azp;
            claims["sid"] = "sess_2";
            claims["exp"] = claims["iat"]!.GetValue<long>() + 60;
            claims["nbf"] = claims["iat"]!.GetValue<long>() - 10;
        });
    }

    [Fact]
    public async Task A_client_id_stands_for_the_party_where_there_is_no_azp() =>
        await Accepted(
            Idp.Token(claims =>
            {
                claims.Remove("aud");
                claims["client_id"] = "web";
            }),
            Provider() with { Audiences = [], AuthorizedParties = ["web"] });

    [Fact]
    public async Task A_token_with_the_wrong_audience_is_not_saved_by_its_party() =>
        await Refused("audience", Idp.Token(claims =>
        {
            claims["aud"] = "another";
            claims["azp"] = "web";
        }), Provider() with { AuthorizedParties = ["web"] });

    [Fact]
    public async Task Where_audiences_and_parties_are_named_both_must_fit()
    {
        var both = Provider() with { AuthorizedParties = ["web"] };
        await Accepted(Idp.Token(claims => claims["azp"] = "web"), both);
        Assert.Equal(["another"], (await Refused("audience", Idp.Token(claims => claims["azp"] = "another"), both)).Received!);
        await Refused("audience", Idp.Token(), both);
        await Refused("audience", Idp.Token(claims =>
        {
            claims.Remove("aud");
            claims["azp"] = "web";
        }), both);
    }

    [Fact]
    public async Task A_provider_with_neither_audience_nor_party_accepts_nobody()
    {
        await Refused("audience", Idp.Token(), Provider() with { Audiences = [] });
        await Refused("audience", Idp.Token(claims => claims.Remove("aud")), Provider() with { Audiences = [] });
    }

    [Theory]
    [InlineData("at+jwt")]
    [InlineData("AT+JWT")]
    [InlineData("application/at+jwt")]
    [InlineData("JWT")]
    [InlineData(null)]
    public async Task Types_of_access_tokens_are_accepted_and_absence_too(string? type) => await Accepted(Idp.Token(header: header =>
    {
        header.Remove("typ");
        if (type is not null)
        {
            header["typ"] = type;
        }
    }));

    [Theory]
    [InlineData("https://acme.com/uid", """{ "https://acme.com/uid": "u1" }""", "u1")]
    [InlineData("profile.id", """{ "profile": { "id": "u2" } }""", "u2")]
    [InlineData("profile.id", """{ "profile.id": "flat", "profile": { "id": "nested" } }""", "flat")]
    [InlineData("https://acme.com/claims.user.id", """{ "https://acme.com/claims": { "user": { "id": "u3" } } }""", "u3")]
    [InlineData("https://acme.com/claims.user.id", """{ "https://acme.com/claims": { "user.id": "u4", "user": { "id": "deeper" } } }""", "u4")]
    [InlineData("https://acme.com/claims.user.id", """{ "https://acme": { "com/claims": { "user": { "id": "shorter" } } }, "https://acme.com/claims": { "user": { "id": "u5" } } }""", "u5")]
    [InlineData("a.b.c", """{ "a.b": { "x": 1 }, "a": { "b": { "c": "u6" } } }""", "u6")]
    public async Task The_claim_that_names_the_user_is_flat_before_it_is_nested(string claim, string extra, string expected)
    {
        var user = await Accepted(Idp.Token(claims => Merge(claims, extra)), Provider() with { UserIdClaim = claim });
        Assert.Equal(new UserId("shop", Idp.Issuer, claim, expected), user.Id);
        Assert.Equal("ada", user.Subject);
    }

    [Theory]
    [InlineData("profile.id", """{ "profile.id": 7, "profile": { "id": "nested" } }""")]
    [InlineData("profile.id", """{ "profile": "x" }""")]
    [InlineData("profile.id.", """{ "profile": { "id": "x" } }""")]
    [InlineData(".profile.id", """{ "profile": { "id": "x" } }""")]
    [InlineData("https://acme.com/claims.user.id", """{ "https://acme.com/claims": [ { "user": { "id": "x" } } ] }""")]
    [InlineData("profile.id", """{ "profile": { "id": ["x"] } }""")]
    [InlineData("oid", """{ "oid": "" }""")]
    [InlineData("oid", """{ "oid": null }""")]
    [InlineData("oid", """{ "oid": "o", "sub": ["ada"] }""")]
    public async Task A_claim_that_is_no_single_string_names_nobody(string claim, string extra) =>
        await Refused("claims", Idp.Token(claims => Merge(claims, extra)), Provider() with { UserIdClaim = claim });

    [Theory]
    [InlineData("email", """{ "email": "ada@acme.com" }""", "ada@acme.com")]
    [InlineData("https://acme.com/email", """{ "https://acme.com/email": "ada@acme.com", "email": "other@acme.com" }""", "ada@acme.com")]
    [InlineData("profile.email", """{ "profile": { "email": "ada@acme.com" } }""", "ada@acme.com")]
    [InlineData("profile.email", """{ "profile": { "email": "ada@acme.com" }, "email_verified": false }""", null)]
    [InlineData("profile.email", """{ "email": "ada@acme.com" }""", null)]
    public async Task The_address_that_people_see_is_that_of_its_claim_and_never_an_unproven_one(string claim, string extra, string? shown) =>
        Assert.Equal(shown, (await Accepted(Idp.Token(claims => Merge(claims, extra)), Provider() with { EmailClaim = claim })).Email);

    [Theory]
    [InlineData("https://acme.com/email")]
    [InlineData("profile.email")]
    [InlineData("profile.Email")]
    public async Task An_address_by_another_path_is_an_address(string claim)
    {
        var leaf = claim[(claim.LastIndexOf('.') + 1)..];
        var extra = claim.StartsWith("https", StringComparison.Ordinal) ? $$"""{ "{{claim}}": "ada@acme.com" }""" : $$"""{ "profile": { "{{leaf}}": "ada@acme.com" } }""";

        await Refused("claims", Idp.Token(claims => Merge(claims, extra)), Provider() with { UserIdClaim = claim });
        await Accepted(
            Idp.Token(claims =>
            {
                Merge(claims, extra);
                claims["email_verified"] = true;
            }),
            Provider() with { UserIdClaim = claim });
    }

    [Fact]
    public async Task An_email_must_be_verified_where_that_is_required_or_it_names_the_user()
    {
        foreach (var provider in new[] { Provider() with { RequireEmailVerified = true }, Provider() with { UserIdClaim = "email" } })
        {
            await Refused("claims", Mail(null), provider);
            await Refused("claims", Mail(false), provider);
            await Refused("claims", Mail("yes"), provider);
            await Accepted(Mail(true), provider);
            await Accepted(Mail("true"), provider);
        }

        string Mail(JsonNode? verified) => Idp.Token(claims =>
        {
            claims["email"] = "ada@acme.com";
            if (verified is not null)
            {
                claims["email_verified"] = verified;
            }
        });
    }

    [Fact]
    public async Task An_email_the_issuer_calls_unverified_is_not_shown() =>
        Assert.Equal("ada", (await Accepted(Idp.Token(claims =>
        {
            claims["email"] = "somebody.else@acme.com";
            claims["email_verified"] = false;
        }))).Label);

    [Theory]
    [InlineData("ada@acme.com")]
    [InlineData("Ada Lovelace (ada\uff20acme.com)")]
    [InlineData("ada\ufe6bacme.com")]
    public async Task A_name_people_give_themselves_cannot_pass_for_another_persons_address(string name)
    {
        Assert.Equal("mallory@acme.com", (await Accepted(Idp.Token(claims => (claims["name"], claims["email"], claims["email_verified"]) = (name, "mallory@acme.com", true)))).Label);
        Assert.Equal("ada", (await Accepted(Idp.Token(claims => claims["name"] = name))).Label);
    }

    [Fact]
    public async Task A_name_cannot_reorder_or_break_the_line_it_is_shown_in()
    {
        var user = await Accepted(Idp.Token(claims => claims["name"] = " Ada\u202e\r\n\u0000\u2028 Lovelace" + new string('x', 500)));
        Assert.StartsWith("Ada Lovelacexxx", user.Name, StringComparison.Ordinal);
        Assert.True(user.Name!.Length <= 100);
        Assert.Equal("ada", (await Accepted(Idp.Token(claims => claims["name"] = "\u200f\n"))).Label);
    }

    [Fact]
    public async Task A_tenant_of_a_template_becomes_part_of_the_user()
    {
        var entra = Provider() with { Issuer = Idp.Url + "/{tenantid}/v2.0", AllowedTenants = ["t1", "t2"] };
        var user = await Accepted(Entra("t1", "t1"), entra);
        Assert.Equal(new UserId("shop", $"{Idp.Url}/t1/v2.0", "sub", "ada"), user.Id);
        await Refused("claims", Entra("t1", "t2"), entra);
        await Refused("claims", Entra("t1", null), entra);
        var refusal = await Refused("issuer", Entra("t3", "t3"), entra);
        Assert.Equal([$"{Idp.Url}/t1/v2.0", $"{Idp.Url}/t2/v2.0"], refusal.Expected!);
        await Refused("issuer", Entra("{tenantid}", "{tenantid}"), entra);
        await Refused("issuer", Entra("t1", "t1"), entra with { AllowedTenants = [] });

        string Entra(string inIssuer, string? tid) => Idp.Token(claims =>
        {
            claims["iss"] = $"{Idp.Url}/{inIssuer}/v2.0";
            claims["tid"] = tid;
        });
    }

    [Fact]
    public async Task Several_identity_providers_of_an_app_are_told_apart_by_the_exact_issuer()
    {
        await using var other = await FakeIdentityProvider.StartAsync(Time);
        other.Rotate(FakeSigningKey.New("ES256"));
        var app = App(Provider(), Provider() with { Id = "other", Issuer = other.Issuer, Audiences = ["other"] });
        var token = other.Token(claims => claims["aud"] = "other");
        Assert.True((await Verifier.VerifyAsync(app, token, TestContext.Current.CancellationToken)).Succeeded(out var user, out _));
        Assert.Equal(other.Issuer, user.Id.Issuer);

        // The other issuer's key cannot speak for the first, nor does its audience count there.
        var forged = other.Token(claims => claims["iss"] = Idp.Issuer);
        Assert.False((await Verifier.VerifyAsync(app, forged, TestContext.Current.CancellationToken)).Succeeded(out _, out _));
        await Refused("audience", Idp.Token(claims => claims["aud"] = "other"));
    }

    private static void Merge(JsonObject claims, string extra)
    {
        foreach (var (name, value) in JsonNode.Parse(extra)!.AsObject())
        {
            claims[name] = value?.DeepClone();
        }
    }
}
