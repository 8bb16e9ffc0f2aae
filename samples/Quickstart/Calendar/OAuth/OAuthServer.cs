using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Validation.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Quickstart.Calendar.OAuth;

/// <summary>The authorization server and the check of its tokens at the API.</summary>
internal static class OAuthServer
{
    public static void AddOAuthServer(this IServiceCollection services, CalendarOptions options)
    {
        services.AddHostedService<VaultClients>();
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(forgery => forgery.Cookie.Name = $"acme_calendar_form_{options.Url.Port}"); // The ports of localhost share cookies (RFC 6265 §8.5).
        services.AddAuthentication(OpenIddictValidationAspNetCoreDefaults.AuthenticationScheme);

        var memory = new InMemoryDatabaseRoot(); // Each server its own: tests run several in one process.
        services.AddDbContext<DbContext>(store => store.UseInMemoryDatabase("calendar", memory).UseOpenIddict());
        services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<DbContext>().DisableBulkOperations())
            .AddServer(server =>
            {
                server.SetIssuer(options.Url)
                    .SetAuthorizationEndpointUris("connect/authorize")
                    .SetTokenEndpointUris("connect/token")
                    .SetRevocationEndpointUris("connect/revoke")
                    .SetUserInfoEndpointUris("connect/userinfo")
                    .AllowAuthorizationCodeFlow()
                    .AllowRefreshTokenFlow()
                    .RequireProofKeyForCodeExchange()
                    .Configure(pkce => pkce.CodeChallengeMethods.Remove(CodeChallengeMethods.Plain)) // RFC 9700 §2.1.1: S256 alone.
                    .SetRefreshTokenReuseLeeway(TimeSpan.Zero) // RFC 9700 §4.14.2: a refresh token used twice ends the whole family.
                    .SetAccessTokenLifetime(options.AccessTokenLifetime)
                    .UseReferenceAccessTokens()
                    .UseReferenceRefreshTokens()
                    .RegisterScopes([.. CalendarScopes.Meaning.Keys])
                    .RegisterClaims(Claims.Subject, Claims.Name, Claims.Email)
                    .AddEncryptionKey(new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32))) // Nobody else reads what it encrypts, and RSA keys take long to make.
                    .AddEphemeralSigningKey(SecurityAlgorithms.EcdsaSha256)
                    .AddEventHandler(RevokedFamily.Descriptor);
                server.UseAspNetCore()
                    .EnableAuthorizationEndpointPassthrough()
                    .EnableTokenEndpointPassthrough()
                    .EnableUserInfoEndpointPassthrough()
                    .DisableTransportSecurityRequirement(); // Loopback only: it listens nowhere else.
            })
            .AddValidation(validation =>
            {
                validation.UseLocalServer();
                validation.EnableTokenEntryValidation().EnableAuthorizationEntryValidation(); // A revoked token is refused on the next call.
                validation.UseAspNetCore();
            });
    }
}
