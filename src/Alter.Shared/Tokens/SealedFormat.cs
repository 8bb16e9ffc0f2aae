using System.Security.Cryptography;

namespace Alter.Tokens;

/// <summary>
/// How a secret lies at rest: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce and a full tag.
/// </summary>
/// <remarks>
/// <code>
///  offset   0         1           13                     length-16
///         ┌─────────┬───────────┬──────────────────────┬───────────┐
///         │ version │ nonce     │ ciphertext           │ tag       │
///         │ 0x01    │ 12 bytes  │ as long as the secret│ 16 bytes  │
///         └─────────┴───────────┴──────────────────────┴───────────┘
/// </code>
/// The associated data is not stored: whoever opens must name the same place. A version's bytes never change meaning.
/// </remarks>
public static class SealedFormat
{
    /// <summary>The version written today.</summary>
    public const byte Version = 1;

    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int Overhead = 1 + NonceLength + TagLength;

    /// <summary>Seals under a fresh nonce.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="secret">Any length.</param>
    /// <param name="associatedData">Where the result will lie.</param>
    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> associatedData)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        RandomNumberGenerator.Fill(nonce);
        return Seal(key, secret, associatedData, nonce);
    }

    /// <summary>Opens what was sealed for the same place. Fails in one way, whichever byte was wrong.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sealedSecret, ReadOnlySpan<byte> associatedData, out byte[] secret)
    {
        using var cipher = new AesGcm(key, TagLength);
        return TryOpen(cipher, sealedSecret, associatedData, out secret);
    }

    internal static bool TryOpen(AesGcm cipher, ReadOnlySpan<byte> sealedSecret, ReadOnlySpan<byte> associatedData, out byte[] secret)
    {
        secret = [];
        if (sealedSecret.Length < Overhead || sealedSecret[0] != Version)
        {
            return false;
        }

        var opened = new byte[sealedSecret.Length - Overhead];
        try
        {
            cipher.Decrypt(sealedSecret.Slice(1, NonceLength), sealedSecret[(1 + NonceLength)..^TagLength], sealedSecret[^TagLength..], opened, associatedData);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        secret = opened;
        return true;
    }

    internal static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> nonce)
    {
        var result = new byte[Overhead + secret.Length];
        result[0] = Version;
        nonce.CopyTo(result.AsSpan(1));
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, secret, result.AsSpan(1 + NonceLength, secret.Length), result.AsSpan(result.Length - TagLength), associatedData);
        return result;
    }
}
