using Alter.Apps;
using Alter.Connect;
using Alter.Functions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Connect;

/// <summary><c>POST /sdk/oauth/connect/session</c>: mints a Connect session for one user.</summary>
public sealed class CreateConnectSession(CallerAuthentication callers, ConnectSessionMinting minting)
{
    [Function(nameof(CreateConnectSession))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sdk/oauth/connect/session")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        if (!callers.Identify(request, AppKeyScopes.ConnectInitiate).Succeeded(out var caller, out var refusal)
            || !(await StrictBody.ReadJsonAsync<ConnectSessionRequest>(request, StrictBody.BackendLimit, cancellationToken)).Succeeded(out var body, out refusal)
            || !(await callers.IdentifyUserAsync(caller, request, body.UserToken, cancellationToken)).Succeeded(out var user, out refusal)
            || !(await minting.MintAsync(caller.App, user.Id, user.Label, body, cancellationToken)).Succeeded(out var session, out refusal))
        {
            return Problems.From(refusal);
        }

        return Results.Json(session, WireJson.Write, statusCode: StatusCodes.Status201Created);
    }
}
