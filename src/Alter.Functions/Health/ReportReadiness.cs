using Alter.Apps;
using Alter.Functions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Health;

/// <summary><c>GET /health/ready</c>: what is unusable and why, and what the operator has suspended, in names, never values.</summary>
public sealed class ReportReadiness(Readiness readiness, ConfigurationSource configuration)
{
    [Function(nameof(ReportReadiness))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/ready")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var problems = await readiness.FindProblemsAsync(cancellationToken);

        // A suspension is wanted: the vault is ready to list and to revoke, so nothing shall restart it or alert anybody.
        var suspended = configuration.Current?.Suspensions ?? [];
        return Results.Json(
            new { status = problems.Count == 0 ? "ready" : "not_ready", problems, suspended },
            WireJson.Write,
            statusCode: problems.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
