using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Alter.Sdk.AspNetCore;

/// <summary>Reads the signed-in user's token from the current request, at the moment a call is made.</summary>
internal static class RequestUserToken
{
    private const string Scheme = "Bearer ";

    /// <summary>The token; null where there is no request, or nobody is signed in.</summary>
    internal static async ValueTask<string?> ReadAsync(HttpContext? context, string[] names)
    {
        if (context is null)
        {
            return null;
        }

        // What authorization went by comes first: an endpoint may name another scheme than the default one.
        var saved = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult is { Succeeded: true } result
            ? result.Properties
            : await AuthenticateAsync(context).ConfigureAwait(false);
        foreach (var name in names)
        {
            // An access token for somebody else's API is often opaque; the vault reads JWTs (RFC 7519 §3).
            if (saved?.GetTokenValue(name) is { } token && token.Count(character => character == '.') == 2)
            {
                return token;
            }
        }

        // JwtBearerOptions.SaveToken may be off. The vault verifies the token itself, so this only saves a call that would be refused.
        return context.User.Identity?.IsAuthenticated is true
            && context.Request.Headers.Authorization is [{ } header]
            && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
                ? header[Scheme.Length..].Trim()
                : null;
    }

    private static async Task<AuthenticationProperties?> AuthenticateAsync(HttpContext context) =>
        context.RequestServices.GetService<IAuthenticationSchemeProvider>() is { } schemes && await schemes.GetDefaultAuthenticateSchemeAsync().ConfigureAwait(false) is not null
            ? (await context.AuthenticateAsync().ConfigureAwait(false)).Properties
            : null;
}
