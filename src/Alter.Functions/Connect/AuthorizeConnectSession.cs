using Alter.Apps;
using Alter.Connect;
using Alter.Functions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Connect;

/// <summary><c>POST /sdk/oauth/connect/authorize</c>: the person has confirmed; the browser is bound and sent to the provider.</summary>
public sealed class AuthorizeConnectSession(AuthorizeConnect authorize, ConfigurationSource configuration)
{
    [Function(nameof(AuthorizeConnectSession))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sdk/oauth/connect/authorize")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (PageRequests.FromElsewhere(request, configuration) is { } foreign)
        {
            return Problems.From(foreign);
        }

        if (!(await StrictBody.ReadJsonAsync<AuthorizeConnectRequest>(request, StrictBody.PageLimit, cancellationToken)).Succeeded(out var body, out var refusal)
            || !(await authorize.RunAsync(
                new ConnectChoice(body.SessionToken, body.Provider, body.Mode, body.FreshSignIn, PageRequests.PageOf(request)), PageRequests.BrowserOf(request), cancellationToken)).Succeeded(out var redirect, out refusal))
        {
            return Problems.From(refusal);
        }

        request.HttpContext.Response.Cookies.Append(FlowCookie.Name, redirect.Cookie, PageRequests.CookieFor(TimeSpan.FromHours(1)));
        return Results.Json(new { authorization_url = redirect.AuthorizationUrl }, WireJson.Write);
    }
}
