using Alter.Connect;
using Alter.Functions.Connect;
using Alter.Wallet;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Wallet;

/// <summary><c>POST /wallet/signout</c>: this browser forgets who was signed in, here and on the Connect page.</summary>
public sealed class EndWalletSession(WalletCallers callers)
{
    [Function(nameof(EndWalletSession))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "wallet/signout")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!(await callers.IdentifyAsync<WalletSignOut>(request, cancellationToken)).Succeeded(out _, out var refusal))
        {
            return WalletCallers.Refused(request, refusal);
        }

        var cookies = request.HttpContext.Response.Cookies;
        cookies.Delete(WalletCookies.Session, WalletSessionCookie.Options);
        foreach (var name in request.Cookies.Keys.Where(UserCookies.IsOne))
        {
            cookies.Delete(name, PageRequests.CookieFor(TimeSpan.Zero));
        }

        return Results.NoContent();
    }
}

/// <summary>The body of <c>POST /wallet/signout</c>.</summary>
public sealed record WalletSignOut : WalletChange;
