using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Quickstart.Calendar.OAuth;

/// <summary>Ends the access tokens of a refresh token that was revoked; OpenIddict ends the one token alone.</summary>
internal sealed class RevokedFamily(IOpenIddictTokenManager tokens) : IOpenIddictServerHandler<HandleRevocationRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor
        .CreateBuilder<HandleRevocationRequestContext>()
        .UseScopedHandler<RevokedFamily>()
        .SetOrder(OpenIddictServerHandlers.Revocation.RevokeToken.Descriptor.Order + 1)
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    public async ValueTask HandleAsync(HandleRevocationRequestContext context)
    {
        // RFC 7009 §2.1: with a refresh token, the access tokens of the same grant should go too.
        if (context.GenericTokenPrincipal is { } token
            && token.HasTokenType(TokenTypeIdentifiers.RefreshToken)
            && token.GetAuthorizationId() is { Length: > 0 } family)
        {
            await tokens.RevokeByAuthorizationIdAsync(family, context.CancellationToken);
        }
    }
}
