using Alter.Connect;
using Alter.Functions.Connect;
using Alter.Wallet;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Wallet;

/// <summary><c>GET /wallet/signin/{identity_provider}</c>: the OpenID provider's answer; leads to the Wallet by a URL without code and state.</summary>
public sealed class ReceiveWalletSignIn(FinishWalletSignIn finish)
{
    [Function(nameof(ReceiveWalletSignIn))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "wallet/signin/{identityProvider}")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (AuthorizationResponses.Read(request.Query) is not { } response)
        {
            return WalletPages.Failure(new ConnectFlowInvalid());
        }

        // From the worker's own routing: a function parameter of the same name could be filled from the query.
        var identityProvider = request.RouteValues["identityProvider"] as string ?? "";
        if (!(await finish.RunAsync(identityProvider, response, request.Cookies[WalletCookies.SignIn], cancellationToken)).Succeeded(out var session, out var refusal))
        {
            return WalletPages.Failure(refusal);
        }

        var cookies = request.HttpContext.Response.Cookies;
        cookies.Delete(WalletCookies.SignIn, PageRequests.CookieFor(TimeSpan.Zero));
        cookies.Append(WalletCookies.Session, session, WalletSessionCookie.Options);
        return new SeeOther("/wallet");
    }
}

/// <summary>How the Wallet's session is kept.</summary>
internal static class WalletSessionCookie
{
    /// <summary>Strict: the page comes without it and its script asks for what it needs, so nothing that begins elsewhere ever brings it along.</summary>
    internal static CookieOptions Options
    {
        get
        {
            var options = PageRequests.CookieFor(WalletSession.Lifetime);
            options.SameSite = SameSiteMode.Strict;
            return options;
        }
    }
}
