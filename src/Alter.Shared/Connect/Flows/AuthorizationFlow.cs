using Azure;

namespace Alter.Connect;

/// <summary>One trip of one browser to one provider: a row of table <c>connect</c>, keyed by the hash of its state.</summary>
public sealed record AuthorizationFlow
{
    public required ConnectKey Key { get; init; }

    public ETag ETag { get; init; }

    public required string App { get; init; }

    public required string Provider { get; init; }

    /// <summary>The session it belongs to.</summary>
    public required ConnectKey Session { get; init; }

    /// <summary>SHA-256 of the cookie of the browser that left for the provider, hex.</summary>
    public required string CookieHash { get; init; }

    public required ConnectMode Mode { get; init; }

    public required FlowSecrets Secrets { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>What the callback needs and nobody else may read: sealed at rest.</summary>
/// <param name="SessionToken">For the fragment of the page the callback leads to.</param>
/// <param name="CodeVerifier">RFC 7636 §4.1; null where the definition switches PKCE off with a reason.</param>
/// <param name="Nonce">OpenID Connect Core §3.1.2.1; null where no id token is asked for.</param>
/// <param name="Scopes">What was asked for.</param>
/// <param name="SignIn">Set where the trip goes to the app's OpenID provider first; null where it goes to the provider.</param>
/// <param name="RedirectUri">What the request named, and the code is redeemed with, whatever the document says by then; null: stored by an earlier version.</param>
/// <param name="PageOrigin">Which of the vault's origins the browser left from, and has its cookies at; null as above.</param>
public sealed record FlowSecrets(
    string SessionToken, string? CodeVerifier, string? Nonce, IReadOnlyList<string> Scopes, SignInStep? SignIn, Uri? RedirectUri = null, string? PageOrigin = null)
{
    /// <summary>Secrets never print.</summary>
    public override string ToString() => "[flow secrets]";
}
