using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Alter.Identity;

/// <summary>SHA-256 of a token's text as UTF-8: no two tokens are one, for those that are kept are ASCII, which no other text becomes.</summary>
internal readonly record struct TokenDigest(ulong A, ulong B, ulong C, ulong D)
{
    internal static TokenDigest Of(string raw)
    {
        Span<ulong> digest = stackalloc ulong[SHA256.HashSizeInBytes / sizeof(ulong)];
        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(raw.Length));
        SHA256.HashData(rented.AsSpan(0, Encoding.UTF8.GetBytes(raw, rented)), MemoryMarshal.AsBytes(digest));
        ArrayPool<byte>.Shared.Return(rented, clearArray: true); // A token.
        return new TokenDigest(digest[0], digest[1], digest[2], digest[3]);
    }
}
