using System.Collections.ObjectModel;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Alter.Apps;
using Alter.Egress;

namespace Alter.Identity;

/// <summary>Checks the id token of an OpenID provider an account is connected at (OpenID Connect Core §3.1.3.7).</summary>
public sealed class IdTokenVerifier(SigningKeys keys, TimeProvider time)
{
    private static readonly string[] Types = ["JWT"];

    /// <summary>The claims, <see cref="IdTokenInvalid"/>, or <see cref="VaultUnavailable"/> where the provider's keys were never there.</summary>
    /// <param name="issuer">Of the provider definition; exact.</param>
    /// <param name="jwksUri">Of the provider's metadata; null: by discovery.</param>
    /// <param name="clientId">The app's client at this provider.</param>
    /// <param name="nonce">The one this flow sent.</param>
    /// <param name="idToken">From the token answer.</param>
    /// <param name="scope">Where the keys may lie.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public async Task<Outcome<ReadOnlyDictionary<string, JsonElement>>> VerifyAsync(
        string issuer, Uri? jwksUri, string clientId, string nonce, string idToken, EgressScope scope, CancellationToken cancellationToken) =>
        (await ClaimsAsync(new KeySource(issuer, jwksUri, scope), clientId, nonce, idToken, cancellationToken)).Succeeded(out var claims, out var refusal) ? claims.ToDictionary() : refusal;

    /// <summary>The user an id token of the app's own identity provider names, by the same claims as the app's user tokens do.</summary>
    /// <returns>The user, <see cref="IdTokenInvalid"/>, <see cref="InvalidUserToken"/> where its claims name none, or <see cref="VaultUnavailable"/>.</returns>
    internal async Task<Outcome<VerifiedUser>> VerifyUserAsync(
        AppConfiguration app, ConcreteIssuer issuer, Uri? jwksUri, string clientId, string nonce, string idToken, CancellationToken cancellationToken) =>
        (await ClaimsAsync(issuer.Keys with { JwksUri = jwksUri }, clientId, nonce, idToken, cancellationToken)).Succeeded(out var claims, out var refusal)
            ? ClaimMapping.User(app, issuer, claims)
            : refusal;

    /// <summary>The claims of an id token of an identity provider, for whoever maps them in more than one app.</summary>
    /// <returns>The claims, <see cref="IdTokenInvalid"/> or <see cref="VaultUnavailable"/>.</returns>
    internal Task<Outcome<TokenClaims>> VerifyClaimsAsync(ConcreteIssuer issuer, Uri? jwksUri, string clientId, string nonce, string idToken, CancellationToken cancellationToken) =>
        ClaimsAsync(issuer.Keys with { JwksUri = jwksUri }, clientId, nonce, idToken, cancellationToken);

    private async Task<Outcome<TokenClaims>> ClaimsAsync(KeySource source, string clientId, string nonce, string idToken, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(source.Issuer);
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        ArgumentException.ThrowIfNullOrEmpty(nonce);
        if (!CompactToken.TryParse(idToken ?? "", out var token, out var fault))
        {
            return new IdTokenInvalid(fault.Detail);
        }

        if (token.TypeFault(Types) is { } wrongType)
        {
            return new IdTokenInvalid(wrongType.Detail);
        }

        if (token.Claims.Text("iss") != source.Issuer)
        {
            return new IdTokenInvalid("The id token is of another issuer than the provider's.");
        }

        if (!(await keys.FindAsync(source, token.KeyId, cancellationToken)).Succeeded(out var set, out var refusal))
        {
            return refusal;
        }

        fault = await TokenSignature.FaultAsync(token, idToken!, source.Issuer, set)
            ?? TokenRules.Broken(token.Times, maxLifetime: null, time.GetUtcNow())
            ?? Broken(token.Claims, clientId, nonce);
        return fault is null ? token.Claims : new IdTokenInvalid(fault.Detail);
    }

    private static TokenFault? Broken(TokenClaims claims, string clientId, string nonce)
    {
        if (claims.Audiences() is not { } audiences || !audiences.Contains(clientId))
        {
            return TokenFault.Claims("The id token's aud does not name the client."); // rule 3
        }

        // Rules 4 and 5: among several audiences azp tells whose token it is, and where present it always does.
        if ((audiences.Count > 1 || claims.Has("azp")) && claims.Text("azp") != clientId)
        {
            return TokenFault.Claims("The id token's azp is not the client.");
        }

        if (claims.Text("nonce") is not { } sent || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), Encoding.UTF8.GetBytes(nonce)))
        {
            return TokenFault.Claims("The id token's nonce is not the one of this flow."); // rule 11
        }

        return TokenRules.IsSubject(claims.Text("sub")) ? null : TokenFault.Claims("The id token's sub is not one string of 1 to 255 characters.");
    }
}
