using Alter.Policies;
using Alter.Providers;

namespace Alter.Apps;

/// <summary>Reads one entry of an app's <c>providers</c>.</summary>
internal static class AppProviderReader
{
    private const string SecretExample = "{ \"secret\": \"shop-google\" }";

    public static ReadProvider? Read(string id, StrictObject entry, ReadingContext context)
    {
        entry.NotYet("branding", "parameters", "redirect_uri");
        var definition = Definition(id, entry, context);
        var clientId = entry.Text("client_id", Forms.ClientId(), "1 to 500 visible ASCII characters", "\"123.apps.googleusercontent.com\"", required: true);
        var secret = ClientSecret(entry, definition);
        var separator = definition?.ScopeSeparator ?? " ";
        var scopes = Scopes(entry, "scopes", separator);
        if (scopes.Count == 0 && !entry.Has("scopes") && definition is not null)
        {
            scopes = definition.DefaultScopes;
        }

        var required = Scopes(entry, "required_scopes", separator);
        if (required.Except(scopes).Any())
        {
            entry.Add("required_scopes", "Each must be among scopes: what is never asked for is never granted.", "a part of scopes");
        }

        var shared = entry.Flag("shared_client");
        var suspended = entry.Flag("suspended");
        var isRegisteredAtFormer = IsRegisteredAtFormer(entry, context);
        var policies = PolicyReader.Read(entry);
        entry.Close();
        if (definition is null || clientId is null)
        {
            return null;
        }

        var provider = new AppProvider(definition, clientId, secret.Name, scopes, required)
        {
            PreviousClientSecret = secret.Previous,
            Policies = policies,
            IsRegisteredAtFormer = isRegisteredAtFormer,
            Suspension = suspended ? Suspension.Provider : null,
        };
        return new ReadProvider(provider, entry.PathOf(null), shared);
    }

    private static bool IsRegisteredAtFormer(StrictObject entry, ReadingContext context)
    {
        const string Name = "redirect_at";
        const string Former = "former_public_url";
        switch (entry.Text(Name, $"\"{Former}\""))
        {
            case Former when context.HasFormerPublicUrl:
                return true;
            case Former:
                entry.Add(Name, "The document has no former_public_url: the vault is not moving.", "\"public_url\"");
                return false;
            case null or "public_url":
                return false;
            default:
                entry.Add(Name, "It must be \"public_url\" or \"former_public_url\".", $"\"{Former}\"");
                return false;
        }
    }

    private static ProviderDefinition? Definition(string id, StrictObject entry, ReadingContext context)
    {
        const string Example = "{ \"name\": \"Acme ERP\", \"issuer\": \"https://login.erp.acme.com\", \"api_hosts\": [\"api.erp.acme.com\"] }";
        var own = entry.Object("definition", Example);
        if (own is null && entry.Has("definition"))
        {
            return null; // Its mistake is noted.
        }

        var definition = own is null ? context.Catalog.Find(id) : ProviderDefinitionReader.Read(own, id, context.Mistakes);
        if (definition is null && own is null)
        {
            entry.Add("definition", $"This version's catalogue has no such provider; it knows {string.Join(", ", context.Catalog.Ids)}.", Example);
        }

        if (definition is { AllowInsecureLocal: true } && !context.AllowsLocal)
        {
            const string Fault = "A provider with allow_insecure_local needs Development, a loopback public URL and no Azure.";
            (own ?? entry).Add(own is null ? null : "allow_insecure_local", Fault, "a provider with https");
        }

        return definition;
    }

    private static SecretReference ClientSecret(StrictObject entry, ProviderDefinition? definition)
    {
        var secret = SecretReference.Read(entry, "client_secret", SecretExample);
        if (definition is not null && entry.Has("client_secret") == (definition.TokenEndpointAuthMethod is TokenEndpointAuthMethod.None))
        {
            entry.Add("client_secret", entry.Has("client_secret") ? "This provider's clients are public: they have none." : "It is missing.", SecretExample);
        }

        return secret;
    }

    private static IReadOnlyList<string> Scopes(StrictObject entry, string name, string separator)
    {
        const string Example = "[\"orders.read\"]";
        var scopes = entry.Texts(name, Example);
        foreach (var (at, scope) in scopes)
        {
            if (!Alter.Providers.Scopes.IsToken(scope, separator))
            {
                entry.Add(at, "A scope is visible ASCII without quotes, backslash and the separator; one entry each.", Example);
            }
        }

        return [.. scopes.Select(scope => scope.Text)];
    }
}
