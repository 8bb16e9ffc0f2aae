using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Quickstart.Calendar.OAuth;

/// <summary><c>/connect/token</c> and <c>/connect/userinfo</c>, once OpenIddict has accepted the code or token.</summary>
internal static class TokenEndpoint
{
    public static async Task<IResult> IssueAsync(HttpContext context)
    {
        var accepted = await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        var principal = accepted.Principal ?? throw new InvalidOperationException("OpenIddict accepted a request without a principal.");
        return Results.SignIn(principal, authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    public static async Task<IResult> UserInfoAsync(HttpContext context)
    {
        var accepted = await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        var account = CalendarAccount.Find(accepted.Principal?.GetClaim(Claims.Subject));
        return account is null
            ? Results.Challenge(authenticationSchemes: [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme])
            : Results.Json(new { sub = account.Id, email = account.Email, name = account.Name });
    }
}
