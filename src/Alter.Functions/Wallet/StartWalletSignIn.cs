using Alter.Functions.Connect;
using Alter.Functions.Http;
using Alter.Wallet;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Wallet;

/// <summary><c>POST /wallet/signin</c>: sends the browser to an OpenID provider, bound to it by a sealed cookie.</summary>
public sealed class StartWalletSignIn(WalletCallers callers, BeginWalletSignIn begin)
{
    [Function(nameof(StartWalletSignIn))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "wallet/signin")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (callers.FromElsewhere(request) is { } foreign)
        {
            return Problems.From(foreign);
        }

        if (!(await StrictBody.ReadJsonAsync<WalletSignInRequest>(request, StrictBody.PageLimit, cancellationToken)).Succeeded(out var body, out var refusal)
            || !(await begin.RunAsync(body.IdentityProvider, body.Issuer, body.FreshSignIn, cancellationToken)).Succeeded(out var start, out refusal))
        {
            return Problems.From(refusal);
        }

        request.HttpContext.Response.Cookies.Append(WalletCookies.SignIn, start.Cookie, PageRequests.CookieFor(WalletSignInStep.Lifetime));
        return Results.Json(new { authorization_url = start.AuthorizationUrl }, WireJson.Write);
    }
}

/// <summary>The body of <c>POST /wallet/signin</c>.</summary>
public sealed record WalletSignInRequest
{
    /// <summary>Its id in the document.</summary>
    public required string IdentityProvider { get; init; }

    /// <summary>Which of its tenants; omitted: its only one.</summary>
    public string? Issuer { get; init; }

    /// <summary>The person wants to be asked, even where the OpenID provider knows them already.</summary>
    public bool FreshSignIn { get; init; }
}
