namespace Alter.Identity;

/// <summary>The rules every token obeys, whoever issued it and for whatever.</summary>
internal static class TokenRules
{
    internal const int MaxSubjectLength = 255; // OpenID Connect Core §2, sub

    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    /// <summary>The first rule about kind and time the claims break.</summary>
    /// <param name="times">Of a token whose signature is valid.</param>
    /// <param name="maxLifetime">Longest exp − iat; null: any.</param>
    /// <param name="now">The vault's clock.</param>
    internal static TokenFault? Broken(TokenTimes times, TimeSpan? maxLifetime, DateTimeOffset now)
    {
        if (times.HasEvents)
        {
            // RFC 8417 §2.2: a security event, such as a logout token, is no proof that a user is there.
            return TokenFault.Claims("The token has events: it reports something that happened and signs nobody in.");
        }

        if (times.ExpiresAt is not { } expiresAt || times.IssuedAt is not { } issuedAt)
        {
            return TokenFault.Claims("The token needs exp and iat, both numbers.");
        }

        if (expiresAt <= now - Skew) // Not "expiresAt + Skew": some tokens never expire, and there is nothing after the last instant.
        {
            return new TokenFault(InvalidUserTokenReasons.Expired, "The token has expired. Send the one of the user's current session.");
        }

        if (issuedAt > now + Skew || (times.HasNotBefore && !(times.NotBefore <= now + Skew)))
        {
            return TokenFault.Claims("The token is not valid yet: its iat or nbf lies ahead. Check the clocks.");
        }

        return expiresAt <= issuedAt || expiresAt - issuedAt > maxLifetime
            ? TokenFault.Claims("The token's life, exp − iat, is longer than the identity provider's max_token_lifetime_seconds, or not positive.")
            : null;
    }

    internal static bool IsSubject(string? value) => value is { Length: > 0 and <= MaxSubjectLength };
}

/// <summary>What a token says of kind and time, read once for each text; judged with every call.</summary>
/// <param name="HasEvents">There is an <c>events</c>.</param>
/// <param name="ExpiresAt"><c>exp</c>; null: there is none, or it is no number.</param>
/// <param name="IssuedAt"><c>iat</c>, likewise.</param>
/// <param name="HasNotBefore">There is an <c>nbf</c>.</param>
/// <param name="NotBefore">It, where it is a number.</param>
internal readonly record struct TokenTimes(bool HasEvents, DateTimeOffset? ExpiresAt, DateTimeOffset? IssuedAt, bool HasNotBefore, DateTimeOffset? NotBefore)
{
    internal static TokenTimes Of(TokenClaims claims) => new(claims.Has("events"), claims.Time("exp"), claims.Time("iat"), claims.Has("nbf"), claims.Time("nbf"));
}
