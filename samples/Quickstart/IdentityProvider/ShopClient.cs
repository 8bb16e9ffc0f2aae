using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Quickstart.IdentityProvider;

/// <summary>Registers the shop as a client before the first request arrives.</summary>
internal sealed class ShopClient(IServiceProvider services, IdentityProviderOptions options) : IHostedService
{
    /// <summary>A public client: PKCE protects the code, there is no secret to lose.</summary>
    public const string Id = "shop-web";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var client = new OpenIddictApplicationDescriptor
        {
            ClientId = Id,
            ClientType = ClientTypes.Public,
            DisplayName = "Acme Shop",
            Permissions =
            {
                Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.EndSession,
                Permissions.GrantTypes.AuthorizationCode, Permissions.ResponseTypes.Code,
                Permissions.Scopes.Email, Permissions.Scopes.Profile,
            },
            Requirements = { Requirements.Features.ProofKeyForCodeExchange },
        };
        client.RedirectUris.UnionWith(options.RedirectUris);
        client.PostLogoutRedirectUris.UnionWith(options.SignedOutUris);
        await scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>().CreateAsync(client, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
