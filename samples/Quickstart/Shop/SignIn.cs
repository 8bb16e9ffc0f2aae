using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;

namespace Quickstart.Shop;

/// <summary>Signing in at the shop's OpenID provider, as in any other product.</summary>
internal static class SignIn
{
    public static void AddSignIn(this IServiceCollection services, ShopOptions options)
    {
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAuthentication(scheme =>
        {
            scheme.DefaultScheme = CookieAuthenticationDefaults.AuthenticationScheme;
            scheme.DefaultChallengeScheme = OpenIdConnectDefaults.AuthenticationScheme;
        }).AddCookie(cookie =>
        {
            cookie.Cookie.Name = $"acme_shop_{options.Url.Port}"; // The ports of localhost share cookies (RFC 6265 §8.5).
            cookie.Cookie.SameSite = SameSiteMode.Lax;
        }).AddOpenIdConnect(oidc =>
        {
            oidc.Authority = options.IdentityProviderUrl.AbsoluteUri;
            oidc.RequireHttpsMetadata = false; // Loopback only; a real product leaves this line out.
            oidc.ClientId = "shop-web";
            oidc.ResponseType = "code"; // With PKCE, which is on by default.
            oidc.ResponseMode = "query"; // form_post needs SameSite=None cookies, and those need https.
            oidc.CorrelationCookie.SameSite = SameSiteMode.Lax;
            oidc.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            oidc.NonceCookie.SameSite = SameSiteMode.Lax;
            oidc.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            oidc.CorrelationCookie.Name = $"acme_shop_{options.Url.Port}_correlation.";
            oidc.NonceCookie.Name = $"acme_shop_{options.Url.Port}_nonce.";
            oidc.Scope.Add("email");
            oidc.MapInboundClaims = false;
            oidc.TokenValidationParameters.NameClaimType = "name";
            oidc.SaveTokens = true; // The access token tells the vault on whose behalf the shop calls.
            oidc.UseTokenLifetime = true; // The session ends with the tokens in it.
        });
    }

    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/signin", () => Results.Challenge(new AuthenticationProperties { RedirectUri = "/" }, [OpenIdConnectDefaults.AuthenticationScheme]));
        routes.MapPost("/signout", () => Results.SignOut(
            new AuthenticationProperties { RedirectUri = "/" },
            [CookieAuthenticationDefaults.AuthenticationScheme, OpenIdConnectDefaults.AuthenticationScheme]));
    }
}
