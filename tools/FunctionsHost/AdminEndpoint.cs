using Microsoft.AspNetCore.Http;

namespace Alter.FunctionsHost;

/// <summary><c>POST /admin/functions/{name}</c>: starts a function that is not triggered by HTTP and answers 202 without waiting for it.</summary>
internal sealed class AdminEndpoint(Func<string, bool> start)
{
    public void Handle(HttpContext context, PathString rest)
    {
        // Azure asks for the master key here. Locally there is none, so at least no web page may press the button.
        if (context.Request.Headers.Origin.Count > 0)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        var started = HttpMethods.IsPost(context.Request.Method)
            && rest.StartsWithSegments("/functions", out var function)
            && start(function.Value!.Trim('/'));
        context.Response.StatusCode = started ? StatusCodes.Status202Accepted : StatusCodes.Status404NotFound;
    }
}
