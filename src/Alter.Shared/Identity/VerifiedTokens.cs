using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Alter.Identity;

/// <summary>
/// The tokens whose signature a key set has verified, by their digests. Neither token nor key can change, so neither can the answer; a backend sends one token with many calls. It goes
/// with its key set, so a key that left the set verifies nothing any more, and everything that time or the document decides is judged anew with every call.
/// </summary>
internal sealed class VerifiedTokens
{
    private const int MostRemembered = 10_000;

    private readonly ConcurrentDictionary<Digest, bool> verified = new();

    internal bool Contains(CompactToken token) => verified.ContainsKey(Digest.Of(token.Raw));

    internal void Add(CompactToken token)
    {
        if (verified.Count >= MostRemembered)
        {
            verified.Clear(); // Forgetting costs a verification, not a fact.
        }

        verified[Digest.Of(token.Raw)] = true;
    }

    // SHA-256 of every character of the token, as it stands in memory: no two tokens are one.
    private readonly record struct Digest(ulong A, ulong B, ulong C, ulong D)
    {
        internal static Digest Of(string raw)
        {
            Span<ulong> digest = stackalloc ulong[SHA256.HashSizeInBytes / sizeof(ulong)];
            SHA256.HashData(MemoryMarshal.AsBytes(raw.AsSpan()), MemoryMarshal.AsBytes(digest));
            return new Digest(digest[0], digest[1], digest[2], digest[3]);
        }
    }
}
