using System.Text.Json;

namespace Alter.Providers;

/// <summary>What an issuer publishes of itself (RFC 8414 §2, OpenID Connect Discovery §3), as far as it is used.</summary>
internal sealed record ProviderMetadata(string? Issuer, string? Authorization, string? Token, string? Revocation, string? Userinfo, string? Jwks, bool SendsIss, bool HasPairwiseSubjectsOnly)
{
    // A member twice would let two readers of one document see two endpoints.
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>Reads an answer of the issuer; null where it is no metadata document. Members that are unknown, or of another type, are as if missing.</summary>
    public static ProviderMetadata? Parse(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Options);
            var root = document.RootElement;
            return root.ValueKind is not JsonValueKind.Object ? null : new ProviderMetadata(
                Text(root, "issuer"),
                Text(root, "authorization_endpoint"),
                Text(root, "token_endpoint"),
                Text(root, "revocation_endpoint"),
                Text(root, "userinfo_endpoint"),
                Text(root, "jwks_uri"),
                root.TryGetProperty("authorization_response_iss_parameter_supported", out var sends) && sends.ValueKind is JsonValueKind.True,
                root.TryGetProperty("subject_types_supported", out var types) && types.ValueKind is JsonValueKind.Array && types.GetArrayLength() > 0
                    && types.EnumerateArray().All(type => type.ValueKind is JsonValueKind.String && type.ValueEquals("pairwise")));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // InvalidOperationException: a text with half of a surrogate pair.
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
