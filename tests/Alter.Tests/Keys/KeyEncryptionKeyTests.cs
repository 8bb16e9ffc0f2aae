using System.Runtime.CompilerServices;
using Alter.Keys;

namespace Alter.Tests.Keys;

public sealed class KeyEncryptionKeyTests
{
    private const string Version = "000102030405060708090a0b0c0d0e0f";
    private const string Secret = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    [Theory]
    // HKDF-SHA256 (RFC 5869), no salt, info "alter/1|purpose|app", computed with another implementation.
    [InlineData("grant", "shop", "4186de33bb8e822d5934686bae44dddc1f7ca1d41dfc59c9e81c83f9f189ec76")]
    [InlineData("grant", "crm", "c1f40d884ab147a611170e6e8fbfabede85b78dcfd486fd3a4441e42f3ace7e8")]
    [InlineData("row", "shop", "2e88e91309a0edb0b0ae91f49f6fa5763d37c5216a4e7b10e2da767b4775a423")]
    [InlineData("tag", "", "3d63361369609f2366cca1fbf8c8b4c1fe9af1787ebeb0d26c159306f270c5b3")]
    public void A_derived_key_never_changes(string purpose, string app, string expected) =>
        Assert.Equal(expected, Convert.ToHexStringLower(new KeyEncryptionKey(Version, Secret).Derive(purpose, app)));

    [Fact]
    public void Every_purpose_and_app_has_a_key_of_its_own()
    {
        var key = new KeyEncryptionKey(Version, Secret);
        string[] purposes = [KeyPurpose.Grant, KeyPurpose.Row, KeyPurpose.Flow, KeyPurpose.Cursor, KeyPurpose.Tag];
        string[] apps = ["", "shop", "crm"];

        var derived = purposes.SelectMany(purpose => apps.Select(app => Convert.ToHexStringLower(key.Derive(purpose, app)))).ToArray();

        Assert.Equal(15, derived.Distinct().Count());
        Assert.DoesNotContain(Secret, derived);
    }

    // Whoever writes to storage may name an app of their own in every row.
    [Fact]
    public void Keys_of_ever_new_apps_are_not_kept_for_ever_and_stay_right()
    {
        var key = new KeyEncryptionKey(Version, Secret);
        var first = key.Derive(KeyPurpose.Row, "shop");
        Assert.True(Unsafe.AreSame(in first[0], in key.Derive(KeyPurpose.Row, "shop")[0]));

        for (var forged = 0; forged < 10_000; forged++)
        {
            key.Derive(KeyPurpose.Row, $"forged{forged}");
        }

        var again = key.Derive(KeyPurpose.Row, "shop");
        Assert.False(Unsafe.AreSame(in first[0], in again[0]));
        Assert.True(first.SequenceEqual(again));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0001")]
    [InlineData("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F")]
    [InlineData(Secret + "00")]
    [InlineData(Secret + "\n")]
    [InlineData(" " + Secret)]
    [InlineData("zz0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")]
    public void A_secret_is_64_lower_case_hex_digits_or_none(string secret)
    {
        var refused = Assert.Throws<KeySourceException>(() => new KeyEncryptionKey(Version, secret));

        Assert.True(secret.Trim().Length < 5 || !refused.Message.Contains(secret.Trim(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../secrets/other")]
    [InlineData("000102030405060708090a0b0c0d0e0")]
    [InlineData("000102030405060708090A0B0C0D0E0F")]
    [InlineData(Version + "\n")]
    public void A_version_is_32_lower_case_hex_digits_or_none(string version) =>
        Assert.Throws<KeySourceException>(() => new KeyEncryptionKey(version, Secret));

    [Fact]
    public void A_key_never_prints()
    {
        var key = new KeyEncryptionKey(Version, Secret);

        Assert.DoesNotContain(Secret[32..], $"{key} {System.Text.Json.JsonSerializer.Serialize(key)}", StringComparison.Ordinal);
        Assert.Equal($"[key-encryption key {Version}]", key.ToString());
    }
}
