using Alter.Apps;
using Alter.Functions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Apps;

/// <summary><c>GET /sdk/providers</c>: what the app's users can connect.</summary>
public sealed class ListProviders(CallerAuthentication callers, ConfigurationSource configuration)
{
    [Function(nameof(ListProviders))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sdk/providers")] HttpRequest request)
    {
        if (!callers.Identify(request).Succeeded(out var caller, out var refusal))
        {
            return Problems.From(refusal);
        }

        var providers = caller.App.Providers.Values
            .OrderBy(provider => provider.Definition.Name, StringComparer.Ordinal)
            .Select(provider => new ProviderView(
                provider.Definition.Id,
                provider.Definition.Name,
                provider.Definition.Category,
                provider.Scopes.Count > 0 ? provider.Scopes : provider.Definition.DefaultScopes,
                configuration.Current!.PublicOrigin + AssetPaths.ProviderLogo(caller.App.Id, provider.Definition.Id),
                provider.Suspension is not null));
        return Results.Json(new { providers }, WireJson.Write);
    }
}

/// <summary>One provider that can be connected; where it is suspended, only once it is resumed.</summary>
public sealed record ProviderView(string Id, string Name, string Category, IReadOnlyList<string> Scopes, string Logo, bool Suspended);
