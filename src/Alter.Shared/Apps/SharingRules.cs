using Alter.Providers;

namespace Alter.Apps;

/// <summary>What apps must not share unless the operator says so: keys, audiences, OAuth clients.</summary>
internal static class SharingRules
{
    public static void Check(IReadOnlyList<ReadApp> apps, List<ConfigurationMistake> mistakes)
    {
        CheckKeys(apps, mistakes);
        CheckAudiences(apps, mistakes);
        CheckClients([.. apps.SelectMany(app => app.Providers.Select(provider => (app.Path, provider)))], mistakes);
    }

    private static void CheckKeys(IReadOnlyList<ReadApp> apps, List<ConfigurationMistake> mistakes)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var app in apps)
        {
            for (var at = 0; at < app.KeyPaths.Count; at++)
            {
                if (!seen.TryAdd(Convert.ToHexStringLower(app.Configuration.Keys[at].Sha256), app.KeyPaths[at]))
                {
                    // A key that fits twice would make the order of the document decide whose it is.
                    var first = seen[Convert.ToHexStringLower(app.Configuration.Keys[at].Sha256)];
                    mistakes.Add(new($"{app.KeyPaths[at]}.sha256", $"It is the digest of {first} too.", "a key of its own, made by ./alter key"));
                }
            }
        }
    }

    /// <summary>One app's backend could replay what a user sent to the other: (issuer, audience) is one app's alone, unless both say otherwise.</summary>
    private static void CheckAudiences(IReadOnlyList<ReadApp> apps, List<ConfigurationMistake> mistakes)
    {
        for (var i = 0; i < apps.Count; i++)
        {
            var own = apps[i].Configuration.IdentityProviders;
            if (own.Where((provider, at) => own.Take(at).Any(other => AcceptOneToken(provider, other))).Any())
            {
                mistakes.Add(new($"{apps[i].Path}.identity_providers", "Two of them accept the same token: whose claim names the user?", "one identity provider per issuer and audience"));
            }

            for (var j = 0; j < i; j++)
            {
                var overlap = own.Any(provider => apps[j].Configuration.IdentityProviders.Any(other => AcceptOneToken(provider, other)));
                if (overlap && !(apps[i].SharedAudience && apps[j].SharedAudience))
                {
                    mistakes.Add(new(
                        $"{apps[i].Path}.identity_providers",
                        $"{apps[j].Path} accepts tokens of the same issuer and audience: each app could act with the other's user tokens.",
                        "an audience of its own, or shared_audience: true in both apps"));
                }
            }
        }
    }

    private static bool AcceptOneToken(IdentityProviderConfiguration one, IdentityProviderConfiguration other) =>
        Issuers(one).Intersect(Issuers(other), StringComparer.Ordinal).Any()
        && MayMeet(one.Audiences, other.Audiences)
        && MayMeet(one.AuthorizedParties, other.AuthorizedParties);

    /// <summary>A template stands for its tenants, one of which another entry may name outright.</summary>
    private static IEnumerable<string> Issuers(IdentityProviderConfiguration provider) =>
        provider.AllowedTenants.Count == 0 ? [provider.Issuer] : provider.AllowedTenants.Select(tenant => provider.Issuer.Replace("{tenantid}", tenant, StringComparison.Ordinal));

    private static bool MayMeet(IReadOnlyList<string> one, IReadOnlyList<string> other) =>
        one.Count == 0 || other.Count == 0 || one.Intersect(other, StringComparer.Ordinal).Any();

    /// <summary>RFC 9700 §4.4: with one client in two apps a code obtained for one can be brought to the other. Within an app the redirect URI tells its providers apart.</summary>
    private static void CheckClients(IReadOnlyList<(string App, ReadProvider Provider)> providers, List<ConfigurationMistake> mistakes)
    {
        for (var i = 0; i < providers.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (one, other) = (providers[i].Provider, providers[j].Provider);
                if (providers[i].App != providers[j].App && IsOneClient(one.Provider, other.Provider) && !(one.SharedClient && other.SharedClient))
                {
                    mistakes.Add(new($"{one.Path}.client_id", $"{other.Path} uses the same OAuth client.", "a client of its own, or shared_client: true in both places"));
                }
            }
        }
    }

    private static bool IsOneClient(AppProvider one, AppProvider other) =>
        string.Equals(one.ClientId, other.ClientId, StringComparison.Ordinal) && Authorities(one.Definition).Intersect(Authorities(other.Definition), StringComparer.Ordinal).Any();

    /// <summary>By host, not by URL: one definition may name the issuer, another the endpoints, of one and the same server.</summary>
    private static IEnumerable<string> Authorities(ProviderDefinition definition)
    {
        Uri?[] named = [definition.Issuer is { } issuer ? new Uri(issuer) : null, definition.AuthorizationEndpoint, definition.TokenEndpoint];
        return named.OfType<Uri>().Select(url => url.Authority);
    }
}
