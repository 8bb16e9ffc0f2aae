using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Alter.Identity;

/// <summary>SHA-256 of every character of a token, as it stands in memory: no two tokens are one.</summary>
internal readonly record struct TokenDigest(ulong A, ulong B, ulong C, ulong D)
{
    internal static TokenDigest Of(string raw)
    {
        Span<ulong> digest = stackalloc ulong[SHA256.HashSizeInBytes / sizeof(ulong)];
        SHA256.HashData(MemoryMarshal.AsBytes(raw.AsSpan()), MemoryMarshal.AsBytes(digest));
        return new TokenDigest(digest[0], digest[1], digest[2], digest[3]);
    }
}
