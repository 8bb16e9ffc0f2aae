namespace Alter.Apps;

/// <summary>An OpenID provider whose JWTs name an app's users.</summary>
public sealed record IdentityProviderConfiguration
{
    /// <summary>Its id in the document.</summary>
    public required string Id { get; init; }

    /// <summary>A label for people: <c>auth0</c>, <c>clerk</c>, <c>okta</c>, <c>oidc</c>. It decides nothing.</summary>
    public string Kind { get; init; } = "oidc";

    /// <summary>Exact, compared byte for byte with the token's <c>iss</c> and the discovery document's own.</summary>
    public required string Issuer { get; init; }

    /// <summary>One must be among the token's audiences. Empty only where <see cref="AuthorizedParties"/> is not.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = [];

    /// <summary>One must equal the token's <c>azp</c> or <c>client_id</c>: for tokens that carry no audience, or beside it.</summary>
    public IReadOnlyList<string> AuthorizedParties { get; init; } = [];

    /// <summary>The claim that names the user.</summary>
    public string UserIdClaim { get; init; } = "sub";

    /// <summary>A token whose <c>email_verified</c> is not true is refused.</summary>
    public bool RequireEmailVerified { get; init; }

    /// <summary>For a multi-tenant issuer with <c>{tenantid}</c>: the only tenants accepted.</summary>
    public IReadOnlyList<string> AllowedTenants { get; init; } = [];

    /// <summary>Accepted values of the header <c>typ</c>; absence is always accepted.</summary>
    public IReadOnlyList<string> TokenTypes { get; init; } = ["JWT", "at+jwt"];

    /// <summary>Longest life (exp − iat) of a token that is accepted.</summary>
    public TimeSpan MaxTokenLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The claim that lists the user's groups; null: tokens name none.</summary>
    public string? GroupsClaim { get; init; }

    /// <summary>Issuer and keys may be http on loopback. Development only.</summary>
    public bool AllowInsecureLocal { get; init; }

    /// <summary>The vault's client there, by which a browser proves whose it is; null: it cannot.</summary>
    public SignInClient? SignIn { get; init; }
}
