using System.Text;
using Alter.Providers;
using Alter.Storage;
using Alter.Testing;
using Alter.Tokens;

namespace Alter.Tests.Tokens;

/// <summary>Answers of token endpoints that no honest one gives.</summary>
public sealed class HostileAnswerTests
{
    private const string Right = """{"access_token":"at-1","token_type":"Bearer","expires_in":3600,"refresh_token":"rt-1","scope":"orders.read orders.write","id_token":"a.b.c"}""";
    private const string Odd = """{"ok":true,"authed_user":{"access_token":"at-2","token_type":"user","scope":"chat:write","expires_in":"43200"},"error":"invalid_grant"}""";

    private static readonly TokenAnswerDefinition[] Forms =
    [
        new(),
        new() { Success = "ok", Within = "authed_user", TokenType = "user", Scopes = new Dictionary<string, string> { ["chat:write"] = "chat" }, Errors = new Dictionary<string, string> { ["x"] = "invalid_grant" } },
    ];

    [Fact]
    public void No_answer_makes_the_reader_throw() => Hostile.Each(Hostile.Utf8(Right, Odd), 6000, body =>
    {
        foreach (var form in Forms)
        {
            var tokens = TokenAnswer.ReadTokens(body, form);
            if (tokens is not null)
            {
                Assert.Matches("^[!-~]{1,16384}$", tokens.AccessToken.Reveal());
                Assert.True(tokens.Lifetime is null || tokens.Lifetime > TimeSpan.Zero);
                Assert.True(tokens.Scopes is null || tokens.Scopes.All(scope => scope.Length is > 0 and <= 300 && !scope.Contains('"', StringComparison.Ordinal)));
            }

            var error = TokenAnswer.ReadError(body, form);
            Assert.True(error is null || (error.Length is > 0 and <= 200 && error.All(c => c is >= ' ' and <= '~')));
            _ = TokenAnswer.Succeeds(body, form);
        }
    });

    // Half of a surrogate pair in a name shows only when the name is compared with another that begins alike.
    [Theory]
    [InlineData("access_toke")]
    [InlineData("token_typ")]
    [InlineData("expires_i")]
    [InlineData("scop")]
    [InlineData("erro")]
    [InlineData("o")]
    [InlineData("authed_use")]
    public void A_name_that_is_no_text_is_another_name(string begin)
    {
        foreach (var form in Forms)
        {
            var body = Encoding.UTF8.GetBytes($$"""{"{{begin}}\ud800":1,"access_token":"at","token_type":"{{form.TokenType}}","ok":true}""");
            _ = TokenAnswer.ReadTokens(body, form);
            _ = TokenAnswer.ReadError(body, form);
            _ = TokenAnswer.Succeeds(body, form);
        }
    }

    [Fact]
    public void No_message_makes_the_reader_throw()
    {
        var right = new GrantMessage(GrantMessage.Version, "refresh", "shop|0123456789abcde", "erp|account", Guid.Parse("0b5bd1a5-54c5-8d32-9eb5-0d3b9a4f3b52"), 638_000_000_000_000_000);
        var json = System.Text.Json.JsonSerializer.Serialize(right, GrantMessage.Json);
        Assert.Equal(right, GrantMessage.Parse(json));

        // A queue message is text that was UTF-8 once, so no half of a surrogate pair is in it.
        Hostile.Each(Hostile.Utf8(json), 4000, message =>
            Assert.True(GrantMessage.Parse(Encoding.UTF8.GetString(message)) is null or { V: GrantMessage.Version, Kind: not null, Gpk: not null, Grk: not null }));
    }
}
