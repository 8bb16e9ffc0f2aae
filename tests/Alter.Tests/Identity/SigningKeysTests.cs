using System.Text.Json.Nodes;
using Alter.Testing;

namespace Alter.Tests.Identity;

public sealed class SigningKeysTests : IdentityFixture
{
    [Theory]
    [InlineData("RS256")]
    [InlineData("RS384")]
    [InlineData("RS512")]
    [InlineData("PS256")]
    [InlineData("PS384")]
    [InlineData("PS512")]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    public async Task Each_allowed_algorithm_works(string algorithm)
    {
        Idp.Rotate(FakeSigningKey.New(algorithm));
        await Accepted(Idp.Token());
    }

    [Fact]
    public async Task A_rotated_key_is_accepted_without_a_restart()
    {
        await Accepted(Idp.Token());
        var old = Idp.Token();
        Idp.Rotate(FakeSigningKey.New("ES256", "key-2"));
        Time.Advance(TimeSpan.FromSeconds(30));
        await Accepted(Idp.Token());
        Assert.Equal(2, Idp.KeyFetches);
        await Refused("signature", old);
    }

    [Fact]
    public async Task Invented_key_ids_fetch_no_oftener_than_every_30_seconds()
    {
        for (var i = 0; i < 20; i++)
        {
            await Refused("signature", Idp.Token(header: header => header["kid"] = $"invented-{i}"));
        }

        Assert.Equal((1, 1), (Idp.DiscoveryFetches, Idp.KeyFetches));
        Time.Advance(TimeSpan.FromSeconds(29));
        await Refused("signature", Idp.Token(header: header => header["kid"] = "another"));
        Assert.Equal(1, Idp.KeyFetches);
        Time.Advance(TimeSpan.FromSeconds(1));
        await Refused("signature", Idp.Token(header: header => header["kid"] = "another"));
        Assert.Equal(2, Idp.KeyFetches);
        await Accepted(Idp.Token());
        Assert.Equal(2, Idp.KeyFetches);
    }

    [Fact]
    public async Task Fifty_callers_at_once_fetch_once()
    {
        var hold = new TaskCompletionSource();
        Idp.BeforeKeys = () => hold.Task;
        var token = Idp.Token();
        var callers = Enumerable.Range(0, 50).Select(_ => Accepted(token)).ToList();
        hold.SetResult();
        await Task.WhenAll(callers);
        Assert.Equal((1, 1), (Idp.DiscoveryFetches, Idp.KeyFetches));
    }

    [Fact]
    public async Task A_caller_who_hangs_up_does_not_end_the_fetch_of_others()
    {
        var (hold, asked) = (new TaskCompletionSource(), new TaskCompletionSource());
        Idp.BeforeKeys = () =>
        {
            asked.TrySetResult();
            return hold.Task;
        };
        using var first = new CancellationTokenSource();
        var gone = Verifier.VerifyAsync(App(Provider()), Idp.Token(), first.Token).AsTask();
        await asked.Task.WaitAsync(TestContext.Current.CancellationToken);
        var stays = Accepted(Idp.Token());
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        hold.SetResult();
        await stays;
        Assert.Equal(1, Idp.KeyFetches);
    }

    [Fact]
    public async Task The_last_good_keys_serve_24_hours_while_the_issuer_is_down()
    {
        await Accepted(Idp.Token());
        Idp.IsDown = true;
        Time.Advance(TimeSpan.FromHours(12));
        await Accepted(Idp.Token());
        Time.Advance(TimeSpan.FromHours(12) - TimeSpan.FromSeconds(1));
        await Accepted(Idp.Token());
        await Refused("signature", Idp.Token(header: header => header["kid"] = "unknown"));
        Time.Advance(TimeSpan.FromSeconds(31));
        await Unavailable();
        Idp.IsDown = false;
        Time.Advance(TimeSpan.FromSeconds(30));
        await Accepted(Idp.Token());
    }

