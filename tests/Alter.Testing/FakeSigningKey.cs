using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Alter.Testing;

/// <summary>A key an identity provider of tests signs with. It signs any text, so that tokens no library would make can be made.</summary>
public sealed class FakeSigningKey : IDisposable
{
    // Making an RSA key takes a tenth of a second: those of one name and size are the same key in the whole process.
    private static readonly ConcurrentDictionary<(string Name, int Bits), Lazy<RSAParameters>> Made = new();

    private readonly AsymmetricAlgorithm key;
    private readonly string algorithm;

    private FakeSigningKey(AsymmetricAlgorithm key, string algorithm, string? keyId)
    {
        this.key = key;
        this.algorithm = algorithm;
        KeyId = keyId;
    }

    /// <summary>The <c>kid</c> of its tokens and of its JWK; null: neither has one.</summary>
    public string? KeyId { get; }

    /// <summary>A key that is not the usual one.</summary>
    /// <param name="algorithm">RS, PS or ES, 256 to 512.</param>
    /// <param name="keyId">Null for a key without id. RSA keys of two ids are two keys.</param>
    /// <param name="rsaBits">Size of an RSA key.</param>
    public static FakeSigningKey New(string algorithm = "RS256", string? keyId = "key-1", int rsaBits = 2048) =>
        new(algorithm switch
        {
            "ES256" => ECDsa.Create(ECCurve.NamedCurves.nistP256),
            "ES384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
            "ES512" => ECDsa.Create(ECCurve.NamedCurves.nistP521),
            _ => Rsa($"new {keyId}", rsaBits),
        }, algorithm, keyId);

    /// <summary>The key providers start with, one for the whole process.</summary>
    public static FakeSigningKey Usual() => new(Rsa("usual", 2048), "RS256", "key-1");

    /// <summary>The public key as JWK (RFC 7517).</summary>
    public JsonObject Jwk()
    {
        var jwk = new JsonObject { ["use"] = "sig" };
        if (key is RSA rsa)
        {
            var parameters = rsa.ExportParameters(includePrivateParameters: false);
            jwk["kty"] = "RSA";
            jwk["n"] = Base64Url.EncodeToString(parameters.Modulus);
            jwk["e"] = Base64Url.EncodeToString(parameters.Exponent);
        }
        else
        {
            var parameters = ((ECDsa)key).ExportParameters(includePrivateParameters: false);
            jwk["kty"] = "EC";
            jwk["crv"] = $"P-{key.KeySize}";
            jwk["x"] = Base64Url.EncodeToString(parameters.Q.X);
            jwk["y"] = Base64Url.EncodeToString(parameters.Q.Y);
        }

        if (KeyId is not null)
        {
            jwk["kid"] = KeyId;
        }

        return jwk;
    }

    /// <summary>The public key in PEM, as attackers use it for an HMAC.</summary>
    public string Pem() => key.ExportSubjectPublicKeyInfoPem();

    /// <summary>The header its tokens have where a test names none.</summary>
    public JsonObject Header()
    {
        var header = new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT" };
        if (KeyId is not null)
        {
            header["kid"] = KeyId;
        }

        return header;
    }

    /// <summary>Signs header and payload as they are written.</summary>
    public string Sign(string header, string payload)
    {
        var signed = $"{Encode(header)}.{Encode(payload)}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        var hash = new HashAlgorithmName($"SHA{algorithm[2..]}");
        var signature = key is RSA rsa
            ? rsa.SignData(bytes, hash, algorithm.StartsWith('P') ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1)
            : ((ECDsa)key).SignData(bytes, hash);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>Base64url of UTF-8.</summary>
    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public void Dispose() => key.Dispose();

    private static RSA Rsa(string name, int bits) => RSA.Create(Made.GetOrAdd((name, bits), static made => new(() =>
    {
        using var rsa = RSA.Create(made.Bits);
        return rsa.ExportParameters(includePrivateParameters: true);
    })).Value);
}
