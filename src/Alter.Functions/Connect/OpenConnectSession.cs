using Alter.Apps;
using Alter.Connect;
using Alter.Functions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Connect;

/// <summary><c>POST /sdk/oauth/connect/open</c>: what the Connect page shows of a session.</summary>
public sealed class OpenConnectSession(OpenConnect open, ConfigurationSource configuration)
{
    [Function(nameof(OpenConnectSession))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sdk/oauth/connect/open")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (PageRequests.FromElsewhere(request, configuration) is { } foreign)
        {
            return Problems.From(foreign);
        }

        if (!(await StrictBody.ReadJsonAsync<OpenConnectRequest>(request, StrictBody.PageLimit, cancellationToken)).Succeeded(out var body, out var refusal)
            || !(await open.RunAsync(body.SessionToken, body.ReferrerOrigin, PageRequests.BrowserOf(request), cancellationToken)).Succeeded(out var view, out refusal))
        {
            return Problems.From(refusal);
        }

        return Results.Json(view, WireJson.Write);
    }
}
