using Alter.Apps;
using Alter.Connect;
using Alter.Functions.Http;
using Alter.Grants;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Connect;

/// <summary>The body of <c>POST /sdk/oauth/connect/complete</c>.</summary>
public sealed record CompleteConnectRequest
{
    /// <summary>As the finishing browser received it.</summary>
    public required string CompletionCode { get; init; }

    /// <summary>The user's JWT, unless the header has it.</summary>
    public string? UserToken { get; init; }

    /// <summary>It holds secrets: it never prints.</summary>
    public override string ToString() => "[complete request]";
}

/// <summary><c>POST /sdk/oauth/connect/complete</c>: the app's backend says that the browser with this code is its user's; the pending grants become usable.</summary>
public sealed class CompleteConnectSession(CallerAuthentication callers, GrantOwners owners, CompleteConnect complete)
{
    [Function(nameof(CompleteConnectSession))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sdk/oauth/connect/complete")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        if (!callers.Identify(request, AppKeyScopes.ConnectInitiate).Succeeded(out var caller, out var refusal)
            || !(await StrictBody.ReadJsonAsync<CompleteConnectRequest>(request, StrictBody.BackendLimit, cancellationToken)).Succeeded(out var body, out refusal)
            || !(await callers.IdentifyUserAsync(caller, request, body.UserToken, cancellationToken)).Succeeded(out var user, out refusal)
            || !(await complete.RunAsync(caller.App, await owners.OfAsync(user.Id, cancellationToken), body.CompletionCode, cancellationToken)).Succeeded(out var completed, out refusal))
        {
            return Problems.From(refusal);
        }

        return Results.Json(completed, WireJson.Write);
    }
}
