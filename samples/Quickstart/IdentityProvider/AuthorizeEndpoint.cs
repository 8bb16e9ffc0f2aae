using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Quickstart.IdentityProvider;

/// <summary><c>/connect/authorize</c>: signs a person in, once per browser, and answers with a code.</summary>
internal static class AuthorizeEndpoint
{
    private const string Chosen = "user";

    public static async Task<IResult> RunAsync(HttpContext context, IdentityProviderOptions options, IAntiforgery antiforgery, TimeProvider time)
    {
        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("OpenIddict did not see this request.");
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : null;

        if (DemoUser.Find(form?[Chosen]) is { } chosen)
        {
            if (!await antiforgery.IsRequestValidAsync(context))
            {
                return Results.Text("This form is too old. Go back to the shop and sign in again.", statusCode: StatusCodes.Status400BadRequest);
            }

            var signedInAt = time.GetUtcNow();
            await context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, SessionOf(chosen, signedInAt));
            return CodeFor(chosen, signedInAt, request, options);
        }

        var session = await context.AuthenticateAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        if (Remembered(session.Principal, request, time) is var (user, at))
        {
            return CodeFor(user, at, request, options);
        }

        if (request.HasPromptValue(PromptValues.None))
        {
            // OpenID Connect Core §3.1.2.6: no page may be shown, so the client is told why there is no code.
            return Results.Forbid(
                new AuthenticationProperties(new Dictionary<string, string?> { [OpenIddictServerAspNetCoreConstants.Properties.Error] = Errors.LoginRequired }),
                [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
        }

        var parameters = (form ?? (IEnumerable<KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues>>)context.Request.Query)
            .Where(parameter => parameter.Key is not Chosen)
            .Select(parameter => KeyValuePair.Create(parameter.Key, parameter.Value.ToString()));
        return SignInPage.Show(context, parameters, antiforgery.GetAndStoreTokens(context));
    }

    private static (DemoUser User, DateTimeOffset SignedInAt)? Remembered(ClaimsPrincipal? session, OpenIddictRequest request, TimeProvider time)
    {
        if (DemoUser.Find(session?.FindFirstValue(Claims.Subject)) is not { } user || request.HasPromptValue(PromptValues.Login) || request.HasPromptValue(PromptValues.SelectAccount))
        {
            return null;
        }

        var at = DateTimeOffset.FromUnixTimeSeconds(long.Parse(session!.FindFirstValue(Claims.AuthenticationTime)!, CultureInfo.InvariantCulture));
        return request.MaxAge is { } age && at.AddSeconds(age) < time.GetUtcNow() ? null : (user, at); // OpenID Connect Core §3.1.2.1, max_age
    }

    private static ClaimsPrincipal SessionOf(DemoUser user, DateTimeOffset at) => new(new ClaimsIdentity(
        [new Claim(Claims.Subject, user.Id), new Claim(Claims.AuthenticationTime, at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture))],
        CookieAuthenticationDefaults.AuthenticationScheme));

    private static IResult CodeFor(DemoUser user, DateTimeOffset signedInAt, OpenIddictRequest request, IdentityProviderOptions options)
    {
        var identity = new ClaimsIdentity("quickstart", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, user.Id)
            .SetClaim(Claims.Name, user.Name)
            .SetClaim(Claims.Email, user.Email)
            .SetClaim(Claims.EmailVerified, true)
            .SetClaim(Claims.AuthenticationTime, signedInAt.ToUnixTimeSeconds())
            .SetScopes(request.GetScopes())
            .SetResources(options.Audience)
            .SetDestinations(static _ => [Destinations.AccessToken, Destinations.IdentityToken]);
        return Results.SignIn(new ClaimsPrincipal(identity), authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }
}
