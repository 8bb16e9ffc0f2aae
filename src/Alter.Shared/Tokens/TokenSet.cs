namespace Alter.Tokens;

/// <summary>What a token endpoint answered (RFC 6749 §5.1).</summary>
/// <param name="AccessToken">The access token.</param>
/// <param name="RefreshToken">The refresh token; null where none came: then the one already held stays valid (RFC 6749 §6).</param>
/// <param name="Lifetime">Life of the access token; null where the provider says nothing, which is taken as unlimited.</param>
/// <param name="Scopes">The granted scopes; null where they equal what was asked (RFC 6749 §5.1).</param>
/// <param name="IdToken">The id token, unchecked; only from a code.</param>
public sealed record TokenSet(
    AccessToken AccessToken,
    RefreshToken? RefreshToken,
    TimeSpan? Lifetime,
    IReadOnlyList<string>? Scopes,
    string? IdToken)
{
    /// <summary>Tokens never print.</summary>
    public override string ToString() => "[token set]";
}
