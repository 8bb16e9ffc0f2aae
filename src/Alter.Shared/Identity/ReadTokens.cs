using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Alter.Identity;

/// <summary>
/// Tokens as they were read, by their digests: what a token says is a function of its text alone. Only those that had a good signature are kept, so that nobody else's fill it; whether
/// theirs still is good, and all else, is judged with every call. The text itself is not kept.
/// </summary>
internal sealed class ReadTokens
{
    private const int MostKept = 2_000;
    private const int LongestKept = 4 * 1024; // In characters: a token with hundreds of groups is read again.

    private readonly ConcurrentDictionary<TokenDigest, CompactToken> read = new();

    /// <summary>The token, from here or read now.</summary>
    /// <param name="raw">Hostile.</param>
    /// <param name="token">Taken apart and not believed.</param>
    /// <param name="fault">Why there is no token.</param>
    internal bool TryRead(string raw, [NotNullWhen(true)] out CompactToken? token, [NotNullWhen(false)] out TokenFault? fault)
    {
        fault = null;
        return (raw.Length <= LongestKept && read.TryGetValue(TokenDigest.Of(raw), out token)) || CompactToken.TryParse(raw, out token, out fault);
    }

    /// <summary>Its signature is good.</summary>
    internal void Keep(CompactToken token)
    {
        if (token.Length > LongestKept || read.ContainsKey(token.Digest))
        {
            return;
        }

        if (read.Count >= MostKept)
        {
            read.Clear();
        }

        read[token.Digest] = token;
    }
}
