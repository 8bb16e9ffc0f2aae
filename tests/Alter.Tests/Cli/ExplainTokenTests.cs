using System.Text.Json.Nodes;
using Alter.Testing;
using Alter.Tests.Apps;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Cli;

public sealed class ExplainTokenTests : IAsyncLifetime
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 25, 9, 0, 0, TimeSpan.Zero));
    private readonly CommandLine machine = new();
    private FakeIdentityProvider issuer = null!;

    public async ValueTask InitializeAsync()
    {
        issuer = await FakeIdentityProvider.StartAsync(time);
        machine.Time = time;
        machine.Has("alter.json", Document(issuer.Issuer));
    }

    public async ValueTask DisposeAsync()
    {
        machine.Dispose();
        await issuer.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_token_that_is_right_is_accepted_by_its_app_and_never_printed(bool isOffline)
    {
        var token = issuer.Token(claims => claims["azp"] = "web");

        var (exit, output) = await machine.RunAsync(isOffline ? ["jwt", "-", "--offline"] : ["jwt", "-"], $"Bearer {token}\n");

        Assert.Equal(0, exit);
        Assert.Contains(isOffline ? "Nothing speaks against it for shop" : "shop accepts it; claim sub names the user.", output, StringComparison.Ordinal);
        Assert.All(token.Split('.'), part => Assert.DoesNotContain(part, output, StringComparison.Ordinal));
        Assert.DoesNotContain("ada", output, StringComparison.Ordinal);
        Assert.All([$"iss  {issuer.Issuer}", "aud  https://api.acme.com", "azp  web", "alg  RS256", "typ  JWT", "in 60 minutes"], line => Assert.Contains(line, output, StringComparison.Ordinal));
        Assert.Equal(isOffline ? 0 : 1, issuer.KeyFetches);
    }

    [Fact]
    public async Task A_token_on_the_command_line_works_with_a_word_about_the_history()
    {
        var (exit, output) = await machine.RunAsync(["jwt", issuer.Token()]);

        Assert.Equal(0, exit);
        Assert.Contains("./alter jwt -", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_falls_apart_on_the_command_line_is_not_printed_either()
    {
        var token = issuer.Token();

        var (exit, output) = await machine.RunAsync(["jwt", "Authorization:", "Bearer", token]);
        var (quoted, _) = await machine.RunAsync(["jwt", "Bearer", token]);

        Assert.Equal((1, 0), (exit, quoted));
        Assert.DoesNotContain(token.Split('.')[1], output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "There is no token.")]
    [InlineData("v1.MjQ1", "This is an opaque token")]
    [InlineData("gho_16C7e42F292c6912E7710c838347Ae178B4a", "This is an opaque token")]
    [InlineData("a.b.c.d.e", "This is an encrypted token (JWE)")]
    [InlineData("a.b.c", "it was cut or changed on its way")]
    [InlineData("alter_key_app_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "This is an app key of the vault")]
    [InlineData("sess_AAAA", "This is the token of a Connect session")]
    public async Task What_is_no_jwt_is_called_what_it_is(string pasted, string expected)
    {
        var (exit, output) = await machine.RunAsync(["jwt", "-"], pasted);

        Assert.Equal(1, exit);
        Assert.StartsWith(expected, output[output.IndexOf(expected[..8], StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.Equal(0, issuer.DiscoveryFetches);
    }

    [Theory]
    [InlineData("aud", "\"shop-web\"", "It is for shop-web, not for https://api.acme.com.", "\"audiences\": [\"https://api.acme.com\", \"shop-web\"]")]
    [InlineData("aud", "\"https://api.acme.com/\"", "differs from the configured one by the slash", "\"audiences\": [\"https://api.acme.com\", \"https://api.acme.com/\"]")]
    [InlineData("iss", "\"https://elsewhere.example\"", "Its issuer is none of the document's", "\"other\": { \"issuer\": \"https://elsewhere.example\", \"audiences\": [\"https://api.acme.com\"] }")]
    [InlineData("iss", "null", "It names no issuer", null)]
    [InlineData("aud", "null", "It carries no audience and no client", null)]
    public async Task A_claim_that_does_not_fit_comes_with_the_line_to_change(string claim, string value, string sentence, string? line)
    {
        var (exit, output) = await machine.RunAsync(["jwt", "-"], issuer.Token(claims => claims[claim] = JsonNode.Parse(value)));

        Assert.Equal(1, exit);
        Assert.Contains(sentence, output, StringComparison.Ordinal);
        Assert.Equal(line is not null, output.Contains("in alter.json", StringComparison.Ordinal));
        Assert.Contains(line ?? sentence, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_line_to_change_makes_the_token_accepted()
    {
        var token = issuer.Token(claims => claims["aud"] = "shop-web");
        var (_, output) = await machine.RunAsync(["jwt", "-"], token);
        var line = output.Split('\n').Single(text => text.TrimStart().StartsWith("\"audiences\"", StringComparison.Ordinal)).Trim();

        machine.Has("alter.json", Document(issuer.Issuer).Replace("\"audiences\": [\"https://api.acme.com\"]", line, StringComparison.Ordinal));

        Assert.Equal(0, (await machine.RunAsync(["jwt", "-"], token)).Exit);
    }

    [Fact]
    public async Task An_id_token_of_the_web_client_is_called_one()
    {
        var (exit, output) = await machine.RunAsync(["jwt", "-"], issuer.Token(claims => (claims["aud"], claims["nonce"]) = ("shop-web", "n")));

        Assert.Equal(1, exit);
        Assert.Contains("This is an id token: it is meant for the client shop-web", output, StringComparison.Ordinal);
        Assert.Contains("\"audiences\": [\"https://api.acme.com\", \"shop-web\"]", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_slash_at_the_end_of_an_issuer_is_pointed_at(bool tokenHasIt)
    {
        machine.Has("alter.json", Document(tokenHasIt ? issuer.Issuer : issuer.Issuer + "/"));
        var expected = tokenHasIt ? issuer.Issuer + "/" : issuer.Issuer;

        var (exit, output) = await machine.RunAsync(["jwt", "-"], issuer.Token(claims => claims["iss"] = expected));

        Assert.Equal(1, exit);
        Assert.Contains("slash at the end of its issuer", output, StringComparison.Ordinal);
        Assert.Contains($"\"issuer\": \"{expected}\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_token_is_still_explained()
    {
        var token = issuer.Token(claims => claims["aud"] = "shop-web");
        time.Advance(TimeSpan.FromHours(5));

        var (exit, output) = await machine.RunAsync(["jwt", "-"], token);

        Assert.Equal(1, exit);
        Assert.Contains("It expired 4 hours ago; it lived 60 minutes.", output, StringComparison.Ordinal);
        Assert.Contains("It is for shop-web", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alg", "HS256", "signed with a shared secret")]
    [InlineData("alg", "none", "it is not signed")]
    [InlineData("alg", "RSA1_5", "the vault accepts RS, PS and ES")]
    [InlineData("typ", "logout+jwt", "signs nobody in")]
    [InlineData("typ", "acme+jwt", "\"token_types\": [\"JWT\", \"at+jwt\", \"acme+jwt\"]")]
    public async Task A_header_the_vault_does_not_take_is_named(string member, string value, string expected)
    {
        var (exit, output) = await machine.RunAsync(["jwt", "-"], issuer.Token(header: header => header[member] = value));

        Assert.Equal(1, exit);
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_verifier_says_that_a_token_is_accepted()
    {
        var token = issuer.Token();
        var forged = $"{token[..token.LastIndexOf('.')]}.{FakeSigningKey.Encode("forged")}";

        var (exit, output) = await machine.RunAsync(["jwt", "-"], forged);

        Assert.Equal(1, exit);
        Assert.Contains("shop refuses it: The token's signature is not its issuer's.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_of_a_token_cannot_steer_the_terminal()
    {
        var (_, output) = await machine.RunAsync(["jwt", "-"], issuer.Token(claims => (claims["aud"], claims["azp"]) = ("\u001b[2J", "api\u202e")));

        Assert.DoesNotContain(output, c => char.IsControl(c) && c is not '\r' and not '\n');
        Assert.DoesNotContain('\u202e', output);
    }

    [Fact]
    public async Task Keys_are_asked_of_configured_issuers_alone()
    {
        await using var stranger = await FakeIdentityProvider.StartAsync(time);

        await machine.RunAsync(["jwt", "-"], stranger.Token());

        Assert.Equal((0, 0), (stranger.DiscoveryFetches, stranger.KeyFetches));
    }

    [Fact]
    public async Task An_identity_provider_no_app_uses_is_named()
    {
        machine.Has("alter.json", Document(issuer.Issuer).Replace("\"identity_providers\": [\"main\"]", "\"owner\": \"app\"", StringComparison.Ordinal));

        var (exit, output) = await machine.RunAsync(["jwt", "-"], issuer.Token());

        Assert.Equal(1, exit);
        Assert.Contains("No app takes its users from main.", output, StringComparison.Ordinal);
        Assert.Contains("\"identity_providers\": [\"main\"]", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_that_cannot_be_used_is_said_after_the_token_was_explained()
    {
        machine.Has("alter.json", "{}");

        var (exit, output) = await machine.RunAsync(["jwt", "-"], issuer.Token());

        Assert.Equal(1, exit);
        Assert.Contains("aud  https://api.acme.com", output, StringComparison.Ordinal);
        Assert.Contains("./alter check says why", output, StringComparison.Ordinal);
    }

    private static string Document(string issuer) => $$"""
        {
          "identity_providers": { "main": { "issuer": "{{issuer}}", "audiences": ["https://api.acme.com"], "allow_insecure_local": true } },
          "apps": { "shop": { "name": "Acme Shop", "keys": [{ "id": "k1", "sha256": "{{Documents.DigestOne}}" }], "identity_providers": ["main"] } }
        }
        """;
}
