using Alter.Apps;
using Alter.Functions.Http;
using Alter.Providers;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Connect;

/// <summary><c>GET /sdk/oauth/assets/apps/{app}/providers/{provider}/logo</c>: the mark of one of an app's providers.</summary>
public sealed class ServeProviderLogo(ConfigurationSource configuration)
{
    [Function(nameof(ServeProviderLogo))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sdk/oauth/assets/apps/{app}/providers/{provider}/logo")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return configuration.Current?.Apps.GetValueOrDefault(Route("app"))?.Providers.GetValueOrDefault(Route("provider")) is { } provider
            ? new Logo(ProviderLogo.Of(provider.Definition), "image/svg+xml")
            : Problems.From(new NotFound());

        string Route(string name) => request.RouteValues[name] as string ?? "";
    }
}
