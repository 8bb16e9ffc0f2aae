using Alter.Apps;

namespace Alter.Identity;

/// <summary>Reads from verified claims who the user is, as the app's identity provider is configured.</summary>
internal static class ClaimMapping
{
    /// <summary>The user, or <see cref="InvalidUserToken"/> where the claims name none.</summary>
    internal static Outcome<VerifiedUser> User(AppConfiguration app, ConcreteIssuer issuer, TokenClaims claims)
    {
        if (issuer.Tenant is not null && claims.Text("tid") != issuer.Tenant)
        {
            return Unfit("The token's tid is not the tenant its issuer names.");
        }

        var claim = issuer.Provider.UserIdClaim;
        var isVerified = claims.IsTrue("email_verified");
        if (!isVerified && (issuer.Provider.RequireEmailVerified || issuer.Provider.NamesUsersByEmail))
        {
            // An address nobody proved would let its claimer into the grants of whoever owns it.
            return Unfit("The token's email_verified is not true.");
        }

        if (claims.TextAt(claim) is not { } value || !TokenRules.IsSubject(value) || (claims.Has("sub") && !TokenRules.IsSubject(claims.Text("sub"))))
        {
            return Unfit($"The token's claim {claim} does not name a user: it must be one string of 1 to {TokenRules.MaxSubjectLength} characters, and so must sub where it is present.");
        }

        // Unproven addresses are not shown either: on the Connect page one would say "this will be linked to ada@…" for Mallory.
        var email = isVerified || !claims.Has("email_verified") ? claims.TextAt(issuer.Provider.EmailClaim) : null;
        return new VerifiedUser(
            new UserId(app.Id, issuer.Issuer, claim, value),
            issuer.Issuer,
            claims.Text("sub") ?? value,
            DisplayText.Clean(claims.Text("name")),
            DisplayText.Clean(email),
            claims.Time("iat")!.Value) // TokenRules has seen it.
        {
            Groups = issuer.Provider.GroupsClaim is { } groups ? claims.TextsAt(groups) : null,
        };
    }

    private static InvalidUserToken Unfit(string detail) => new(detail, InvalidUserTokenReasons.Claims);
}
