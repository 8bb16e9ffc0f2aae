using Alter.Tokens;

namespace Alter.Tests.Tokens;

public sealed class TokenTextTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("ya29.a0AfH6SMB-_~+/=")]
    [InlineData("two words")]
    public void What_RFC_6749_allows_is_a_token(string text)
    {
        Assert.True(AccessToken.TryParse(text, out var access));
        Assert.True(RefreshToken.TryParse(text, out var refresh));
        Assert.Equal((text, text), (access.Reveal(), refresh.Reveal()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(" leading")]
    [InlineData("trailing ")]
    [InlineData("line\r\nX-Injected: yes")]
    [InlineData("tab\there")]
    [InlineData("null\0")]
    [InlineData("del\u007f")]
    [InlineData("ümlaut")]
    public void What_could_break_a_header_is_none(string? text)
    {
        Assert.False(AccessToken.TryParse(text, out _));
        Assert.False(RefreshToken.TryParse(text, out _));
    }

    [Fact]
    public void A_token_has_16_KiB_at_most()
    {
        Assert.True(AccessToken.TryParse(new string('a', 16 * 1024), out _));
        Assert.False(AccessToken.TryParse(new string('a', (16 * 1024) + 1), out _));
    }

    [Fact]
    public void A_token_that_was_never_parsed_reveals_nothing()
    {
        Assert.Throws<InvalidOperationException>(() => default(AccessToken).Reveal());
        Assert.Throws<InvalidOperationException>(() => default(RefreshToken).Reveal());
    }
}
