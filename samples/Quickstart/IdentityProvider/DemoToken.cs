using System.Globalization;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Quickstart.IdentityProvider;

/// <summary><c>POST /demo/token</c>: an access token as the code flow would give it, without the browser. Exists only where controls are on.</summary>
internal static class DemoToken
{
    /// <param name="User">Whose.</param>
    /// <param name="Audience">Null: the configured one.</param>
    /// <param name="LifetimeSeconds">From now; negative for one that has expired already.</param>
    public sealed record Order(string User, string? Audience, int? LifetimeSeconds);

    public static IResult Sign(Order order, IdentityProviderOptions options, IOptionsMonitor<OpenIddictServerOptions> server, TimeProvider time)
    {
        if (DemoUser.Find(order.User) is not { } user)
        {
            return Results.BadRequest(new { error = "unknown user" });
        }

        var now = time.GetUtcNow();
        var expiresAt = now.AddSeconds(order.LifetimeSeconds ?? options.TokenLifetime.TotalSeconds);
        var token = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = JsonWebTokenTypes.AccessToken,
            Issuer = options.Url.AbsoluteUri,
            Audience = order.Audience ?? options.Audience,
            IssuedAt = (now < expiresAt ? now : expiresAt.AddMinutes(-1)).UtcDateTime,
            Expires = expiresAt.UtcDateTime,
            SigningCredentials = server.CurrentValue.SigningCredentials.First(),
            Claims = new Dictionary<string, object>
            {
                [Claims.Subject] = user.Id,
                [Claims.Name] = user.Name,
                [Claims.Email] = user.Email,
                [Claims.ClientId] = Clients.Shop,
                [Claims.JwtId] = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture),
            },
        });
        return Results.Text(token);
    }
}
