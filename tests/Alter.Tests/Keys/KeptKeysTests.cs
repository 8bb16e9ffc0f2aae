using System.Security.Cryptography;
using Alter.Keys;
using Alter.Tokens;

namespace Alter.Tests.Keys;

public sealed class KeptKeysTests
{
    [Fact]
    public void However_many_keys_there_are_each_computes_as_itself()
    {
        // More than a thread keeps, in an order that has all of them thrown out and made again, on several threads at once.
        var keys = Enumerable.Range(0, 20).Select(_ => RandomNumberGenerator.GetBytes(32)).ToArray();
        Parallel.For(0, 4, _ =>
        {
            for (var time = 0; time < 2_000; time++)
            {
                var key = keys[time * 7 % (time % 3 is 0 ? keys.Length : 3)];
                var data = BitConverter.GetBytes(time);
                Assert.Equal(HMACSHA256.HashData(key, data), KeptKeys.HmacSha256(key, data));
                Assert.True(SealedFormat.TryOpen(KeptKeys.Aes256Gcm(key), SealedFormat.Seal(key, data, [1]), [1], out var opened));
                Assert.Equal(data, opened);
            }
        });
    }

    [Fact]
    public void What_does_not_open_spoils_nothing()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        var sealedSecret = SealedFormat.Seal(key, [1, 2, 3], [4]);
        for (var time = 0; time < 3; time++)
        {
            Assert.False(SealedFormat.TryOpen(KeptKeys.Aes256Gcm(key), sealedSecret, [5], out var nothing));
            Assert.Empty(nothing);
            Assert.True(SealedFormat.TryOpen(KeptKeys.Aes256Gcm(key), sealedSecret, [4], out var opened));
            Assert.Equal([1, 2, 3], opened);
        }
    }
}
