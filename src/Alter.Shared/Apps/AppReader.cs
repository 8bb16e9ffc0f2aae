using Alter.Policies;

namespace Alter.Apps;

/// <summary>Reads one entry of <c>apps</c>.</summary>
internal static class AppReader
{
    private const int LongestLife = 10 * 365 * 86400;

    public static ReadApp Read(string id, StrictObject entry, Dictionary<string, IdentityProviderConfiguration?> identityProviders, ReadingContext context)
    {
        entry.NotYet("sign_in", "webhooks", "on_logout", "wallet");
        var keys = AppKeyReader.Read(entry);
        var providers = new List<ReadProvider>();
        const string ProviderExample = "{ \"google\": { \"client_id\": \"…\", \"client_secret\": { \"secret\": \"shop-google\" } } }";
        foreach (var (providerId, provider) in ReadingContext.Named(entry.Object("providers", ProviderExample), ProviderExample))
        {
            if (provider is not null && AppProviderReader.Read(providerId, provider, context) is { } read)
            {
                providers.Add(read);
            }
        }

        var configuration = new AppConfiguration
        {
            Id = id,
            Name = entry.Text("name", "Acme Shop", required: true, maxLength: 100) ?? "",
            WebsiteUrl = Website(entry, context),
            Keys = [.. keys.Select(key => key.Key)],
            IdentityProviders = IdentityProviders(entry, identityProviders),
            Origins = Origins(entry, context),
            ReturnUrls = ReturnUrls(entry, context),
            Providers = providers.ToDictionary(provider => provider.Provider.Definition.Id, provider => provider.Provider, StringComparer.Ordinal),
            Branding = BrandingReader.Read(entry, context),
            Policies = PolicyReader.Read(entry),
            GrantLifetime = Lifetime(entry),
        };
        var suspensions = providers.Where(provider => provider.Provider.Suspension is not null).Select(provider => provider.Path + ".suspended").ToList();
        if (entry.Flag("suspended"))
        {
            configuration = configuration.SuspendedBy(Suspension.App);
            suspensions.Insert(0, entry.PathOf("suspended"));
        }

        var app = new ReadApp(configuration, entry.PathOf(null), entry.Flag("shared_audience"), [.. keys.Select(key => key.Path)], providers, suspensions);
        entry.Close();
        return app;
    }

    private static List<IdentityProviderConfiguration> IdentityProviders(StrictObject entry, Dictionary<string, IdentityProviderConfiguration?> known)
    {
        const string Example = "[\"auth0\"], or \"owner\": \"app\"";
        var owner = entry.Text("owner", "\"app\"");
        if (owner is not null and not "app")
        {
            entry.Add("owner", "It must be \"app\": grants belong to the app itself.", "\"app\"");
        }

        var found = new List<IdentityProviderConfiguration>();
        var named = entry.Texts("identity_providers", Example);
        foreach (var (name, id) in named)
        {
            if (!known.TryGetValue(id, out var provider))
            {
                entry.Add(name, "The document's identity_providers has no such id.", known.Count == 0 ? Example : $"one of {string.Join(", ", known.Keys)}");
            }
            else if (provider is not null)
            {
                found.Add(provider);
            }
        }

        // Exactly one: an app that forgot its identity provider must not fall back to owning its users' grants.
        if (entry.Has("owner") == entry.Has("identity_providers") || (entry.Has("identity_providers") && named.Count == 0))
        {
            entry.Add("identity_providers", "Exactly one of identity_providers (not empty) and owner must be there: whose grants these are.", Example);
        }

        return found;
    }

    private static Uri? Website(StrictObject entry, ReadingContext context)
    {
        const string Example = "https://shop.acme.com";
        if (entry.Text("website_url", Example) is not { } text)
        {
            return null;
        }

        if (ReturnAddress.TryParseAllowed(text, context.IsDevelopment, out var url))
        {
            return url;
        }

        entry.Add("website_url", "It must be an https URL without query and fragment; http only on this machine in Development.", Example);
        return null;
    }

    private static List<string> Origins(StrictObject entry, ReadingContext context)
    {
        const string Example = "\"https://shop.acme.com\"";
        var origins = new List<string>();
        foreach (var (name, text) in entry.Texts("origins", $"[{Example}]"))
        {
            if (!AppOrigin.TryNormalize(text, context.IsDevelopment, out var origin))
            {
                entry.Add(name, "It must be scheme://host[:port] with https; http only on this machine in Development; never null or *.", Example);
            }
            else if (!origins.Contains(origin))
            {
                origins.Add(origin);
            }
        }

        return origins;
    }

    private static List<Uri> ReturnUrls(StrictObject entry, ReadingContext context)
    {
        const string Example = "\"https://shop.acme.com/connected\"";
        var urls = new List<Uri>();
        foreach (var (name, text) in entry.Texts("return_urls", $"[{Example}]"))
        {
            if (ReturnAddress.TryParseAllowed(text, context.IsDevelopment, out var url))
            {
                urls.Add(url);
            }
            else
            {
                entry.Add(name, "It must be an absolute https URL without query, fragment, user name, backslash and dot segments; http only on this machine in Development.", Example);
            }
        }

        return urls;
    }

    private static GrantLifetime Lifetime(StrictObject entry)
    {
        if (entry.Object("grants", "{ \"default_ttl_seconds\": 7776000, \"max_ttl_seconds\": 31536000 }") is not { } grants)
        {
            return new(null, null);
        }

        var lifetime = new GrantLifetime(grants.Seconds("default_ttl_seconds", 60, LongestLife, "7776000"), grants.Seconds("max_ttl_seconds", 60, LongestLife, "31536000"));
        if (lifetime.Default > lifetime.Max)
        {
            grants.Add("default_ttl_seconds", "It is longer than max_ttl_seconds.", "at most max_ttl_seconds");
        }

        grants.Close();
        return lifetime;
    }
}
