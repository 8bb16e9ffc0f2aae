using System.Text;
using Alter.Storage;
using Alter.Tokens;

namespace Alter.Tests.Tokens;

public sealed class SealedFormatTests
{
    // AES-256-GCM; ciphertext and tag were computed with another implementation. They may never change while a row of version 1 exists.
    private static readonly byte[] Key = Convert.FromHexString("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    private static readonly byte[] Nonce = Convert.FromHexString("202122232425262728292a2b");
    private static readonly byte[] Place = Encoding.UTF8.GetBytes("alter/1 place");

    [Theory]
    [InlineData("", "01202122232425262728292a2bada574cc11a5b9f82c928f3c774c34c1")]
    [InlineData("a", "01202122232425262728292a2bb339a95bbd7ca5e0dd6946078a10e053f8")]
    [InlineData("ya29.a0AfH6SMBexample-token", "01202122232425262728292a2bab5b944942f92a4f7c34749d8c5a9181b1249cf0e2ad1781079302f0f1f9d076efb606bcf7641628e9b3a9")]
    public void Known_answers_of_version_1(string secret, string expected)
    {
        Assert.Equal(expected, Convert.ToHexStringLower(SealedFormat.Seal(Key, Encoding.UTF8.GetBytes(secret), Place, Nonce)));
        Assert.True(SealedFormat.TryOpen(Key, Convert.FromHexString(expected), Place, out var opened));
        Assert.Equal(secret, Encoding.UTF8.GetString(opened));
    }

    [Fact]
    public void No_bit_of_what_was_sealed_can_be_changed()
    {
        var intact = SealedFormat.Seal(Key, Encoding.UTF8.GetBytes("refresh-token"), Place);
        for (var bit = 0; bit < intact.Length * 8; bit++)
        {
            var broken = intact.ToArray();
            broken[bit / 8] ^= (byte)(1 << (bit % 8));

            Assert.False(SealedFormat.TryOpen(Key, broken, Place, out var opened), $"bit {bit}");
            Assert.Empty(opened);
        }
    }

    [Fact]
    public void What_is_cut_short_or_made_longer_does_not_open()
    {
        var intact = SealedFormat.Seal(Key, Encoding.UTF8.GetBytes("refresh-token"), Place);
        for (var length = 0; length < intact.Length; length++)
        {
            Assert.False(SealedFormat.TryOpen(Key, intact.AsSpan(0, length), Place, out _));
        }

        Assert.False(SealedFormat.TryOpen(Key, [.. intact, 0], Place, out _));
    }

    [Fact]
    public void Another_key_or_place_does_not_open_it()
    {
        var intact = SealedFormat.Seal(Key, Encoding.UTF8.GetBytes("refresh-token"), Place);
        var otherKey = Key.ToArray();
        otherKey[31] ^= 1;

        Assert.False(SealedFormat.TryOpen(otherKey, intact, Place, out _));
        Assert.False(SealedFormat.TryOpen(Key, intact, Place.AsSpan(1), out _));
        Assert.False(SealedFormat.TryOpen(Key, intact, [], out _));
    }

    [Fact]
    public void The_same_secret_never_looks_the_same() =>
        Assert.Equal(100, Enumerable.Range(0, 100).Select(_ => Convert.ToHexString(SealedFormat.Seal(Key, "x"u8, Place))).Distinct().Count());

    [Fact]
    public void No_two_lists_of_parts_read_alike()
    {
        string[][] lists = [["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["", "abc"], ["a", "b", "c"], [], [""], ["ä"], ["a\0\0\0\u0001b"]];

        Assert.Equal(lists.Length, lists.Select(parts => Convert.ToHexString(DeploymentSalt.LengthPrefixed(parts))).Distinct().Count());
        Assert.Equal("00000002616200000002c3a4", Convert.ToHexStringLower(DeploymentSalt.LengthPrefixed("ab", "ä")));
    }
}
