using System.Buffers.Text;
using System.Text.Json;
using System.Text;
using Alter.Identity;
using Alter.Testing;

namespace Alter.Tests.Identity;

/// <summary>Tokens and key sets nobody in their right mind would write.</summary>
public sealed class HostileTokenTests
{
    private const string Header = """{"alg":"RS256","typ":"at+jwt","kid":"k1"}""";
    private const string Claims = """{"iss":"https://idp.acme.com","sub":"ada","aud":["https://api.acme.com"],"iat":1764000000,"exp":1764003600,"profile":{"id":"u1"}}""";

    [Fact]
    public void What_is_written_into_a_token_is_read_from_it()
    {
        Assert.True(CompactToken.TryParse(Token(Header, Claims), out var token, out _));

        Assert.Equal(("RS256", "k1", "ada", "u1"), (token.Algorithm, token.KeyId, token.Claims.Text("sub"), token.Claims.TextAt("profile.id")));
        Assert.Equal(Claims, JsonSerializer.Serialize(token.Claims.ToDictionary()));
    }

    [Fact]
    public void No_header_or_payload_makes_the_reader_throw() => Hostile.Each(CsCheck.Gen.Select(Hostile.Text(Header), Hostile.Text(Claims)), 6000, parts =>
    {
        var raw = Token(parts.Item1, parts.Item2);
        if (!CompactToken.TryParse(raw, out var token, out var fault))
        {
            Assert.DoesNotContain("ada", fault.Detail, StringComparison.Ordinal);
            return;
        }

        // What was taken reads the same however it is asked.
        Assert.Contains(token.Algorithm, TokenSignature.Algorithms.AsEnumerable());
        Assert.True(raw.Length <= CompactToken.MaxLength);
        foreach (var name in new[] { "iss", "sub", "aud", "iat", "exp", "profile.id" })
        {
            _ = token.Claims.TextAt(name);
            _ = token.Claims.Time(name);
        }

        _ = (token.Claims.Audiences(), token.TypeFault(["JWT"]), TokenRules.Broken(token.Times, TimeSpan.FromHours(24), DateTimeOffset.UnixEpoch.AddYears(56)));
        Assert.Equal(token.Claims.ToDictionary().Count, token.Claims.ToDictionary().Keys.Distinct(StringComparer.Ordinal).Count());
    });

    [Theory]
    [InlineData((byte)0xff)]
    [InlineData((byte)0xc3)]
    [InlineData((byte)0xed)]
    public void A_claim_that_is_not_UTF_8_makes_no_token(byte broken)
    {
        var claims = Encoding.UTF8.GetBytes(Claims);
        claims[Claims.IndexOf("ada", StringComparison.Ordinal)] = broken;

        Assert.False(CompactToken.TryParse($"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Header))}.{Base64Url.EncodeToString(claims)}.AAAA", out _, out _));
    }

    [Fact]
    public void A_token_until_the_end_of_time_lives_too_long_and_is_no_error()
    {
        Assert.True(CompactToken.TryParse(Token(Header, """{"iat":1764000000,"exp":253402300799}"""), out var token, out _));

        Assert.NotNull(TokenRules.Broken(token.Times, TimeSpan.FromHours(24), DateTimeOffset.UnixEpoch.AddSeconds(1_764_000_000)));
        Assert.Null(TokenRules.Broken(token.Times, null, DateTimeOffset.UnixEpoch.AddSeconds(1_764_000_000)));
    }

    [Fact]
    public void No_text_makes_the_reader_throw() => Hostile.Each(Hostile.Text(Token(Header, Claims), "..", "a.b.c"), 6000, raw =>
    {
        if (CompactToken.TryParse(raw, out var token, out _))
        {
            // RFC 7515 §3.1: exactly what is signed is what was read.
            Assert.Equal((raw.Length, TokenDigest.Of(raw)), (token.Length, token.Digest));
            Assert.Equal(2, raw.Count(c => c == '.'));
        }
    });

    [Fact]
    public void No_key_set_makes_the_reader_throw()
    {
        // Any odd number of 2048 bits is a modulus, and the curve's own base point (SP 800-186 §3.2.1.3) a public key.
        var modulus = Base64Url.EncodeToString(Enumerable.Repeat((byte)0xC1, 256).ToArray());
        var (x, y) = (Base64Url.EncodeToString(Convert.FromHexString("6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296")), Base64Url.EncodeToString(Convert.FromHexString("4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5")));
        var right = $$"""{"keys":[{"kty":"EC","kid":"e","crv":"P-256","use":"sig","alg":"ES256","x":"{{x}}","y":"{{y}}"},{"kty":"RSA","kid":"r","key_ops":["verify"],"n":"{{modulus}}","e":"AQAB"}]}""";
        Assert.Equal(2, KeySet.Read(Encoding.UTF8.GetBytes(right))!.Count);

        Hostile.Each(Hostile.Utf8(right), 2000, json =>
        {
            var set = KeySet.Read(json);
            Assert.True(set is null or { Count: > 0 and <= 4 });
            _ = (set?.Find("e", "ES256"), set?.Find(null, "RS256"), set?.Find("r", "none"), set?.Knows("x"));
        });
    }

    [Fact]
    public void A_key_set_full_of_keys_costs_a_moment()
    {
        // As many as 256 KiB hold, none of them on its curve: each has to be looked at.
        var key = $$"""{"kty":"EC","crv":"P-256","x":"{{new string('A', 43)}}","y":"{{new string('A', 42)}}E"}""";
        var json = $$"""{"keys":[{{string.Join(',', Enumerable.Repeat(key, 256 * 1024 / (key.Length + 1)))}}]}""";
        var clock = TimeProvider.System.GetTimestamp();

        Assert.Null(KeySet.Read(Encoding.UTF8.GetBytes(json)));
        Assert.InRange(TimeProvider.System.GetElapsedTime(clock), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void No_name_can_reorder_or_lengthen_the_line_it_is_shown_in() => Hostile.Each(Hostile.Text("Ada Lovelace", "\u202eecalevoL adA", "ada@acme.com"), 4000, text =>
    {
        var shown = DisplayText.Clean(text);
        Assert.Equal(shown, DisplayText.Clean(shown)); // Clean already.
        Assert.True(shown is null || (shown.EnumerateRunes().Count() <= 100 && !shown.Any(c => char.IsControl(c) || c is '\u202e' or '\u2028' or '\ufeff')));
    });

    private static string Token(string header, string claims) =>
        $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.{new string('A', 342)}";
}
