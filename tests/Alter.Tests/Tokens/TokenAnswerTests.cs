using System.Text;
using Alter.Providers;
using Alter.Tokens;

namespace Alter.Tests.Tokens;

public sealed class TokenAnswerTests
{
    private static readonly TokenAnswerDefinition Usual = new();

    [Fact]
    public void An_ordinary_answer_is_read_whole()
    {
        var tokens = Read("""{"access_token":"a","token_type":"Bearer","expires_in":3600,"refresh_token":"r","scope":"one two","id_token":"i","extra":{"x":[1]}}""");

        Assert.NotNull(tokens);
        Assert.Equal(("a", "r", TimeSpan.FromHours(1), "i"), (tokens.AccessToken.Reveal(), tokens.RefreshToken?.Reveal(), tokens.Lifetime, tokens.IdToken));
        Assert.Equal(["one", "two"], tokens.Scopes!);
    }

    [Fact]
    public void An_answer_that_comes_as_a_form_is_read_alike()
    {
        var tokens = Read("access_token=a%2Bb&token_type=bearer&expires_in=3600&refresh_token=r&scope=one+two\n");

        Assert.NotNull(tokens);
        Assert.Equal(("a+b", "r", TimeSpan.FromHours(1)), (tokens.AccessToken.Reveal(), tokens.RefreshToken?.Reveal(), tokens.Lifetime));
        Assert.Equal(["one", "two"], tokens.Scopes!);
        Assert.Equal("bad_refresh_token", TokenAnswer.ReadError("error=bad_refresh_token&error_description=No"u8.ToArray(), Usual));
        Assert.Null(TokenAnswer.ReadError("an error=bad"u8.ToArray(), Usual));
    }

    [Theory]
    [InlineData("3600", 3600)]
    [InlineData("\"3600\"", 3600)]
    [InlineData("3600.5", 3600.5)]
    [InlineData("315359999", 315359999)]
    public void A_lifetime_may_be_a_number_or_text(string expiresIn, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), ReadLifetime(expiresIn));

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1e999")]
    [InlineData("315360000")]
    [InlineData("99999999999999999999999999")]
    [InlineData("\"soon\"")]
    [InlineData("\"\"")]
    [InlineData("\"NaN\"")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("true")]
    public void A_lifetime_that_is_none_is_as_if_it_were_missing(string expiresIn) => Assert.Null(ReadLifetime(expiresIn));

    [Theory]
    [InlineData("")]
    [InlineData("access_token=a")]
    [InlineData("access_token=a&token_type=mac")]
    [InlineData("access_token=a&token_type=bearer&access_token=b")]
    [InlineData("access_token=a%0d%0aX&token_type=bearer")]
    [InlineData("access_token=a b&token_type=bearer")]
    [InlineData("access_token&token_type=bearer")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData("""{"access_token":"a"}""")]
    [InlineData("""{"access_token":"a","token_type":"mac"}""")]
    [InlineData("""{"access_token":"a","token_type":"DPoP"}""")]
    [InlineData("""{"access_token":"a","token_type":7}""")]
    [InlineData("""{"access_token":null,"token_type":"Bearer"}""")]
    [InlineData("""{"access_token":["a"],"token_type":"Bearer"}""")]
    [InlineData("""{"access_token":"a\r\nX: y","token_type":"Bearer"}""")]
    [InlineData("""{"access_token":"\ud800","token_type":"Bearer"}""")]
    [InlineData("""{"token_type":"Bearer","Access_Token":"a"}""")]
    public void An_answer_without_a_usable_bearer_token_is_none(string body) => Assert.Null(Read(body));

    [Fact]
    public void Bytes_that_are_no_text_are_no_answer()
    {
        Assert.Null(TokenAnswer.ReadTokens([.. "{\"access_token\":\""u8, 0xff, 0xfe, .. "\",\"token_type\":\"Bearer\"}"u8], Usual));
        Assert.Null(TokenAnswer.ReadError([.. "{\"error\":\""u8, 0xff, .. "\"}"u8], Usual));
    }

    [Fact]
    public void Nesting_without_end_is_no_answer() => Assert.Null(Read(new string('[', 100_000)));

    [Fact]
    public void A_token_over_16_KiB_is_none()
    {
        Assert.Null(Read($$"""{"access_token":"{{new string('a', 20_000)}}","token_type":"Bearer"}"""));
        Assert.Null(Read($$"""{"access_token":"a","token_type":"Bearer","refresh_token":"{{new string('a', 20_000)}}"}""")!.RefreshToken);
    }

    [Theory]
    [InlineData("bearer")]
    [InlineData("BEARER")]
    public void The_type_is_compared_without_case(string type) => Assert.NotNull(Read($$"""{"access_token":"a","token_type":"{{type}}"}"""));

    [Fact]
    public void Scopes_fit_into_a_row_whatever_a_provider_sends()
    {
        var scopes = TokenAnswer.Scopes(string.Join(' ', Enumerable.Range(0, 5000).Select(n => $"{n:D5}+&<>'{new string('x', 250)}")), Usual);

        Assert.InRange(scopes.Count, 1, 200);
        Assert.InRange(scopes.Sum(scope => scope.Length + 3), 1, 30_000);
    }

    [Fact]
    public void Scopes_are_split_by_blanks_or_commas_and_kept_once() =>
        Assert.Equal(["a", "b", "c"], TokenAnswer.Scopes("a b,a  c \u0001 \"q\" ü", Usual));

    [Theory]
    [InlineData("""{"error":"invalid_grant"}""", "invalid_grant")]
    [InlineData("""{"error":"bad\" \\ \u0007 ümlaut"}""", "bad   mlaut")]
    [InlineData("""{"error":{"code":1}}""", null)]
    [InlineData("""{"error":""}""", null)]
    [InlineData("""{"error":"\udc00"}""", null)]
    [InlineData("nonsense", null)]
    public void An_error_is_read_in_the_characters_of_RFC_6749(string body, string? error) => Assert.Equal(error, TokenAnswer.ReadError(Encoding.UTF8.GetBytes(body), Usual));

    [Fact]
    public void An_error_has_200_characters_at_most() => Assert.Equal(200, TokenAnswer.CleanText(new string('e', 5000))!.Length);

    private static TokenSet? Read(string body) => TokenAnswer.ReadTokens(Encoding.UTF8.GetBytes(body), Usual);

    private static TimeSpan? ReadLifetime(string expiresIn)
    {
        var tokens = Read($$"""{"access_token":"a","token_type":"Bearer","expires_in":{{expiresIn}}}""");
        Assert.NotNull(tokens);
        return tokens.Lifetime;
    }
}
