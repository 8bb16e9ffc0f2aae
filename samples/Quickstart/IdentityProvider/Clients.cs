using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Quickstart.IdentityProvider;

/// <summary>Registers the clients before the first request arrives. Both are public: PKCE protects the code, there is no secret to lose.</summary>
internal sealed class Clients(IServiceProvider services, IdentityProviderOptions options) : IHostedService
{
    /// <summary>The shop.</summary>
    public const string Shop = "shop-web";

    /// <summary>The vault, which asks whose browser it is before an account is linked.</summary>
    public const string Vault = "alter";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var clients = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
        await clients.CreateAsync(Client(Shop, "Acme Shop", options.RedirectUris, options.SignedOutUris), cancellationToken);
        await clients.CreateAsync(Client(Vault, "Acme Shop, to connect accounts", options.VaultRedirectUris, []), cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static OpenIddictApplicationDescriptor Client(string id, string name, IReadOnlyList<Uri> redirectUris, IReadOnlyList<Uri> signedOutUris)
    {
        var client = new OpenIddictApplicationDescriptor
        {
            ClientId = id,
            ClientType = ClientTypes.Public,
            DisplayName = name,
            Permissions =
            {
                Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.EndSession,
                Permissions.GrantTypes.AuthorizationCode, Permissions.ResponseTypes.Code,
                Permissions.Scopes.Email, Permissions.Scopes.Profile,
            },
            Requirements = { Requirements.Features.ProofKeyForCodeExchange },
        };
        client.RedirectUris.UnionWith(redirectUris);
        client.PostLogoutRedirectUris.UnionWith(signedOutUris);
        return client;
    }
}
