using System.Net;
using System.Security.Cryptography;
using System.Text;
using Alter.Apps;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Apps;

public class AppKeysTests
{
    private const string Key = "alter_key_app_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    private static readonly AppKeys Keys = new(new ConfigurationSource(Documents.Read(
        Documents.With("apps.robots.keys.0.sha256", $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key)))}\""))), TimeProvider.System);

    [Fact]
    public void A_key_finds_its_app()
    {
        Assert.True(Keys.FindApp(Key, null).Succeeded(out var found, out _));
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
        Assert.False(Keys.FindApp(presented, null).Succeeded(out _, out var refusal));
        Assert.Contains("shape", Assert.IsType<InvalidApiKey>(refusal).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_key_is_told_how_many_there_are_and_in_which_document()
    {
        var unknown = Key[..^1] + "B";

        Assert.False(Keys.FindApp(unknown, null).Succeeded(out _, out var refusal));

        Assert.Equal("invalid_api_key", refusal.Code);
        Assert.Matches("None of the 2 keys .*version [0-9a-f]{12}", refusal.Detail);
        Assert.DoesNotContain(unknown, refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_is_refused_from_the_instant_it_expires_and_says_so()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 12, 30, 23, 59, 59, TimeSpan.Zero));
        var keys = With("expires_at", "\"2026-12-31T00:00:00Z\"", time);

        Assert.True(keys.FindApp(Key, null).Succeeded(out _, out _));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(keys.FindApp(Key, null).Succeeded(out _, out var refusal));

        Assert.Contains("2026_11 expired at 2026-12-31T00:00:00Z", Assert.IsType<InvalidApiKey>(refusal).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("203.0.113.7", true)]
    [InlineData("::ffff:203.0.113.7", true)]
    [InlineData("192.0.2.1", false)]
    [InlineData(null, false)]
    public void A_key_bound_to_addresses_is_good_from_those_alone(string? address, bool good)
    {
        var keys = With("cidrs", "[\"203.0.113.0/24\"]", TimeProvider.System);

        Assert.Equal(good, keys.FindApp(Key, address is null ? null : IPAddress.Parse(address)).Succeeded(out _, out var refusal));
        Assert.Equal(good, refusal is not InvalidApiKey);
    }

    [Fact]
    public void A_deprecated_key_still_lets_in() =>
        Assert.True(With("deprecated", "true", TimeProvider.System).FindApp(Key, null).Succeeded(out var found, out _) && found.Key.IsDeprecated);

    [Fact]
    public void With_a_wrong_document_no_key_is_judged()
    {
        Assert.False(new AppKeys(new ConfigurationSource(Documents.Read("{}")), TimeProvider.System).FindApp(Key, null).Succeeded(out _, out var refusal));
        Assert.IsType<VaultUnavailable>(refusal);
    }

    private static AppKeys With(string member, string value, TimeProvider time)
    {
        var row = $$"""[{ "id": "2026_11", "sha256": "{{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key)))}}", "{{member}}": {{value}} }]""";
        return new AppKeys(new ConfigurationSource(Documents.Read(Documents.With("apps.robots.keys", row))), time);
    }
}
