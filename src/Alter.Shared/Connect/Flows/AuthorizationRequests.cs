using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Alter.Apps;
using Alter.Policies;
using Alter.Providers;
using Alter.Tokens;

namespace Alter.Connect;

/// <summary>What a flow begins with.</summary>
/// <param name="Vault">The document in force.</param>
/// <param name="App">The session's app.</param>
/// <param name="Session">The session.</param>
/// <param name="SessionToken">For the page the flow leads back to.</param>
/// <param name="Provider">The provider to connect.</param>
/// <param name="Mode">How the page was opened.</param>
/// <param name="BrowserHash">The browser it is bound to.</param>
/// <param name="PageOrigin">The vault's origin that browser is at.</param>
internal sealed record FlowStart(
    VaultConfiguration Vault, AppConfiguration App, ConnectSession Session, string SessionToken, AppProvider Provider, ConnectMode Mode, string BrowserHash, string PageOrigin)
{
    /// <summary>It holds a session token: it never prints.</summary>
    public override string ToString() => "[flow start]";
}

/// <summary>What ties an authorization response to its request.</summary>
internal sealed record RequestSecrets(string State, string? CodeVerifier, string? Nonce)
{
    /// <summary>Secrets never print.</summary>
    public override string ToString() => "[request secrets]";
}

/// <summary>Makes authorization requests (RFC 6749 §4.1.1) and keeps what their answers will need.</summary>
public sealed class AuthorizationRequests(AuthorizationFlowStore flows, ConnectTokens tokens, TokenEndpoint endpoint, TimeProvider time)
{
    // What makes the answer an identity or a lasting grant is never narrowed away by a session.
    private static readonly string[] ProtocolScopes = ["openid", "offline_access", "email", "profile"];

    /// <summary>The scopes a session asks of a provider.</summary>
    internal static IReadOnlyList<string> ScopesFor(ConnectSession session, AppProvider provider)
    {
        var all = provider.Scopes.Count > 0 ? provider.Scopes : provider.Definition.DefaultScopes;
        return session.RequiredScopes.TryGetValue(provider.Definition.Id, out var asked)
            ? [.. all.Where(scope => asked.Contains(scope) || provider.RequiredScopes.Contains(scope) || ProtocolScopes.Contains(scope))]
            : all;
    }

    /// <summary>A request to the provider that is to be connected.</summary>
    /// <returns>The URL to send the browser to, or <see cref="ConnectConfig"/>, <see cref="PolicyViolation"/>, <see cref="VaultUnavailable"/>.</returns>
    /// <remarks>One storage operation.</remarks>
    internal Task<Outcome<string>> ToProviderAsync(FlowStart start, CancellationToken cancellationToken) => BeginAsync(
        start,
        start.Provider,
        ScopesFor(start.Session, start.Provider),
        start.Vault.RedirectUri(start.App.Id, start.Provider.Definition.Id),
        signIn: null,
        start.Provider.Definition.AuthorizationParameters,
        cancellationToken);

    /// <summary>A request to the app's OpenID provider: the person signs in, then goes on to the provider.</summary>
    /// <returns>As <see cref="ToProviderAsync"/>; <see cref="ConnectSessionExpired"/> where the document no longer has the sign-in.</returns>
    /// <remarks>One storage operation.</remarks>
    internal async Task<Outcome<string>> ToSignInAsync(FlowStart start, SignInAttempt attempt, CancellationToken cancellationToken)
    {
        if (SignInProvider.Of(start.App, start.Session.Details.SignInAt) is not { } signIn)
        {
            return new ConnectSessionExpired();
        }

        // OpenID Connect Core §3.1.2.1: none asks nobody anything, login asks again even who is signed in.
        var parameters = attempt switch
        {
            SignInAttempt.Silent => new Dictionary<string, string> { ["prompt"] = "none" },
            SignInAttempt.Fresh => new Dictionary<string, string> { ["prompt"] = "login" },
            _ => [],
        };
        return await BeginAsync(
            start,
            signIn.Client,
            signIn.Client.Scopes,
            start.Vault.SignInRedirectUri(start.App.Id, signIn.Provider.Id),
            new SignInStep(signIn.Provider.Id, attempt),
            parameters,
            cancellationToken);
    }

    private async Task<Outcome<string>> BeginAsync(
        FlowStart start,
        AppProvider client,
        IReadOnlyList<string> scopes,
        Uri redirectUri,
        SignInStep? signIn,
        IReadOnlyDictionary<string, string> furtherParameters,
        CancellationToken cancellationToken)
    {
        var definition = client.Definition;

        // The client secret as well: nobody shall consent to what could not be redeemed.
        if (!(await endpoint.PrepareAsync(client, cancellationToken)).Succeeded(out var endpoints, out var refusal))
        {
            return refusal;
        }

        if (signIn is not null && SignInProvider.PairwiseFault(start.App, start.Session.Details.SignInAt!, endpoints) is { } fault)
        {
            return new ConnectConfig(fault, definition.Id);
        }

        var verifier = definition.Pkce ? NewSecret() : null;
        var nonce = definition.IsOpenIdProvider && scopes.Contains("openid") ? NewSecret() : null;
        var expiresAt = time.GetUtcNow() + ConnectSession.Lifetime;
        var (state, key) = await tokens.NewStateAsync(expiresAt, cancellationToken);
        await flows.AddAsync(
            new AuthorizationFlow
            {
                Key = key,
                App = start.App.Id,
                Provider = start.Provider.Definition.Id,
                Session = start.Session.Key,
                CookieHash = start.BrowserHash,
                Mode = start.Mode,
                Secrets = new FlowSecrets(start.SessionToken, verifier, nonce, scopes, signIn, redirectUri, start.PageOrigin),
                ExpiresAt = expiresAt,
            },
            cancellationToken);

        return UrlOf(endpoints, client, scopes, redirectUri, new RequestSecrets(state, verifier, nonce), furtherParameters);
    }

    /// <summary>The URL of a request (RFC 6749 §4.1.1).</summary>
    internal static string UrlOf(
        ProviderEndpoints endpoints, AppProvider client, IReadOnlyList<string> scopes, Uri redirectUri, RequestSecrets secrets, IReadOnlyDictionary<string, string> furtherParameters)
    {
        var definition = client.Definition;
        var parameters = new List<KeyValuePair<string, string>>
        {
            new("response_type", "code"),
            new("client_id", client.ClientId),
            new("redirect_uri", redirectUri.AbsoluteUri),
            new("state", secrets.State),
        };
        if (scopes.Count > 0)
        {
            parameters.Add(new(definition.ScopeParameter, string.Join(definition.ScopeSeparator, scopes)));
        }

        if (secrets.CodeVerifier is not null)
        {
            // RFC 7636 §4.2: S256 alone; plain would be readable on the way.
            parameters.Add(new("code_challenge", Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(secrets.CodeVerifier)))));
            parameters.Add(new("code_challenge_method", "S256"));
        }

        if (secrets.Nonce is not null)
        {
            parameters.Add(new("nonce", secrets.Nonce));
        }

        parameters.AddRange(furtherParameters);
        var query = string.Join('&', parameters.Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}"));

        // RFC 6749 §3.1: the endpoint may have a query of its own, which is kept.
        return endpoints.Authorization.AbsoluteUri + (endpoints.Authorization.Query.Length > 0 ? '&' : '?') + query;
    }

    /// <summary>256 random bits: a verifier (RFC 7636 §4.1), a nonce or a state.</summary>
    internal static string NewSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
