using System.Buffers;

namespace Alter.Sdk;

/// <summary>What a header of ours may hold.</summary>
internal static class HeaderText
{
    // base64url of the three parts of a compact JWS (RFC 7515 §7.1), and what other token formats use (RFC 6750 §2.1).
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");

    /// <summary>Printable ASCII (RFC 9110 §5.5): everything else would be garbled or refused on its way.</summary>
    internal static bool IsPlain(string text) => text.All(character => character is >= ' ' and <= '~');

    internal static bool IsToken(string text) => text.AsSpan().IndexOfAnyExcept(TokenCharacters) < 0;
}
