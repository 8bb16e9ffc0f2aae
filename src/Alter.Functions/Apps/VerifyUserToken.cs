using Alter.Functions.Http;
using Alter.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Apps;

/// <summary><c>POST /sdk/users/verify</c>: whose JWT this is, by the rules every other call uses.</summary>
public sealed class VerifyUserToken(CallerAuthentication callers, UserTokenVerifier users)
{
    [Function(nameof(VerifyUserToken))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sdk/users/verify")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        if (!callers.Identify(request).Succeeded(out var caller, out var refusal)
            || !(await StrictBody.ReadJsonAsync<VerifyUserTokenRequest>(request, StrictBody.BackendLimit, cancellationToken)).Succeeded(out var body, out refusal))
        {
            return Problems.From(refusal);
        }

        if (caller.App.OwnsItsGrants)
        {
            return Problems.From(new InvalidRequest("This app has no identity provider: it has no users to verify."));
        }

        return (await users.VerifyAsync(caller.App, body.UserToken, cancellationToken)).Succeeded(out var user, out refusal)
            ? Results.Json(new { issuer = user.Issuer, subject = user.Id.Value }, WireJson.Write)
            : Problems.From(refusal);
    }
}

/// <summary>The body of <c>POST /sdk/users/verify</c>.</summary>
public sealed record VerifyUserTokenRequest
{
    public required string UserToken { get; init; }

    /// <summary>It holds a JWT: it never prints.</summary>
    public override string ToString() => "[verify request]";
}
