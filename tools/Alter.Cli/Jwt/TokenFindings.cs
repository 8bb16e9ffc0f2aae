using Alter.Apps;

namespace Alter.Cli.Jwt;

/// <summary>Everything that is visibly wrong with a token, each with its remedy. An expired one is judged on: it is what people have at hand.</summary>
internal static class TokenFindings
{
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(7);
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    /// <summary>What is wrong with it whoever reads it.</summary>
    public static IEnumerable<Finding> OfToken(PastedToken token, DateTimeOffset now)
    {
        var algorithm = token.Algorithm ?? "(missing)";
        if (algorithm.StartsWith("HS", StringComparison.OrdinalIgnoreCase))
        {
            yield return new($"alg {Shown.Text(algorithm)}: it is signed with a shared secret, and whoever can check it could also make it. Switch the identity provider to RS256 or ES256.");
        }
        else if (algorithm is "none")
        {
            yield return new("alg none: it is not signed, so anybody could have written it.");
        }
        else if (!IsAccepted(algorithm))
        {
            yield return new($"alg {Shown.Text(algorithm)}: the vault accepts RS, PS and ES with 256, 384 and 512.");
        }

        if (token.ExpiresAt is not { } expires || token.IssuedAt is not { } issued)
        {
            yield return new("It needs exp and iat, both numbers.");
            yield break;
        }

        if (expires + Skew <= now)
        {
            yield return new($"It expired {Shown.Span(now - expires)} ago; it lived {Shown.Span(expires - issued)}. Send the one of the user's current session, fetched for each request.");
        }

        if (issued > now + Skew)
        {
            yield return new($"It was issued {Shown.Span(issued - now)} ahead of this machine's clock. Check the clocks.");
        }
    }

    /// <summary>What is wrong with it for an identity provider of its issuer.</summary>
    public static IEnumerable<Finding> OfProvider(PastedToken token, IdentityProviderConfiguration provider)
    {
        var place = $"identity_providers.{provider.Id}";
        if (token.Type is { } type && !provider.TokenTypes.Contains(WithoutPrefix(type), StringComparer.OrdinalIgnoreCase))
        {
            yield return IsOfAnotherKind(type)
                ? new($"typ {Shown.Text(type)}: it reports something and signs nobody in.")
                : new($"typ {Shown.Text(type)} is none of {string.Join(", ", provider.TokenTypes)}.", $"\"token_types\": {Shown.List([.. provider.TokenTypes, WithoutPrefix(type)])}", place);
        }

        if (token.ExpiresAt - token.IssuedAt is { } life && life > provider.MaxTokenLifetime)
        {
            yield return life <= LongestLifetime
                ? new($"It lives {Shown.Span(life)}, longer than is accepted.", $"\"max_token_lifetime_seconds\": {(long)life.TotalSeconds}", place)
                : new($"It lives {Shown.Span(life)}; the vault accepts {Shown.Span(LongestLifetime)} at most. Shorten it at the identity provider.");
        }

        if (provider.Audiences.Count > 0 && !token.Audiences.Any(provider.Audiences.Contains))
        {
            yield return Audience(token, provider, place);
        }

        if ((provider.AuthorizedParties.Count > 0 || provider.Audiences.Count == 0) && (token.Party is not { } party || !provider.AuthorizedParties.Contains(party)))
        {
            yield return token.Party is { } other
                ? new($"It was made for client {Shown.Text(other)}, which is none of the authorized parties.", $"\"authorized_parties\": {Shown.List([.. provider.AuthorizedParties, other])}", place)
                : new("It names no client (azp or client_id), and authorized_parties asks for one.");
        }

        if (!token.Has(provider.UserIdClaim))
        {
            yield return new($"It has no claim {provider.UserIdClaim}, which names the user here.", "\"user_id_claim\": \"sub\"", place);
        }
    }

    private static Finding Audience(PastedToken token, IdentityProviderConfiguration provider, string place)
    {
        if (token.Audiences.Count == 0)
        {
            return token.Party is { } party
                ? new("It carries no audience; tokens like that are told apart by their client.", $"\"authorized_parties\": {Shown.List([party])}", place + ", instead of audiences")
                : new("It carries no audience and no client: nothing says whom it is for.");
        }

        var line = $"\"audiences\": {Shown.List([.. provider.Audiences, .. token.Audiences.Take(1)])}";
        if (token.LooksLikeIdToken)
        {
            return new($"This is an id token: it is meant for the client {Shown.Text(token.Audiences[0])} that signed the person in. Send the access token for {Shown.Text(provider.Audiences[0])}; if you do mean id tokens:", line, place);
        }

        return token.Audiences.Any(audience => provider.Audiences.Any(known => known.TrimEnd('/') == audience.TrimEnd('/')))
            ? new("Its audience differs from the configured one by the slash at the end; they are compared character by character.", line, place)
            : new($"It is for {Shown.Texts(token.Audiences)}, not for {Shown.Texts(provider.Audiences)}.", line, place);
    }

    private static bool IsAccepted(string algorithm) => algorithm.Length == 5 && algorithm[..2] is "RS" or "PS" or "ES" && algorithm[2..] is "256" or "384" or "512";

    private static bool IsOfAnotherKind(string type) => WithoutPrefix(type).ToUpperInvariant() is "LOGOUT+JWT" or "SECEVENT+JWT" or "DPOP+JWT";

    // RFC 7515 §4.1.9: a media type, usually without its "application/".
    private static string WithoutPrefix(string type) => type.StartsWith("application/", StringComparison.OrdinalIgnoreCase) ? type["application/".Length..] : type;
}
