using Alter.Apps;
using Alter.Functions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Connect;

/// <summary><c>GET /sdk/oauth/assets/apps/{app}/logo</c>: the logo the document names for an app.</summary>
public sealed class ServeAppLogo(ConfigurationSource configuration)
{
    [Function(nameof(ServeAppLogo))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sdk/oauth/assets/apps/{app}/logo")] HttpRequest request) =>
        configuration.Current?.Apps.GetValueOrDefault(request?.RouteValues["app"] as string ?? "")?.Branding.Logo is { } logo
            ? new Logo(logo.Content, logo.ContentType)
            : Problems.From(new NotFound());
}
