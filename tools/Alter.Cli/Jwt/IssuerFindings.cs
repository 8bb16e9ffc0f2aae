using Alter.Apps;
using Alter.Providers;

namespace Alter.Cli.Jwt;

/// <summary>Which configured identity provider a token's issuer is, or how near it comes to one.</summary>
internal static class IssuerFindings
{
    private const string Template = "{tenantid}";

    /// <summary>The identity provider of exactly this issuer.</summary>
    public static IdentityProviderConfiguration? Find(IEnumerable<IdentityProviderConfiguration> providers, string? issuer) =>
        providers.FirstOrDefault(provider => IssuersOf(provider).Contains(issuer));

    /// <summary>Why there is none, with the line that would make it one.</summary>
    public static Finding Missing(IReadOnlyList<IdentityProviderConfiguration> providers, PastedToken token)
    {
        if (token.Issuer is not { } issuer)
        {
            return new("It names no issuer (iss): it is not the token of an OpenID provider.");
        }

        if (providers.FirstOrDefault(provider => provider.Issuer.TrimEnd('/') == issuer.TrimEnd('/')) is { } near)
        {
            var how = issuer.EndsWith('/') ? "has a slash at the end of its issuer, and the document has none" : "has no slash at the end of its issuer, and the document has one";
            return new($"The token {how}; they are compared character by character.", $"\"issuer\": {Shown.Quoted(issuer)}", $"identity_providers.{near.Id}");
        }

        if (token.Tenant is { } tenant && providers.FirstOrDefault(provider => provider.Issuer.Replace(Template, tenant, StringComparison.Ordinal) == issuer) is { } templated)
        {
            return new($"Its tenant {Shown.Text(tenant)} is not among the allowed ones.", $"\"allowed_tenants\": {Shown.List([.. templated.AllowedTenants, tenant])}", $"identity_providers.{templated.Id}");
        }

        var whom = token.Audiences.Count > 0 ? $"\"audiences\": {Shown.List(token.Audiences.Take(1))}"
            : $"\"authorized_parties\": {Shown.List([token.Party ?? "the client's id"])}";
        var local = Uri.TryCreate(issuer, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp && Loopback.Is(url) ? ", \"allow_insecure_local\": true" : "";
        return new(
            providers.Count == 0 ? "The document has no identity provider yet." : $"Its issuer is none of the document's: {Shown.Texts([.. providers.Select(provider => provider.Issuer)])}.",
            $"\"{NameFor(providers)}\": {{ \"issuer\": {Shown.Quoted(issuer)}, {whom}{local} }}",
            "identity_providers, and its name into the app's identity_providers");
    }

    private static IEnumerable<string> IssuersOf(IdentityProviderConfiguration provider) => provider.Issuer.Contains(Template, StringComparison.Ordinal)
        ? provider.AllowedTenants.Select(tenant => provider.Issuer.Replace(Template, tenant, StringComparison.Ordinal))
        : [provider.Issuer];

    private static string NameFor(IReadOnlyList<IdentityProviderConfiguration> providers) =>
        providers.Any(provider => provider.Id == "main") ? "other" : "main";
}
