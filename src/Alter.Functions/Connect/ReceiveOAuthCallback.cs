using Alter.Connect;
using Alter.Functions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Connect;

/// <summary><c>GET /oauth/callback/{app}/{provider}</c>: the provider's answer; leads back to the Connect page by a URL without code and state.</summary>
public sealed class ReceiveOAuthCallback(FinishConnect finish)
{
    [Function(nameof(ReceiveOAuthCallback))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "oauth/callback/{app}/{provider}")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Read(request.Query) is not { } response)
        {
            return ConnectPages.Failure(new ConnectFlowInvalid(), StatusCodes.Status400BadRequest);
        }

        if (!(await finish.RunAsync(Route("app"), Route("provider"), response, request.Cookies[FlowCookie.Name], cancellationToken)).Succeeded(out var session, out var refusal))
        {
            return ConnectPages.Failure(refusal, Problems.Table.TryGetValue(refusal.GetType(), out var row) ? row.Status : StatusCodes.Status500InternalServerError);
        }

        // Path-relative, so that no Host header has a say in it.
        return new SeeOther($"/sdk/oauth/connect#session={session}");

        // From the worker's own routing: a function parameter of the same name could be filled from the query.
        string Route(string name) => request.RouteValues[name] as string ?? "";
    }

    // RFC 6749 §3.1: parameters must not come twice.
    private static CallbackParameters? Read(IQueryCollection query)
    {
        string[] names = ["code", "state", "iss", "error", "error_description"];
        return names.Any(name => query[name].Count > 1)
            ? null
            : new CallbackParameters(Text("code"), Text("state"), Text("iss"), Text("error"), Text("error_description"));

        string? Text(string name) => query[name] is [{ Length: > 0 } value] ? value : null;
    }

    private sealed class SeeOther(string location) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = location;
            httpContext.Response.Headers["Referrer-Policy"] = "no-referrer"; // The page that follows must not name this URL, code and all.
            return Task.CompletedTask;
        }
    }
}
