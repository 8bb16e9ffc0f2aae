using System.Text;
using Alter.Identity;

namespace Alter.Tests.Identity;

/// <summary>Tokens are taken apart once: which are kept, and that no other text finds them.</summary>
public sealed class ReadTokensTests
{
    private readonly ReadTokens tokens = new();

    [Fact]
    public void One_that_proved_good_is_not_read_again_and_no_other_text_is_taken_for_it()
    {
        var (raw, other) = (Token("ada"), Token("bob"));
        var first = Read(raw);
        Assert.NotSame(first, Read(raw)); // Nobody has verified it yet.

        tokens.Keep(first);

        Assert.Same(first, Read(raw));
        Assert.Equal("bob", Read(other).Claims.Text("sub"));
        Assert.NotSame(first, Read(raw + "A"));

        // What a digest of bytes or of ASCII would take for it: the same low bytes; a character that becomes a question mark, beside that mark.
        Assert.NotEqual(TokenDigest.Of(raw), TokenDigest.Of(string.Concat(raw.Select(c => (char)(c + 0x100)))));
        Assert.NotEqual(TokenDigest.Of("ä" + raw), TokenDigest.Of("?" + raw));
        Assert.NotEqual(TokenDigest.Of("ä" + raw), TokenDigest.Of("ö" + raw));
    }

    [Fact]
    public void A_long_one_is_read_every_time()
    {
        var raw = Token(new string('a', 4000));
        tokens.Keep(Read(raw));

        Assert.NotSame(Read(raw), Read(raw));
    }

    [Fact]
    public void However_many_there_are_only_so_many_are_kept()
    {
        var first = Token("user-0");
        for (var user = 0; user <= 2000; user++)
        {
            tokens.Keep(Read(Token($"user-{user}")));
        }

        Assert.NotSame(Read(first), Read(first));
        Assert.Equal("user-0", Read(first).Claims.Text("sub"));
        Assert.Same(Read(Token("user-2000")), Read(Token("user-2000")));
    }

    private static string Token(string subject) =>
        $"{Encode("""{"alg":"RS256","kid":"k1"}""")}.{Encode($$"""{"sub":"{{subject}}"}""")}.AAAA";

    private static string Encode(string json) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private CompactToken Read(string raw)
    {
        Assert.True(tokens.TryRead(raw, out var token, out _));
        return token;
    }
}
