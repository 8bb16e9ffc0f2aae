using System.Security.Cryptography;
using System.Text;
using Alter.Apps;

namespace Alter.Tests.Apps;

public class AppKeysTests
{
    private const string Key = "alter_key_app_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    private static readonly AppKeys Keys = new(new ConfigurationSource(Documents.Read(
        Documents.With("apps.robots.keys.0.sha256", $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key)))}\""))));

    [Fact]
    public void A_key_finds_its_app()
    {
        Assert.True(Keys.FindApp(Key).Succeeded(out var found, out _));
        Assert.Equal("robots", found.App.Id);
        Assert.Equal("2026_11", found.Key.Id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("alter_key_app_short")]
    [InlineData(Key + "A")]
    [InlineData(Key + "\n")]
    [InlineData(" " + Key)]
    [InlineData("alter_key_app_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public void A_key_of_the_wrong_shape_is_told_so(string presented)
    {
        Assert.False(Keys.FindApp(presented).Succeeded(out _, out var refusal));
        Assert.Contains("shape", Assert.IsType<InvalidApiKey>(refusal).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_key_is_told_how_many_there_are_and_in_which_document()
    {
        var unknown = Key[..^1] + "B";

        Assert.False(Keys.FindApp(unknown).Succeeded(out _, out var refusal));

        Assert.Equal("invalid_api_key", refusal.Code);
        Assert.Matches("None of the 2 keys .*version [0-9a-f]{12}", refusal.Detail);
        Assert.DoesNotContain(unknown, refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void With_a_wrong_document_no_key_is_judged()
    {
        Assert.False(new AppKeys(new ConfigurationSource(Documents.Read("{}"))).FindApp(Key).Succeeded(out _, out var refusal));
        Assert.IsType<VaultUnavailable>(refusal);
    }
}
