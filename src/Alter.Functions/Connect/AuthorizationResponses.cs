using Alter.Connect;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Connect;

/// <summary>What the functions that receive authorization responses share.</summary>
internal static class AuthorizationResponses
{
    /// <summary>The parameters; null where one comes twice, which RFC 6749 §3.1 forbids.</summary>
    internal static CallbackParameters? Read(IQueryCollection query)
    {
        string[] names = ["code", "state", "iss", "error", "error_description"];
        return names.Any(name => query[name].Count > 1)
            ? null
            : new CallbackParameters(Text("code"), Text("state"), Text("iss"), Text("error"), Text("error_description"), query.ContainsKey(OtherOrigin.Marker));

        string? Text(string name) => query[name] is [{ Length: > 0 } value] ? value : null;
    }

    /// <summary>What a browser is told whose response came to nothing: why, or where it has to bring it.</summary>
    internal static async Task<IResult> RefusedAsync(Refusal refusal, CallbackParameters response, ConnectBrowser browser, OtherOrigin other, CancellationToken cancellationToken) =>
        refusal is ConnectFlowInvalid && await other.FindAsync(response, browser, cancellationToken) is { } url ? new SeeOther(url) : ConnectPages.Failure(refusal);
}

/// <summary>Leads the browser on by a GET that says nothing of where it came from.</summary>
internal sealed class SeeOther(string location) : IResult
{
    /// <summary>Back to the Connect page. Path-relative, so that no Host header has a say in it.</summary>
    internal static SeeOther Connect(string sessionToken) => new($"/sdk/oauth/connect#session={sessionToken}");

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = location;
        httpContext.Response.Headers["Referrer-Policy"] = "no-referrer"; // The page that follows must not name this URL, code and all.
        return Task.CompletedTask;
    }
}
