using System.Security.Cryptography;
using System.Text;
using Alter.Apps;
using Alter.Connect;
using Alter.Identity;
using Alter.Providers;
using Alter.Tokens;
using Microsoft.Extensions.Logging;

namespace Alter.Wallet;

/// <summary>Finishes a sign-in to the Wallet: from here on the browser is known.</summary>
/// <remarks>
/// <code>
///   1 the browser's own cookie: route, state       another browser, another place, too late: refused (login CSRF)
///   2 iss; an error of the OpenID provider
///   3 redeem the code, verify the id token         OpenID Connect Core §3.1.3.7, nonce and all
///   4 whom does each identity provider of this issuer name by its own claim mapping?
///   5 sealed session cookie
/// </code>
/// Nothing is stored: a repetition brings a code that its issuer has seen.
/// </remarks>
public sealed class FinishWalletSignIn(
    WalletCookies cookies,
    ProviderDiscovery discovery,
    TokenEndpoint endpoint,
    IdTokenVerifier idTokens,
    ConfigurationSource configuration,
    TimeProvider time,
    ILogger<FinishWalletSignIn> logger)
{
    private const int MaxCodeLength = 4096;

    /// <summary>Finishes the sign-in of an authorization response.</summary>
    /// <param name="identityProvider">From the route.</param>
    /// <param name="response">The query.</param>
    /// <param name="cookie">The browser's <see cref="WalletCookies.SignIn"/>.</param>
    /// <param name="cancellationToken">Stops before the code is redeemed.</param>
    /// <returns>The value of <see cref="WalletCookies.Session"/>, or <see cref="ConnectFlowInvalid"/>, <see cref="ConnectDenied"/>, <see cref="ConnectConfig"/>, <see cref="ProviderUnreachable"/>, <see cref="VaultUnavailable"/>.</returns>
    /// <remarks>No storage operation; one request to the token endpoint.</remarks>
    public async Task<Outcome<string>> RunAsync(string identityProvider, CallbackParameters response, string? cookie, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(response);
        var outcome = await FinishAsync(identityProvider, response, cookie, cancellationToken);
        if (!outcome.Succeeded(out _, out var refusal))
        {
            Log.NotSignedIn(logger, refusal.Code);
        }

        return outcome;
    }

    private async Task<Outcome<string>> FinishAsync(string identityProvider, CallbackParameters response, string? cookie, CancellationToken cancellationToken)
    {
        // 1
        if (await cookies.OpenSignInAsync(cookie, cancellationToken) is not { } step
            || step.IdentityProvider != identityProvider
            || response.State is not { } state
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(state), Encoding.UTF8.GetBytes(step.State))
            || configuration.Current is not { } vault
            || WalletPlaces.Find(vault, step.IdentityProvider, step.Issuer) is not { } place)
        {
            return new ConnectFlowInvalid();
        }

        // 2
        if (!(await discovery.ResolveAsync(place.Client.Definition, cancellationToken)).Succeeded(out var endpoints, out var refusal))
        {
            return refusal;
        }

        if (!ReturnedFlows.IsOfIssuer(response, endpoints))
        {
            return new ConnectFlowInvalid();
        }

        if (response.Error is not null)
        {
            return FinishSignIn.Denied(response.Error, identityProvider);
        }

        if (response.Code is not { Length: > 0 and <= MaxCodeLength } code)
        {
            return new ConnectFlowInvalid();
        }

        // 3
        var redirectUri = vault.WalletRedirectUri(identityProvider);
        if (!(await endpoint.RedeemCodeAsync(place.Client, code, redirectUri, step.CodeVerifier, CancellationToken.None)).Succeeded(out var tokens, out refusal))
        {
            return refusal is InvalidGrant ? new ConnectFlowInvalid() : refusal;
        }

        if (tokens.IdToken is not { } idToken)
        {
            return new ConnectFlowInvalid();
        }

        if (!(await idTokens.VerifyClaimsAsync(place.Issuer, endpoints.Jwks, place.Client.ClientId, step.Nonce, idToken, CancellationToken.None)).Succeeded(out var claims, out refusal))
        {
            return refusal is VaultUnavailable ? refusal : new ConnectFlowInvalid();
        }

        // 4
        var users = UsersOf(vault, place, endpoints, claims);
        if (!users.TryGetValue(identityProvider, out var own))
        {
            return new ConnectFlowInvalid();
        }

        // 5
        var mapped = users.ToDictionary(user => user.Key, user => new WalletSession.MappedUser(user.Value.Id.Claim, user.Value.Id.Value));
        var session = new WalletSession(identityProvider, step.Issuer, own.Label, mapped, AuthorizationRequests.NewSecret(), time.GetUtcNow());
        return await cookies.SealAsync(session, CancellationToken.None) is { } value
            ? value
            : new ConnectConfig("The user ids of this issuer are too long for a cookie to hold them all.", identityProvider);
    }

    // Security A26: each by its own mapping, and none where the sign-in's client is told other subjects than the app.
    private static Dictionary<string, VerifiedUser> UsersOf(VaultConfiguration vault, SignInProvider place, ProviderEndpoints endpoints, TokenClaims claims)
    {
        var users = new Dictionary<string, VerifiedUser>(StringComparer.Ordinal);
        foreach (var issuer in WalletPlaces.Under(vault, place.Issuer.Issuer))
        {
            var app = vault.Apps.Values.First(app => app.IdentityProviders.Any(provider => provider.Id == issuer.Provider.Id));
            if (!SignInProvider.IsPairwise(issuer.Provider, place.Client.ClientId, endpoints) && ClaimMapping.User(app, issuer, claims).Succeeded(out var user, out _))
            {
                users[issuer.Provider.Id] = user;
            }
        }

        return users;
    }
}
