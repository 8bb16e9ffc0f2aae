using Alter.Apps;
using Alter.Connect;
using Alter.Providers;
using Alter.Tokens;

namespace Alter.Wallet;

/// <summary>Where a browser goes to sign in, and the cookie that binds the sign-in to it.</summary>
public sealed record WalletSignInStart(string AuthorizationUrl, string Cookie)
{
    /// <summary>URL and cookie are secrets of the sign-in: they never print.</summary>
    public override string ToString() => "[wallet sign-in start]";
}

/// <summary>Sends a browser to an app's OpenID provider: code, PKCE, state and nonce, all four kept in the browser's own sealed cookie.</summary>
public sealed class BeginWalletSignIn(WalletCookies cookies, TokenEndpoint endpoint, ConfigurationSource configuration, TimeProvider time)
{
    /// <summary>Begins a sign-in.</summary>
    /// <param name="identityProvider">Its id in the document.</param>
    /// <param name="issuer">Which of its tenants; null where it has one.</param>
    /// <param name="asSomebodyElse">The person is asked even where the OpenID provider knows them already.</param>
    /// <param name="cancellationToken">Stops it; nothing was written.</param>
    /// <returns>The start, or <see cref="InvalidRequest"/> for a place nobody can sign in at, <see cref="ConnectConfig"/>, <see cref="ProviderUnreachable"/>, <see cref="VaultUnavailable"/>.</returns>
    /// <remarks>No storage operation.</remarks>
    public async Task<Outcome<WalletSignInStart>> RunAsync(string identityProvider, string? issuer, bool asSomebodyElse, CancellationToken cancellationToken)
    {
        if (configuration.Current is not { } vault)
        {
            return new VaultUnavailable("The vault's configuration has mistakes; /health/ready lists where.");
        }

        if (WalletPlaces.Find(vault, identityProvider, issuer) is not { } place)
        {
            return InvalidRequest.Field("identity_provider", "Nobody can sign in to the Wallet there.");
        }

        if (!(await endpoint.PrepareAsync(place.Client, cancellationToken)).Succeeded(out var endpoints, out var refusal))
        {
            return refusal;
        }

        if (SignInProvider.IsPairwise(place.Provider, place.Client.ClientId, endpoints))
        {
            return new ConnectConfig("The identity provider gives every client another sub, so nobody would be recognised. ./alter check says what to do.", place.Provider.Id);
        }

        var step = new WalletSignInStep(
            place.Provider.Id,
            place.Issuer.Issuer,
            AuthorizationRequests.NewSecret(),
            AuthorizationRequests.NewSecret(),
            AuthorizationRequests.NewSecret(),
            time.GetUtcNow());

        // OpenID Connect Core §3.1.2.1: login asks again even who is signed in.
        var parameters = asSomebodyElse ? new Dictionary<string, string> { ["prompt"] = "login" } : [];
        var url = AuthorizationRequests.UrlOf(
            endpoints,
            place.Client,
            place.Client.Scopes,
            vault.WalletRedirectUri(place.Provider.Id),
            new RequestSecrets(step.State, step.CodeVerifier, step.Nonce),
            parameters);
        return new WalletSignInStart(url, await cookies.SealAsync(step, cancellationToken));
    }
}
