namespace Alter.Providers;

/// <summary>A provider's endpoints, from its definition or its discovered metadata.</summary>
/// <param name="Issuer">The issuer that <c>iss</c> and id tokens must name; null where the provider has none.</param>
/// <param name="Authorization">RFC 6749 §3.1.</param>
/// <param name="Token">RFC 6749 §3.2.</param>
/// <param name="Revocation">RFC 7009, where there is one.</param>
/// <param name="Userinfo">OpenID Connect Core §5.3, where there is one.</param>
/// <param name="Jwks">The keys of the id tokens, where there are any.</param>
/// <param name="SendsIss">Whether the authorization response must carry <c>iss</c> (RFC 9207 §2.4).</param>
public sealed record ProviderEndpoints(
    string? Issuer,
    Uri Authorization,
    Uri Token,
    Uri? Revocation,
    Uri? Userinfo,
    Uri? Jwks,
    bool SendsIss)
{
    /// <summary>The issuer names one person by another subject at every client, and never otherwise (OpenID Connect Core §8).</summary>
    public bool HasPairwiseSubjectsOnly { get; init; }
}
