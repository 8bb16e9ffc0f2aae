using Alter.Connect;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Connect;

/// <summary><c>GET /oauth/callback/{app}/{provider}</c>: the provider's answer; leads back to the Connect page by a URL without code and state.</summary>
public sealed class ReceiveOAuthCallback(FinishConnect finish, OtherOrigin other)
{
    [Function(nameof(ReceiveOAuthCallback))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "oauth/callback/{app}/{provider}")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (AuthorizationResponses.Read(request.Query) is not { } response)
        {
            return ConnectPages.Failure(new ConnectFlowInvalid());
        }

        var browser = PageRequests.BrowserOf(request);
        if (!(await finish.RunAsync(Route("app"), Route("provider"), response, browser, cancellationToken)).Succeeded(out var session, out var refusal))
        {
            return await AuthorizationResponses.RefusedAsync(refusal, response, browser, other, cancellationToken);
        }

        return SeeOther.Connect(session);

        // From the worker's own routing: a function parameter of the same name could be filled from the query.
        string Route(string name) => request.RouteValues[name] as string ?? "";
    }
}
