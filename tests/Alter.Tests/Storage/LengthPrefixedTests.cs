using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Alter.Keys;
using Alter.Storage;
using CsCheck;

namespace Alter.Tests.Storage;

/// <summary>What hashes and MACs cover, against the format written out: stored rows are judged by it.</summary>
public sealed class LengthPrefixedTests
{
    private static readonly KeyEncryptionKey Key = new(new string('1', 32), new string('2', 64));

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
        var (hash, mac) = (parts.Sha256(), Key.Mac(KeyPurpose.Row, "app", parts.Written));
        parts.Dispose();

        var expected = Written([
            .. texts,
            Convert.ToBase64String(bytes),
            Convert.ToHexStringLower(bytes),
            number.ToString(CultureInfo.InvariantCulture),
            "",
        ]);
        Assert.Equal(SHA256.HashData(expected), hash);
        Assert.Equal(HMACSHA256.HashData(Key.Derive(KeyPurpose.Row, "app"), expected), mac);
        Assert.Equal(Written(texts), DeploymentSalt.LengthPrefixed(texts));
    });

    private static byte[] Written(IEnumerable<string> parts) =>
        [.. parts.Select(Encoding.UTF8.GetBytes).SelectMany(part => (byte[])[(byte)(part.Length >> 24), (byte)(part.Length >> 16), (byte)(part.Length >> 8), (byte)part.Length, .. part])];
}
