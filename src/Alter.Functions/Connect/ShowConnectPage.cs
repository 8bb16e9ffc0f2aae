using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Connect;

/// <summary><c>GET /sdk/oauth/connect</c>: the Connect page. It never redirects: a redirect would carry the session's fragment along.</summary>
public sealed class ShowConnectPage
{
    internal const string DoubledRoute = "/sdk/oauth/connect";

    [Function(nameof(ShowConnectPage))]
    public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sdk/oauth/connect")] HttpRequest request) => ConnectPages.Connect;
}
