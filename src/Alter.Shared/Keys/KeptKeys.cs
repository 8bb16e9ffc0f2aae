using System.Security.Cryptography;

namespace Alter.Keys;

/// <summary>
/// Computes under keys that are used again and again. The platform makes something of a key before it computes, which costs more than a short text's MAC; the thread keeps that for the
/// keys it used last, in native memory as the keys themselves are in the process's.
/// </summary>
internal static class KeptKeys
{
    private const int Kept = 8; // A thread's; an app has two.

    [ThreadStatic]
    private static Places<IncrementalHash>? macs;

    [ThreadStatic]
    private static Places<AesGcm>? ciphers;

    /// <summary>HMAC-SHA256.</summary>
    /// <param name="key">The same array each time, and never changed.</param>
    /// <param name="data">What it covers.</param>
    internal static byte[] HmacSha256(byte[] key, ReadOnlySpan<byte> data)
    {
        var mac = (macs ??= new()).Get(key, static one => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, one));
        var code = new byte[HMACSHA256.HashSizeInBytes]; // Before anything is added: nothing that may fail comes between that and the reset.
        mac.AppendData(data);
        mac.GetHashAndReset(code);
        return code;
    }

    /// <summary>AES-256-GCM with full tags, for this thread and until it asks for another key's.</summary>
    /// <param name="key">The same array each time, and never changed.</param>
    internal static AesGcm Aes256Gcm(byte[] key) => (ciphers ??= new()).Get(key, static one => new AesGcm(one, AesGcm.TagByteSizes.MaxSize));

    private sealed class Places<T>
        where T : class, IDisposable
    {
        private readonly (byte[]? Key, T? Made)[] places = new (byte[]?, T?)[Kept];
        private int next;

        internal T Get(byte[] key, Func<byte[], T> make)
        {
            foreach (var (one, known) in places)
            {
                if (ReferenceEquals(one, key))
                {
                    return known!;
                }
            }

            var made = make(key);
            places[next].Made?.Dispose();
            places[next] = (key, made);
            next = (next + 1) % Kept;
            return made;
        }
    }
}
