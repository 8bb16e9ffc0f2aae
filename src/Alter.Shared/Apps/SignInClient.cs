using Alter.Providers;

namespace Alter.Apps;

/// <summary>The vault's own OAuth client at an app's OpenID provider: with it a browser proves whose it is.</summary>
/// <param name="ClientId">The client.</param>
/// <param name="ClientSecret">The name of its secret, never the secret; null for a public client.</param>
/// <param name="TokenEndpointAuthMethod">How it authenticates.</param>
/// <param name="Scopes">What the sign-in asks for; <c>openid</c> is always among them.</param>
/// <param name="TokenEndpoint">Only where it lies on another host than the issuer; null: by discovery.</param>
public sealed record SignInClient(
    string ClientId,
    string? ClientSecret,
    TokenEndpointAuthMethod TokenEndpointAuthMethod,
    IReadOnlyList<string> Scopes,
    Uri? TokenEndpoint)
{
    /// <summary>The name of the secret before <see cref="ClientSecret"/>; null: none.</summary>
    public string? PreviousClientSecret { get; init; }
}
