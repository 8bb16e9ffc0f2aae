using System.Collections.Frozen;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Alter.Identity;

/// <summary>Checks a token's signature with one key, chosen before.</summary>
internal static class TokenSignature
{
    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = CompactToken.MaxLength };

    /// <summary>RFC 7518 §3.1, the asymmetric ones.</summary>
    internal static FrozenSet<string> Algorithms { get; } =
        new[] { "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>What is wrong with the signature, judged with the one key of the set the token names.</summary>
    /// <param name="token">As read.</param>
    /// <param name="raw">Its text.</param>
    /// <param name="issuer">Whom it claims to be of.</param>
    /// <param name="keys">The issuer's.</param>
    internal static async ValueTask<TokenFault?> FaultAsync(CompactToken token, string raw, string issuer, KeySet keys)
    {
        if (keys.Find(token.KeyId, token.Algorithm) is not { } key)
        {
            return TokenFault.Signature(token.KeyId is null
                ? "The token names no key (kid), and its issuer has several, or none for its algorithm."
                : "The token names a key (kid) its issuer does not have for its algorithm. A key younger than 30 seconds may not be known yet.");
        }

        if (keys.Verified.Contains(token))
        {
            return null;
        }

        if (TokenDigest.Of(raw) != token.Digest)
        {
            throw new ArgumentException("It is not the text that was read.", nameof(raw)); // What is verified here is remembered as the token's.
        }

        var result = await Handler.ValidateTokenAsync(raw, new TokenValidationParameters
        {
            IssuerSigningKeyResolver = (_, _, _, _) => [key], // A token without kid would otherwise find none.
            TryAllIssuerSigningKeys = false,
            ValidAlgorithms = [token.Algorithm],
            RequireSignedTokens = true,
            ValidateIssuer = true,
            ValidIssuer = issuer,

            // Audience and times are judged by TokenRules from the strictly read payload, by our clock and byte for byte.
            ValidateAudience = false,
            ValidateLifetime = false,
            LogValidationExceptions = false,
            IncludeTokenOnFailedValidation = false,
        });
        if (result.IsValid)
        {
            keys.Verified.Add(token);
            return null;
        }

        return result switch
        {
            // The library reads the claims before it verifies, and stops here at one of another kind than RFC 7519 gives it.
            { Exception: ArgumentException } => TokenFault.Claims("A registered claim of the token is not of its kind: exp, iat and nbf are numbers, sub is a string, aud a string or a list of strings."),
            _ => TokenFault.Signature("The token's signature is not its issuer's."),
        };
    }
}
