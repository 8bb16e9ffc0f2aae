using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Alter.Identity;

/// <summary>The usable signature keys of a JWK set (RFC 7517): RSA of 2048 bits and more, and the NIST curves. All others are as if they were not there.</summary>
internal sealed class KeySet
{
    // 2048: NIST SP 800-131A, RFC 7518 §3.3. Beyond 8192 a key costs more time than it is worth: verification would be somebody's lever.
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 8192;

    private static readonly string[] RsaAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

    private readonly List<Key> keys = [];

    private KeySet()
    {
    }

    internal int Count => keys.Count;

    /// <summary>What one of these keys was seen to have signed.</summary>
    internal VerifiedTokens Verified { get; } = new();

    /// <summary>Reads a JWK set; null where it is none, or none of its keys is usable.</summary>
    internal static KeySet? Read(ReadOnlySpan<byte> json)
    {
        if (StrictJson.ReadObject(json) is not { } root || !root.TryGetProperty("keys", out var list) || list.ValueKind is not JsonValueKind.Array)
        {
            return null;
        }

        var set = new KeySet();
        foreach (var jwk in list.EnumerateArray().Where(item => item.ValueKind is JsonValueKind.Object))
        {
            if (ReadKey(new TokenClaims(jwk), jwk) is { } key)
            {
                set.keys.Add(key);
            }
        }

        return set.Count > 0 ? set : null;
    }

    /// <summary>True where a newer set could not help: the key is here, or the token names none.</summary>
    internal bool Knows(string? keyId) => keyId is null || keys.Exists(key => key.Id == keyId);

    /// <summary>The key a token names. A token that names none is given the only key of a set, never a choice (RFC 7515 §4.1.4 allows guessing; guessing is how confusion starts).</summary>
    internal SecurityKey? Find(string? keyId, string algorithm)
    {
        if (keyId is null && keys.Count != 1)
        {
            return null;
        }

        foreach (var key in keys)
        {
            if ((keyId is null || key.Id == keyId) && key.Algorithms.Contains(algorithm))
            {
                return key.Security;
            }
        }

        return null;
    }

    private static Key? ReadKey(TokenClaims jwk, JsonElement element)
    {
        var isForSignatures = (!jwk.Has("use") || jwk.Text("use") == "sig") // RFC 7517 §4.2, §4.3
            && (!element.TryGetProperty("key_ops", out var operations)
                || (operations.ValueKind is JsonValueKind.Array && operations.EnumerateArray().Any(o => o.ValueKind is JsonValueKind.String && o.ValueEquals("verify"))));
        if (!isForSignatures || (jwk.Has("kid") && jwk.Text("kid") is null) || (jwk.Has("alg") && jwk.Text("alg") is null))
        {
            return null;
        }

        var key = jwk.Text("kty") switch
        {
            "RSA" => ReadRsa(jwk),
            "EC" => ReadCurve(jwk),
            _ => null,
        };
        // RFC 7517 §4.4: a key made for one algorithm serves that one.
        return jwk.Text("alg") is { } only && key is not null ? key with { Algorithms = [.. key.Algorithms.Where(algorithm => algorithm == only)] } : key;
    }

    private static Key? ReadRsa(TokenClaims jwk)
    {
        if (Bytes(jwk, "n") is not { } modulus || Bytes(jwk, "e") is not { Length: <= 8 } exponent)
        {
            return null;
        }

        var significant = modulus.AsSpan().TrimStart((byte)0);
        var bits = significant.IsEmpty ? 0 : (significant.Length * 8) - byte.LeadingZeroCount(significant[0]);

        // An even exponent, or 1, verifies what anybody signs.
        var isExponent = exponent.Length > 0 && (exponent[^1] & 1) == 1 && exponent.AsSpan().TrimStart((byte)0) is not [1];
        return bits is >= MinRsaBits and <= MaxRsaBits && isExponent
            ? new Key(jwk.Text("kid"), RsaAlgorithms, new JsonWebKey { Kty = "RSA", KeyId = jwk.Text("kid"), N = jwk.Text("n"), E = jwk.Text("e") })
            : null;
    }

    private static Key? ReadCurve(TokenClaims jwk)
    {
        // RFC 7518 §3.4: each algorithm has its curve.
        (ECCurve Curve, int Length, string Algorithm)? known = jwk.Text("crv") switch
        {
            "P-256" => (ECCurve.NamedCurves.nistP256, 32, "ES256"),
            "P-384" => (ECCurve.NamedCurves.nistP384, 48, "ES384"),
            "P-521" => (ECCurve.NamedCurves.nistP521, 66, "ES512"),
            _ => null,
        };
        if (known is not { } curve || Bytes(jwk, "x") is not { } x || Bytes(jwk, "y") is not { } y || x.Length != curve.Length || y.Length != curve.Length)
        {
            return null; // RFC 7518 §6.2.1.2: coordinates have full length.
        }

        try
        {
            // Refuses a point that is not on the curve.
            using var check = ECDsa.Create(new ECParameters { Curve = curve.Curve, Q = new ECPoint { X = x, Y = y } });
        }
        catch (CryptographicException)
        {
            return null;
        }

        return new Key(
            jwk.Text("kid"),
            [curve.Algorithm],
            new JsonWebKey { Kty = "EC", KeyId = jwk.Text("kid"), Crv = jwk.Text("crv"), X = jwk.Text("x"), Y = jwk.Text("y") });
    }

    private static byte[]? Bytes(TokenClaims jwk, string name)
    {
        try
        {
            return jwk.Text(name) is { } text ? Base64Url.DecodeFromChars(text) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private sealed record Key(string? Id, IReadOnlyList<string> Algorithms, SecurityKey Security);
}
