using System.Collections.Concurrent;

namespace Alter.Identity;

/// <summary>
/// The tokens whose signature a key set has verified, by their digests. Neither token nor key can change, so neither can the answer; a backend sends one token with many calls. It goes
/// with its key set, so a key that left the set verifies nothing any more, and everything that time or the document decides is judged anew with every call.
/// </summary>
internal sealed class VerifiedTokens
{
    private const int MostRemembered = 10_000;

    private readonly ConcurrentDictionary<TokenDigest, bool> verified = new();

    internal bool Contains(CompactToken token) => verified.ContainsKey(token.Digest);

    internal void Add(CompactToken token)
    {
        if (verified.Count >= MostRemembered)
        {
            verified.Clear(); // Forgetting costs a verification, not a fact.
        }

        verified[token.Digest] = true;
    }
}
