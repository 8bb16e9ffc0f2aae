using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Alter.Identity;

/// <summary>A JWT in compact form (RFC 7515 §3.1), taken apart and not yet believed.</summary>
internal sealed class CompactToken
{
    /// <summary>In characters, all of them ASCII.</summary>
    internal const int MaxLength = 16 * 1024;

    private static readonly SearchValues<char> Base64UrlCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private readonly string? type;

    private CompactToken(string raw, TokenClaims header, TokenClaims claims)
    {
        type = header.Text("typ");
        Length = raw.Length;
        Digest = TokenDigest.Of(raw);
        Algorithm = header.Text("alg")!;
        KeyId = header.Text("kid");
        Issuer = claims.Text("iss");
        Claims = claims;
        Times = TokenTimes.Of(claims);
    }

    /// <summary>Of its text, in characters.</summary>
    internal int Length { get; }

    /// <summary>Of its text.</summary>
    internal TokenDigest Digest { get; }

    /// <summary>One of <see cref="TokenSignature.Algorithms"/>.</summary>
    internal string Algorithm { get; }

    internal string? KeyId { get; }

    /// <summary>Whom it claims to be of.</summary>
    internal string? Issuer { get; }

    internal TokenClaims Claims { get; }

    internal TokenTimes Times { get; }

    /// <summary>Whom it names to the issuer that was asked for last, whose audience it is for: a function of the two alone. Time and signature are judged with every call.</summary>
    internal NamedUser? Named { get; set; }

    /// <summary>One object, so that no thread sees the issuer of one and the user of another.</summary>
    internal sealed record NamedUser(ConcreteIssuer Issuer, VerifiedUser User);

    /// <summary>Reads the token as far as that needs no key.</summary>
    /// <param name="raw">Hostile.</param>
    /// <param name="token">Of an allowed algorithm, without extensions.</param>
    /// <param name="fault">Why there is no token.</param>
    internal static bool TryParse(string raw, [NotNullWhen(true)] out CompactToken? token, [NotNullWhen(false)] out TokenFault? fault)
    {
        token = null;
        if (raw.Length > MaxLength)
        {
            fault = TokenFault.Malformed($"The token is longer than {MaxLength} characters.");
            return false;
        }

        var parts = raw.Split('.');
        if (parts.Length != 3 || Decode(parts[0]) is not { } header || Decode(parts[1]) is not { } payload)
        {
            fault = TokenFault.Malformed("The token is not a signed JWT: three base64url parts, the first two JSON objects without doubled names. Opaque and encrypted tokens are not accepted.");
            return false;
        }

        fault = HeaderFault(new TokenClaims(header));
        if (fault is null)
        {
            // Members jwk, jku, x5u and x5c, where a token brings its own key, are never read (RFC 8725 §3.10).
            token = new CompactToken(raw, new TokenClaims(header), new TokenClaims(payload));
        }

        return fault is null;
    }

    /// <summary>A fault where the token says it is of another kind (RFC 8725 §3.11). Many say nothing.</summary>
    /// <param name="types">Accepted values of <c>typ</c>.</param>
    internal TokenFault? TypeFault(IReadOnlyList<string> types) => type is null || types.Contains(WithoutPrefix(type), StringComparer.OrdinalIgnoreCase)
        ? null
        : TokenFault.Malformed($"The token's typ is not one of: {string.Join(", ", types)}.");

    private static TokenFault? HeaderFault(TokenClaims members)
    {
        if (members.Has("crit"))
        {
            return TokenFault.Malformed("The token's header has crit: an extension that must be understood (RFC 7515 §4.1.11), and none is.");
        }

        if ((members.Has("typ") && members.Text("typ") is null) || (members.Has("kid") && members.Text("kid") is null))
        {
            return TokenFault.Malformed("The token's typ or kid is not a string.");
        }

        // RFC 8725 §3.1: the algorithm is ours to allow, before any key is looked at; none and HMAC never.
        return members.Text("alg") is { } algorithm && TokenSignature.Algorithms.Contains(algorithm)
            ? null
            : TokenFault.Signature($"The token's alg is not one of: {string.Join(", ", TokenSignature.Algorithms)}.");
    }

    // RFC 7515 §4.1.9: a media type, usually without its "application/".
    private static string WithoutPrefix(string type) =>
        type.StartsWith("application/", StringComparison.OrdinalIgnoreCase) ? type["application/".Length..] : type;

    private static JsonElement? Decode(string part)
    {
        // RFC 7515 §2: neither padding nor white space, which the decoder would skip.
        if (part.AsSpan().ContainsAnyExcept(Base64UrlCharacters))
        {
            return null;
        }

        var bytes = new byte[Base64Url.GetMaxDecodedLength(part.Length)];
        return Base64Url.DecodeFromChars(part, bytes, out _, out var written) is OperationStatus.Done
            ? StrictJson.ReadObject(bytes.AsSpan(0, written))
            : null;
    }
}
