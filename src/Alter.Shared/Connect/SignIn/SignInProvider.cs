using Alter.Apps;
using Alter.Identity;
using Alter.Providers;

namespace Alter.Connect;

/// <summary>How often the person was asked to sign in.</summary>
public enum SignInAttempt
{
    /// <summary>Not at all: only somebody who is signed in already is named.</summary>
    Silent,

    /// <summary>As the OpenID provider sees fit.</summary>
    Interactive,

    /// <summary>Again, after another user than the session's came back.</summary>
    Fresh,
}

/// <summary>The sign-in a flow is for.</summary>
/// <param name="IdentityProvider">Its id in the document.</param>
/// <param name="Attempt">Which one this is.</param>
public sealed record SignInStep(string IdentityProvider, SignInAttempt Attempt);

/// <summary>An app's OpenID provider, seen as something a code is redeemed at.</summary>
/// <param name="Provider">As configured.</param>
/// <param name="Issuer">The user's own issuer, without template.</param>
/// <param name="Client">The vault's client there.</param>
internal sealed record SignInProvider(IdentityProviderConfiguration Provider, ConcreteIssuer Issuer, AppProvider Client)
{
    /// <summary>The sign-in of a session; null where the document no longer has it.</summary>
    internal static SignInProvider? Of(AppConfiguration app, SignInPlace? place) =>
        place is not null && ConcreteIssuer.Of(app).FirstOrDefault(one => one.Issuer == place.Issuer) is { } issuer && issuer.Provider.Id == place.IdentityProvider
            ? Of(issuer, $"the sign-in of {app.Name}")
            : null;

    /// <summary>The sign-in at an issuer; null where the vault has no client there.</summary>
    /// <param name="issuer">Where.</param>
    /// <param name="name">What refusals call it.</param>
    internal static SignInProvider? Of(ConcreteIssuer issuer, string name)
    {
        if (issuer.Provider.SignIn is not { } client)
        {
            return null;
        }

        var definition = new ProviderDefinition
        {
            Id = issuer.Provider.Id,
            Name = name,
            Issuer = issuer.Issuer,
            TokenEndpoint = client.TokenEndpoint,
            TokenEndpointAuthMethod = client.TokenEndpointAuthMethod,
            ApiHosts = [],
            Revocation = RevocationKind.None,
            AllowInsecureLocal = issuer.Provider.AllowInsecureLocal,
        };
        return new SignInProvider(issuer.Provider, issuer, new AppProvider(definition, client.ClientId, client.ClientSecret, client.Scopes, []) { PreviousClientSecret = client.PreviousClientSecret });
    }

    /// <summary>
    /// Why nobody could ever match: a pairwise subject (OpenID Connect Core §8) differs from client to client, so the vault's own client would name the same
    /// person by another one. Null where the sign-in can work.
    /// </summary>
    internal static string? PairwiseFault(AppConfiguration app, SignInPlace place, ProviderEndpoints endpoints) =>
        Of(app, place) is { } signIn && IsPairwise(signIn.Provider, signIn.Client.ClientId, endpoints)
            ? $"Identity provider {signIn.Provider.Id} gives every client another sub. Let sign_in use the app's own client (named in audiences or authorized_parties), or a user_id_claim that is the same for all, such as oid."
            : null;

    /// <summary>Whether a client there is told another user id than the app of an identity provider.</summary>
    internal static bool IsPairwise(IdentityProviderConfiguration provider, string clientId, ProviderEndpoints endpoints) =>
        endpoints.HasPairwiseSubjectsOnly
        && provider.UserIdClaim is "sub"
        && !provider.AuthorizedParties.Contains(clientId)
        && !provider.Audiences.Contains(clientId);
}
