using System.Runtime.CompilerServices;
using Alter.Apps;

namespace Alter.Identity;

/// <summary>Tells from a JWT of the app's own OpenID provider who the user is.</summary>
/// <remarks>
/// 1. read the token strictly; the algorithm is judged before any key
/// 2. choose the identity provider whose issuer the token claims, exactly, and judge the token's type
/// 3. find the key it names, verify the signature; from here on the claims are the issuer's word
/// 4. times, then audience, then what names the user
/// </remarks>
public sealed class UserTokenVerifier(SigningKeys keys, TimeProvider time)
{
    private const int MaxReceived = 10;
    private const int MaxReceivedLength = 255;

    private readonly ReadTokens read = new();
    private readonly ConditionalWeakTable<AppConfiguration, List<ConcreteIssuer>> issuersOf = [];

    /// <summary>The user, <see cref="InvalidUserToken"/>, or <see cref="VaultUnavailable"/> where the issuer's keys were never there.</summary>
    public async ValueTask<Outcome<VerifiedUser>> VerifyAsync(AppConfiguration app, string token, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (string.IsNullOrEmpty(token))
        {
            return new InvalidUserToken("A user token is needed: the JWT of the app's own identity provider.", InvalidUserTokenReasons.Missing);
        }

        // 1.
        if (!read.TryRead(token, out var parsed, out var fault))
        {
            return Refused(fault);
        }

        // 2.
        var issuers = issuersOf.GetValue(app, static one => [.. ConcreteIssuer.Of(one)]);
        if (IssuerOf(parsed, issuers) is not { } issuer)
        {
            return new InvalidUserToken("The token's issuer is none of the app's identity providers. They are compared character by character.", InvalidUserTokenReasons.Issuer)
            {
                Expected = [.. issuers.Select(one => one.Issuer)],
                Received = Shown(parsed.Issuer is { } iss ? [iss] : []),
            };
        }

        if (parsed.TypeFault(issuer.Provider.TokenTypes) is { } wrongType)
        {
            return Refused(wrongType);
        }

        // 3.
        if (!(await keys.FindAsync(issuer.Keys, parsed.KeyId, cancellationToken)).Succeeded(out var set, out var refusal))
        {
            return refusal;
        }

        fault = await TokenSignature.FaultAsync(parsed, token, issuer.Issuer, set);
        if (fault is null)
        {
            read.Keep(parsed);
            fault = TokenRules.Broken(parsed.Times, issuer.Provider.MaxTokenLifetime, time.GetUtcNow());
        }

        if (fault is not null)
        {
            return Refused(fault);
        }

        return User(app, issuer, parsed); // 4.
    }

    private static ConcreteIssuer? IssuerOf(CompactToken token, List<ConcreteIssuer> issuers)
    {
        foreach (var one in issuers)
        {
            if (one.Issuer == token.Issuer)
            {
                return one;
            }
        }

        return null;
    }

    private static Outcome<VerifiedUser> User(AppConfiguration app, ConcreteIssuer issuer, CompactToken token)
    {
        if (token.Named is { } named && ReferenceEquals(named.Issuer, issuer)) // An app's own.
        {
            return named.User;
        }

        if (AudienceRefusal(issuer.Provider, token.Claims) is { } refusal)
        {
            return refusal;
        }

        var outcome = ClaimMapping.User(app, issuer, token.Claims);
        token.Named = outcome.Succeeded(out var user, out _) ? new CompactToken.NamedUser(issuer, user) : null;
        return outcome;
    }

    private static InvalidUserToken Refused(TokenFault fault) => new(fault.Detail, fault.Reason);

    private static InvalidUserToken? AudienceRefusal(IdentityProviderConfiguration provider, TokenClaims claims)
    {
        if (claims.Audiences() is not { } audiences)
        {
            return Refused(TokenFault.Claims("The token's aud is neither a string nor a list of strings."));
        }

        // Byte for byte: a slash at the end makes another audience.
        if (provider.Audiences.Count > 0 && !audiences.Any(provider.Audiences.Contains))
        {
            return Mismatch(
                audiences.Count > 0 ? "The token is for another audience than the app's API." : "The token carries no audience, and the identity provider names audiences.",
                provider.Audiences,
                audiences);
        }

        if (provider.Audiences.Count > 0 && provider.AuthorizedParties.Count == 0)
        {
            return null;
        }

        // Clerk and others send no aud; then the client the token was made for decides (azp, or client_id of RFC 9068). Where both lists are there both must fit.
        var party = claims.Text("azp") ?? claims.Text("client_id");
        return party is not null && provider.AuthorizedParties.Contains(party)
            ? null
            : Mismatch("The token was made for another client: its azp or client_id is none of the authorized parties.", provider.AuthorizedParties, party is null ? [] : [party]);
    }

    private static InvalidUserToken Mismatch(string detail, IReadOnlyList<string> expected, IReadOnlyList<string> received) =>
        new(detail, InvalidUserTokenReasons.Audience) { Expected = expected, Received = Shown(received) };

    private static IReadOnlyList<string> Shown(IReadOnlyList<string> received) =>
        [.. received.Take(MaxReceived).Select(text => text.Length > MaxReceivedLength ? text[..MaxReceivedLength] + "…" : text)];
}
