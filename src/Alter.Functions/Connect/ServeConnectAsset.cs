using Alter.Functions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Connect;

/// <summary><c>GET /sdk/oauth/assets/{file}</c>: style and script of the Connect page.</summary>
public sealed class ServeConnectAsset
{
    [Function(nameof(ServeConnectAsset))]
    public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sdk/oauth/assets/{file}")] HttpRequest request) =>
        ConnectPages.FindAsset(request?.RouteValues["file"] as string ?? "") ?? Problems.From(new NotFound());
}
