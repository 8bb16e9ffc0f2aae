using Alter.Functions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Health;

/// <summary><c>GET /health/live</c>: the process answers.</summary>
public sealed class ReportLiveness
{
    [Function(nameof(ReportLiveness))]
    public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/live")] HttpRequest request) =>
        Results.Json(new { status = "live" }, WireJson.Write);
}
