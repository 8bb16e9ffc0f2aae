using Alter.Apps;
using Alter.Egress;

namespace Alter.Identity;

/// <summary>An identity provider of an app under one issuer: its own, or one of its template's tenants.</summary>
/// <param name="Provider">As configured.</param>
/// <param name="Issuer">Without a template.</param>
/// <param name="Tenant">What stands for <c>{tenantid}</c>; null where there is none.</param>
public sealed record ConcreteIssuer(IdentityProviderConfiguration Provider, string Issuer, string? Tenant)
{
    private const string Template = "{tenantid}";

    /// <summary>Where its keys are.</summary>
    internal KeySource Keys => new(Issuer, null, Provider.AllowInsecureLocal ? EgressScope.LoopbackToo : EgressScope.Public);

    /// <summary>Every issuer the app accepts, each exactly one string: an issuer is never matched by a pattern.</summary>
    internal static IEnumerable<ConcreteIssuer> Of(AppConfiguration app) => app.IdentityProviders.SelectMany(Of);

    /// <summary>The issuers of one identity provider.</summary>
    public static IEnumerable<ConcreteIssuer> Of(IdentityProviderConfiguration provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        return provider.Issuer.Contains(Template, StringComparison.Ordinal)
            ? provider.AllowedTenants.Select(tenant => new ConcreteIssuer(provider, provider.Issuer.Replace(Template, tenant, StringComparison.Ordinal), tenant))
            : [new ConcreteIssuer(provider, provider.Issuer, null)];
    }
}
