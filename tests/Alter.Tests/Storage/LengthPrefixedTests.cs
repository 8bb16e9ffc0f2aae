using System.Security.Cryptography;
using System.Text;
using Alter.Storage;
using CsCheck;

namespace Alter.Tests.Storage;

/// <summary>What hashes and MACs cover, gathered in two ways that must never differ: stored rows are judged by it.</summary>
public sealed class LengthPrefixedTests
{
    private static readonly byte[] Key = Encoding.ASCII.GetBytes("a key");

    [Fact]
    public void Parts_are_hashed_as_the_list_of_their_texts_is() => Gen.Select(Gen.String.Array[0, 8], Gen.Byte.Array[0, 3000], Gen.Long).Sample((texts, bytes, number) =>
    {
        var parts = new LengthPrefixed(16);
        foreach (var text in texts)
        {
            parts.Add(text);
        }

        parts.AddBase64(bytes);
        parts.AddHex(bytes);
        parts.Add(number);
        parts.AddBase64(null);
        var (hash, mac) = (parts.Sha256(), parts.HmacSha256(Key));
        parts.Dispose();

        var expected = DeploymentSalt.LengthPrefixed([
            .. texts,
            Convert.ToBase64String(bytes),
            Convert.ToHexStringLower(bytes),
            number.ToString(System.Globalization.CultureInfo.InvariantCulture),
            "",
        ]);
        Assert.Equal(SHA256.HashData(expected), hash);
        Assert.Equal(HMACSHA256.HashData(Key, expected), mac);
    });
}
