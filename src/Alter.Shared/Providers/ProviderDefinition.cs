namespace Alter.Providers;

/// <summary>
/// What the vault knows of one OAuth provider: data, in the words of RFC 8414 where it has them. No code anywhere asks for a provider by name.
/// </summary>
public sealed record ProviderDefinition
{
    /// <summary><c>[a-z][a-z0-9_-]{0,39}</c>; what apps and the wire call it.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for, in one word that the list of providers shows.</summary>
    public string Category { get; init; } = "other";

    /// <summary>Where its OAuth is documented.</summary>
    public Uri? Documentation { get; init; }

    /// <summary>
    /// The issuer identifier. Alone it suffices: the endpoints come from its metadata (RFC 8414, OpenID Connect Discovery).
    /// An endpoint named beside it is the operator's own word and beats the metadata.
    /// </summary>
    public string? Issuer { get; init; }

    /// <summary>Null where <see cref="Issuer"/> gives it by discovery.</summary>
    public Uri? AuthorizationEndpoint { get; init; }

    /// <summary>Null where <see cref="Issuer"/> gives it by discovery.</summary>
    public Uri? TokenEndpoint { get; init; }

    /// <summary>RFC 7009; null where there is none, or discovery gives it.</summary>
    public Uri? RevocationEndpoint { get; init; }

    /// <summary>OpenID Connect Core §5.3; null where there is none, or discovery gives it.</summary>
    public Uri? UserinfoEndpoint { get; init; }

    /// <summary>The keys of the id tokens; null where there are none, or discovery gives it.</summary>
    public Uri? JwksUri { get; init; }

    /// <summary>How the client authenticates at the token endpoint (RFC 6749 §2.3.1).</summary>
    public TokenEndpointAuthMethod TokenEndpointAuthMethod { get; init; } = TokenEndpointAuthMethod.ClientSecretBasic;

    /// <summary>False only with a reason in <see cref="Because"/>. The method is always S256 (RFC 7636).</summary>
    public bool Pkce { get; init; } = true;

    /// <summary>The provider sends <c>iss</c> with the authorization response (RFC 9207); its absence is then refused.</summary>
    public bool AuthorizationResponseIssParameterSupported { get; init; }

    /// <summary>The hosts a token of this provider may be sent to, with the port where it is not 443. A first label <c>*</c> stands for exactly one label.</summary>
    public required IReadOnlyList<string> ApiHosts { get; init; }

    /// <summary>Scopes asked where the app names none.</summary>
    public IReadOnlyList<string> DefaultScopes { get; init; } = [];

    /// <summary>By scope, what it lets an app do, as people read it after "will be able to": begins with a verb. Where there is none the scope itself is shown.</summary>
    public IReadOnlyDictionary<string, string> ScopeDescriptions { get; init; } = new Dictionary<string, string>();

    /// <summary>What joins scopes, normally one blank (RFC 6749 §3.3).</summary>
    public string ScopeSeparator { get; init; } = " ";

    /// <summary>The parameter of the authorization request that carries the scopes; another than RFC 6749's only with a reason in <see cref="Because"/>.</summary>
    public string ScopeParameter { get; init; } = "scope";

    /// <summary>Fixed further parameters of the authorization request.</summary>
    public IReadOnlyDictionary<string, string> AuthorizationParameters { get; init; } = new Dictionary<string, string>();

    /// <summary>How the token and revocation endpoints answer, where that is not RFC 6749's way.</summary>
    public TokenAnswerDefinition TokenAnswer { get; init; } = new();

    /// <summary>Where the provider says whose account was connected.</summary>
    public AccountDefinition Account { get; init; } = new();

    /// <summary>What revoking one token does at the provider.</summary>
    public RevocationKind Revocation { get; init; } = RevocationKind.Token;

    /// <summary>What the provider does with a refresh token that was used.</summary>
    public RotationKind Rotation { get; init; } = RotationKind.Unknown;

    /// <summary>How long a used refresh token is still accepted, where <see cref="Rotation"/> is <see cref="RotationKind.Grace"/>.</summary>
    public TimeSpan RotationGrace { get; init; }

    /// <summary>How long the provider keeps a refresh token that nobody uses; null: as long as it is not revoked.</summary>
    public TimeSpan? RefreshTokenIdleLifetime { get; init; }

    /// <summary>Paths that carry other calls inside; denied whenever a method or URL rule applies.</summary>
    public IReadOnlyList<string> BatchPaths { get; init; } = [];

    /// <summary>Endpoints and API may be http on loopback. Development only.</summary>
    public bool AllowInsecureLocal { get; init; }

    /// <summary>Why this definition is odd, where it is.</summary>
    public string? Because { get; init; }

    /// <summary>Whether the endpoints, or some of them, come from the issuer's metadata.</summary>
    public bool IsDiscovered => Issuer is not null && (AuthorizationEndpoint is null || TokenEndpoint is null);

    /// <summary>The id token is asked for and checked: true where <c>openid</c> may be among the scopes. An issuer without keys only answers for <c>iss</c>.</summary>
    public bool IsOpenIdProvider => Issuer is not null && (IsDiscovered || JwksUri is not null);
}

/// <summary>How a client authenticates at the token endpoint.</summary>
public enum TokenEndpointAuthMethod
{
    ClientSecretBasic,
    ClientSecretPost,

    /// <summary>A public client: PKCE alone.</summary>
    None,
}

/// <summary>What a provider's revocation ends.</summary>
public enum RevocationKind
{
    /// <summary>The token and its grant alone.</summary>
    Token,

    /// <summary>Everything the account ever gave this client.</summary>
    Account,

    /// <summary>There is no revocation endpoint of RFC 7009.</summary>
    None,
}

/// <summary>What becomes of a refresh token that was used.</summary>
public enum RotationKind
{
    /// <summary>It stays valid.</summary>
    None,

    /// <summary>It is replaced, and accepted for a while longer.</summary>
    Grace,

    /// <summary>It is replaced; using it again ends the grant.</summary>
    Strict,
    Unknown,
}

/// <summary>Where the account behind a token is named. Members are JSON member names, nested by dots.</summary>
public sealed record AccountDefinition
{
    /// <summary>The resource that describes the account, asked with the access token. Null: the id token's claims, then the userinfo endpoint.</summary>
    public Uri? Url { get; init; }

    /// <summary>The immutable account id: it keys the grant.</summary>
    public string Id { get; init; } = "sub";

    /// <summary>What the id is unique within, a workspace for example, where it is not unique at the whole provider. Null: it is.</summary>
    public string? IdWithin { get; init; }

    /// <summary>What people know the account by; may be renamed.</summary>
    public string Identifier { get; init; } = "email";

    /// <summary>The person's or workspace's name.</summary>
    public string DisplayName { get; init; } = "name";

    /// <summary>The mail address.</summary>
    public string Email { get; init; } = "email";
}
