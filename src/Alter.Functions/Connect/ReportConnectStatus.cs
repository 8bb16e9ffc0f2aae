using System.Text;
using Alter.Connect;
using Alter.Functions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Connect;

/// <summary>
/// <c>POST /sdk/oauth/connect/status</c>: how a session stands, for the app's page whose popup lost its opener. A simple request (the token as
/// <c>text/plain</c>), readable by the session's own origin alone.
/// </summary>
public sealed class ReportConnectStatus(ConnectStatus status)
{
    [Function(nameof(ReportConnectStatus))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sdk/oauth/connect/status")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var response = request.HttpContext.Response;
        response.Headers.Vary = "Origin";
        if (!(await StrictBody.ReadAsync(request, StrictBody.PageLimit, cancellationToken)).Succeeded(out var body, out var refusal))
        {
            return Problems.From(refusal);
        }

        var (view, origin) = await status.RunAsync(Encoding.UTF8.GetString(body).Trim(), cancellationToken);
        if (request.Headers.Origin is { Count: > 0 } asking)
        {
            if (asking.ToString() != origin && view.Status is not "expired")
            {
                return Problems.From(new InvalidRequest("This session's status is for the origin it was minted for."));
            }

            if (origin is not null)
            {
                response.Headers.AccessControlAllowOrigin = origin; // Fetch standard, CORS protocol: never *, no credentials.
            }
        }

        return Results.Json(view, WireJson.Write);
    }
}
