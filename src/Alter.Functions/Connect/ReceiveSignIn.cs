using Alter.Connect;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Connect;

/// <summary><c>GET /oauth/signin/{app}/{identity_provider}</c>: the answer of the app's OpenID provider; leads on to the provider, or back to the Connect page.</summary>
public sealed class ReceiveSignIn(FinishSignIn finish, OtherOrigin other)
{
    [Function(nameof(ReceiveSignIn))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "oauth/signin/{app}/{identityProvider}")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (AuthorizationResponses.Read(request.Query) is not { } response)
        {
            return ConnectPages.Failure(new ConnectFlowInvalid());
        }

        var browser = PageRequests.BrowserOf(request);
        if (!(await finish.RunAsync(Route("app"), Route("identityProvider"), response, browser, cancellationToken)).Succeeded(out var next, out var refusal))
        {
            return await AuthorizationResponses.RefusedAsync(refusal, response, browser, other, cancellationToken);
        }

        if (next.Cookie is { } cookie)
        {
            request.HttpContext.Response.Cookies.Append(cookie.Name, cookie.Value, PageRequests.CookieFor(UserCookies.Lifetime));
        }

        return next.AuthorizationUrl is { } url ? new SeeOther(url) : SeeOther.Connect(next.SessionToken);

        // From the worker's own routing: a function parameter of the same name could be filled from the query.
        string Route(string name) => request.RouteValues[name] as string ?? "";
    }
}
