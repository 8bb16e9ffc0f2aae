using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Quickstart.IdentityProvider;

/// <summary>An OpenID provider of three people: what Auth0, Entra ID or Keycloak is to a real product.</summary>
public static class IdentityProviderServer
{
    /// <summary>The server, not yet started.</summary>
    /// <param name="args">The command line; <c>--PORT 7073</c> and the like.</param>
    /// <param name="options">Null: from environment and command line.</param>
    public static WebApplication Build(string[] args, IdentityProviderOptions? options = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory, WebRootPath = "sites/identity-provider" });
        options ??= IdentityProviderOptions.From(builder.Configuration);
        builder.WebHost.UseUrls(options.Url.GetLeftPart(UriPartial.Authority));
        builder.Logging.AddFilter("OpenIddict", LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.Services.AddSingleton(options).AddSingleton(TimeProvider.System).AddHostedService<Clients>();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        AddSessions(builder.Services, options.Url.Port);
        AddOpenIdProvider(builder.Services, options);

        var app = builder.Build();
        app.UseStaticFiles();
        app.UseAuthentication();
        app.MapMethods("/connect/authorize", ["GET", "POST"], AuthorizeEndpoint.RunAsync);
        app.MapMethods("/connect/endsession", ["GET", "POST"], (Delegate)SignOutAsync);
        app.MapGet("/health", () => "up");
        if (options.DemoControls)
        {
            app.MapPost("/demo/token", DemoToken.Sign);
        }

        return app;
    }

    private static void AddSessions(IServiceCollection services, int port)
    {
        // The ports of localhost share cookies (RFC 6265 §8.5), so every name carries its port.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(forgery => forgery.Cookie.Name = $"acme_id_form_{port}");
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie =>
        {
            cookie.Cookie.Name = $"acme_id_{port}";
            cookie.ExpireTimeSpan = TimeSpan.FromHours(8);
        });
    }

    private static void AddOpenIdProvider(IServiceCollection services, IdentityProviderOptions options)
    {
        var memory = new InMemoryDatabaseRoot(); // Each server its own: tests run several in one process.
        services.AddDbContext<DbContext>(store => store.UseInMemoryDatabase("identity", memory).UseOpenIddict());
        services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<DbContext>().DisableBulkOperations())
            .AddServer(server =>
            {
                server.SetIssuer(options.Url)
                    .SetAuthorizationEndpointUris("connect/authorize")
                    .SetTokenEndpointUris("connect/token")
                    .SetEndSessionEndpointUris("connect/endsession")
                    .AllowAuthorizationCodeFlow()
                    .RequireProofKeyForCodeExchange()
                    .Configure(pkce => pkce.CodeChallengeMethods.Remove(CodeChallengeMethods.Plain)) // RFC 9700 §2.1.1: S256 alone.
                    .RegisterScopes(Scopes.OpenId, Scopes.Email, Scopes.Profile)
                    .RegisterClaims(Claims.Subject, Claims.Name, Claims.Email, Claims.EmailVerified)
                    .SetAccessTokenLifetime(options.TokenLifetime)
                    .SetIdentityTokenLifetime(options.TokenLifetime)
                    .DisableAccessTokenEncryption() // The vault reads these tokens; they are signed, RS256.
                    .AddEncryptionKey(new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32))) // Nobody else reads what it encrypts, and RSA keys take long to make.
                    .AddEphemeralSigningKey();
                server.UseAspNetCore()
                    .EnableAuthorizationEndpointPassthrough()
                    .EnableEndSessionEndpointPassthrough()
                    .DisableTransportSecurityRequirement(); // Loopback only: it listens nowhere else.
            });
    }

    private static async Task<IResult> SignOutAsync(HttpContext context)
    {
        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return Results.SignOut(authenticationSchemes: [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
    }
}
