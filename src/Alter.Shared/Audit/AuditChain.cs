using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Alter.Keys;
using Alter.Storage;

namespace Alter.Audit;

/// <summary>What holds entries together: each names the one before it, and a key of the vault says that both are its own.</summary>
/// <remarks>
/// <code>
///  chain(n) = SHA-256( lane, n, chain(n-1), entry(n) )      mac(n) = HMAC( audit key, chain(n) )
///  seal(m)  = SHA-256( m, time, heads of lanes, seal(m-1) ) mac    = HMAC( audit key, seal(m) )
/// </code>
/// </remarks>
internal static class AuditChain
{
    private const int Length = SHA256.HashSizeInBytes;

    /// <summary>What the first entry of a lane follows.</summary>
    internal static byte[] Beginning => new byte[Length];

    internal static byte[] Link(string lane, long sequence, byte[] before, string entry) => Link(lane, sequence, before, Encoding.UTF8.GetBytes(entry));

    internal static byte[] Link(string lane, long sequence, byte[] before, ReadOnlySpan<byte> entry)
    {
        var parts = new LengthPrefixed(2048);
        try
        {
            parts.Add("alter/1");
            parts.Add("audit");
            parts.Add(lane);
            parts.Add(sequence);
            parts.AddHex(before);
            parts.AddUtf8(entry);
            return parts.Sha256();
        }
        finally
        {
            parts.Dispose();
        }
    }

    internal static byte[] SealHash(AuditSeal seal, string heads) => SHA256.HashData(DeploymentSalt.LengthPrefixed(
        "alter/1",
        "seal",
        seal.Number.ToString(CultureInfo.InvariantCulture),
        RowKeys.Ticks(seal.At),
        heads,
        seal.Dropped ?? "",
        seal.Oldest.ToString(CultureInfo.InvariantCulture),
        Convert.ToHexStringLower(seal.Previous)));

    internal static byte[] Mac(KeyEncryptionKey key, byte[] chain) => key.Mac(KeyPurpose.Audit, "", chain);

    internal static bool IsAuthentic(KeyEncryptionKey key, byte[] chain, byte[] mac) => CryptographicOperations.FixedTimeEquals(Mac(key, chain), mac);

    internal static bool AreSame(byte[] one, byte[] other) => CryptographicOperations.FixedTimeEquals(one, other);
}
