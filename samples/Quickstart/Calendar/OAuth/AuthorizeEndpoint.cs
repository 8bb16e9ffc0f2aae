using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Primitives;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Quickstart.Calendar.OAuth;

/// <summary>
/// <c>/connect/authorize</c>: which account, then allow or deny. Both are asked every time, so that a second account can be connected;
/// each answer posts the whole authorization request again and nothing is kept in between.
/// </summary>
internal static class AuthorizeEndpoint
{
    public static async Task<IResult> RunAsync(HttpContext context, IAntiforgery antiforgery)
    {
        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("OpenIddict did not see this request.");
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : null;
        var account = CalendarAccount.Find(form?[Answers.Account]);
        var decision = form?[Answers.Decision].ToString();

        if (request.HasPromptValue(PromptValues.None))
        {
            return Refuse(Errors.InteractionRequired, "Account and consent are asked every time."); // OpenID Connect Core §3.1.2.6
        }

        if (account is null || decision is not (Answers.Allow or Answers.Deny))
        {
            var page = new AnswerPage(antiforgery.GetAndStoreTokens(context), Repeated(form, context.Request.Query));
            return account is null ? page.AskAccount(context) : page.AskConsent(context, account, request.GetScopes());
        }

        if (!await antiforgery.IsRequestValidAsync(context))
        {
            return Results.Text("This form is too old. Go back and connect again.", statusCode: StatusCodes.Status400BadRequest);
        }

        return decision is Answers.Deny
            ? Refuse(Errors.AccessDenied, "The account's owner said no.")
            : CodeFor(account, request.GetScopes().Where(scope => !CalendarScopes.IsOptional(scope) || form![Answers.Granted].Contains(scope)));
    }

    private static IEnumerable<KeyValuePair<string, string>> Repeated(IFormCollection? form, IQueryCollection query) =>
        (form ?? (IEnumerable<KeyValuePair<string, StringValues>>)query)
            .Where(parameter => !Answers.All.Contains(parameter.Key))
            .Select(parameter => KeyValuePair.Create(parameter.Key, parameter.Value.ToString()));

    private static IResult Refuse(string error, string description) => Results.Forbid(
        new AuthenticationProperties(new Dictionary<string, string?>
        {
            [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
            [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
        }),
        [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);

    private static IResult CodeFor(CalendarAccount account, IEnumerable<string> scopes)
    {
        var identity = new ClaimsIdentity("calendar", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, account.Id)
            .SetClaim(Claims.Email, account.Email)
            .SetClaim(Claims.Name, account.Name)
            .SetScopes(scopes)
            .SetDestinations(static _ => [Destinations.AccessToken, Destinations.IdentityToken]);
        return Results.SignIn(new ClaimsPrincipal(identity), authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }
}
