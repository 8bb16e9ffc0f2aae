using Alter.Apps;
using Alter.Connect;
using Alter.Functions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Connect;

/// <summary><c>POST /sdk/oauth/connect/close</c>: the person on the Connect page is done.</summary>
public sealed class CloseConnectSession(CloseConnect close, ConfigurationSource configuration)
{
    [Function(nameof(CloseConnectSession))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sdk/oauth/connect/close")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (PageRequests.FromElsewhere(request, configuration) is { } foreign)
        {
            return Problems.From(foreign);
        }

        if (!(await StrictBody.ReadJsonAsync<CloseConnectRequest>(request, StrictBody.PageLimit, cancellationToken)).Succeeded(out var body, out var refusal)
            || !(await close.RunAsync(body.SessionToken, PageRequests.BrowserOf(request), cancellationToken)).Succeeded(out _, out refusal))
        {
            return Problems.From(refusal);
        }

        return Results.NoContent();
    }
}