    [Fact]
    public async Task Keys_are_fetched_again_after_12_hours_though_none_is_unknown()
    {
        await Accepted(Idp.Token());
        var asked = new TaskCompletionSource();
        Idp.BeforeKeys = () =>
        {
            asked.TrySetResult();
            return Task.CompletedTask;
        };
        Time.Advance(TimeSpan.FromHours(12) - TimeSpan.FromSeconds(1));
        await Accepted(Idp.Token());
        Assert.Equal(1, Idp.KeyFetches);
        Time.Advance(TimeSpan.FromSeconds(1));
        await Accepted(Idp.Token());
        await asked.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, Idp.KeyFetches);
    }

    [Fact]
    public async Task Without_any_keys_ever_the_vault_is_unavailable_and_asks_at_most_every_30_seconds()
    {
        Idp.IsDown = true;
        await Unavailable();
        Idp.IsDown = false;
        await Unavailable();
        Assert.Equal(0, Idp.DiscoveryFetches);
        Time.Advance(TimeSpan.FromSeconds(30));
        await Accepted(Idp.Token());
    }

    [Fact]
    public async Task Keys_that_hang_are_given_up_after_5_seconds()
    {
        var (hold, asked) = (new TaskCompletionSource(), new TaskCompletionSource());
        Idp.BeforeKeys = () =>
        {
            asked.TrySetResult();
            return hold.Task;
        };
        var answer = Unavailable();
        await asked.Task.WaitAsync(TestContext.Current.CancellationToken);
        Time.Advance(TimeSpan.FromSeconds(5));
        await answer;
        hold.SetResult();
    }

    [Fact]
    public async Task Only_a_set_of_one_key_serves_tokens_that_name_none()
    {
        Idp.Rotate(FakeSigningKey.New(keyId: null));
        await Accepted(Idp.Token());
        using var second = FakeSigningKey.New(keyId: "b");
        Idp.Keys = () => FakeIdentityProvider.KeySet(Idp.Key, second);
        Time.Advance(TimeSpan.FromHours(25));
        await Refused("signature", Idp.Token());
    }

    [Fact]
    public async Task A_key_id_nobody_has_is_not_served_by_the_only_key()
    {
        Idp.Keys = () => FakeIdentityProvider.KeySet(Idp.Key).Replace("key-1", "other", StringComparison.Ordinal);
        await Refused("signature", Idp.Token());
    }

    [Fact]
    public async Task An_algorithm_needs_a_key_of_its_kind()
    {
        await Refused("signature", Idp.Token(header: header => header["alg"] = "ES256"));
        Idp.Rotate(FakeSigningKey.New("ES384", "key-2"));
        Time.Advance(TimeSpan.FromSeconds(30));
        await Refused("signature", Idp.Token(header: header => header["alg"] = "ES256"));
        await Accepted(Idp.Token());
    }

    [Theory]
    [InlineData("use", "\"enc\"")]
    [InlineData("key_ops", "[\"encrypt\"]")]
    [InlineData("alg", "\"RS512\"")]
    [InlineData("alg", "\"RSA-OAEP\"")]
    [InlineData("kty", "\"oct\"")]
    [InlineData("kty", "\"OKP\"")]
    [InlineData("e", "\"AQ\"")]
    [InlineData("e", "\"AQAA\"")]
    [InlineData("n", "\"!\"")]
    [InlineData("kid", "7")]
    public async Task A_key_made_for_something_else_is_as_if_it_were_not_there(string member, string value)
    {
        using var good = FakeSigningKey.New(keyId: "good");
        var wrong = Idp.Key.Jwk();
        wrong[member] = JsonNode.Parse(value);
        Idp.Keys = () => new JsonObject { ["keys"] = new JsonArray(wrong.DeepClone(), good.Jwk(), "junk", new JsonObject()) }.ToJsonString();
        await Refused("signature", Idp.Token());
        Idp.Rotate(good);
        await Accepted(Idp.Token());
    }

    [Fact]
    public async Task RSA_keys_below_2048_bits_are_no_keys()
    {
        Idp.Rotate(FakeSigningKey.New(rsaBits: 1024));
        await Unavailable();
    }

    [Theory]
    [InlineData("AQ")]
    [InlineData("AAAB")]
    [InlineData("AQAA")]
    [InlineData("")]
    [InlineData("AQAAAAAAAAAAAQ")]
    public async Task An_exponent_that_proves_nothing_makes_no_key(string exponent)
    {
        var jwk = Idp.Key.Jwk();
        jwk["e"] = exponent;
        Idp.Keys = () => new JsonObject { ["keys"] = new JsonArray(jwk.DeepClone()) }.ToJsonString();
        await Unavailable();
    }

    [Fact]
    public async Task A_point_off_the_curve_is_no_key()
    {
        Idp.Rotate(FakeSigningKey.New("ES256"));
        var jwk = Idp.Key.Jwk();
        jwk["y"] = jwk["x"]!.DeepClone();
        Idp.Keys = () => new JsonObject { ["keys"] = new JsonArray(jwk.DeepClone()) }.ToJsonString();
        await Unavailable();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("<html>")]
    [InlineData("""{"keys":[]}""")]
    [InlineData("""{"keys":{}}""")]
    public async Task What_is_no_key_set_gives_no_keys(string keys)
    {
        Idp.Keys = () => keys;
        await Unavailable();
    }

    [Fact]
    public async Task A_bad_answer_does_not_replace_good_keys()
    {
        await Accepted(Idp.Token());
        Idp.Keys = () => "{\"keys\":[]}";
        Time.Advance(TimeSpan.FromSeconds(30));
        await Refused("signature", Idp.Token(header: header => header["kid"] = "new"));
        await Accepted(Idp.Token());
    }

    [Fact]
    public async Task A_key_set_over_256_KiB_is_refused()
    {
        Idp.Keys = () => FakeIdentityProvider.KeySet(Idp.Key) + new string(' ', 256 * 1024);
        await Unavailable();
    }

    [Fact]
    public async Task The_discovery_document_must_name_the_configured_issuer_exactly()
    {
        foreach (var issuer in new[] { Idp.Issuer + "/", "https://evil.example", "" })
        {
            Idp.Discovery = document =>
            {
                document["issuer"] = issuer;
                return document.ToJsonString();
            };
            Assert.Contains("another issuer", (await Unavailable()).Detail, StringComparison.Ordinal);
            Time.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.Equal(0, Idp.KeyFetches);
    }

    [Theory]
    [InlineData("http://example.com/keys")]
    [InlineData("https://169.254.169.254/keys")]
    [InlineData("file:///etc/passwd")]
    [InlineData("/keys")]
    [InlineData("")]
    public async Task Keys_come_from_https_at_a_public_address_only(string jwksUri)
    {
        Idp.Discovery = document =>
        {
            document["jwks_uri"] = jwksUri;
            return document.ToJsonString();
        };
        await Unavailable();
    }

    [Fact]
    public async Task Loopback_issuers_need_the_development_switch()
    {
        var outcome = await Verifier.VerifyAsync(App(Provider() with { AllowInsecureLocal = false }), Idp.Token(), TestContext.Current.CancellationToken);
        Assert.False(outcome.Succeeded(out _, out var refusal));
        Assert.IsType<VaultUnavailable>(refusal);
        Assert.Equal(0, Idp.DiscoveryFetches);
    }

    private async Task<VaultUnavailable> Unavailable()
    {
        var outcome = await Verifier.VerifyAsync(App(Provider()), Idp.Token(), TestContext.Current.CancellationToken);
        Assert.False(outcome.Succeeded(out _, out var refusal), "The token was accepted.");
        return Assert.IsType<VaultUnavailable>(refusal);
    }
}
