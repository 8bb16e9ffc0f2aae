using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Alter.Apps;
using Alter.Grants;
using Alter.Providers;

namespace Alter.Connect;

/// <summary>Where the browser goes, and the cookie that binds the flow to it.</summary>
public sealed record AuthorizationRedirect(string AuthorizationUrl, string Cookie)
{
    /// <summary>URL and cookie are secrets of the flow: they never print.</summary>
    public override string ToString() => "[authorization redirect]";
}

/// <summary>Begins an authorization flow (RFC 6749 §4.1.1) once the person on the Connect page has confirmed.</summary>
public sealed class AuthorizeConnect(
    ConnectSessionStore sessions,
    AuthorizationFlowStore flows,
    ConnectTokens tokens,
    ConnectResults results,
    ProviderDiscovery discovery,
    ConfigurationSource configuration,
    TimeProvider time)
{
    // What makes the answer an identity or a lasting grant is never narrowed away by a session.
    private static readonly string[] ProtocolScopes = ["openid", "offline_access", "email", "profile"];

    /// <summary>Begins a flow.</summary>
    /// <param name="sessionToken">As the page found it in the fragment.</param>
    /// <param name="provider">The provider chosen.</param>
    /// <param name="mode">How the page was opened.</param>
    /// <param name="cookie">The browser's flow cookie; reused, so that two popups work.</param>
    /// <param name="cancellationToken">Stops before the write.</param>
    /// <returns>The redirect, or <see cref="ConnectSessionExpired"/>, <see cref="ConnectSessionUsed"/>, <see cref="InvalidRequest"/>, <see cref="ConnectConfig"/>.</returns>
    /// <remarks>Three storage operations.</remarks>
    public async Task<Outcome<AuthorizationRedirect>> RunAsync(
        string? sessionToken, string? provider, ConnectMode mode, string? cookie, CancellationToken cancellationToken)
    {
        if (!(await sessions.FindAsync(await tokens.ReadSessionAsync(sessionToken, cancellationToken), cancellationToken)).Succeeded(out var session, out var refusal))
        {
            return refusal;
        }

        if (configuration.Current is not { } vault || vault.Apps.GetValueOrDefault(session.App) is not { } app)
        {
            return new ConnectSessionExpired();
        }

        if (provider is null || !session.AllowedProviders.Contains(provider) || !app.Providers.TryGetValue(provider, out var chosen))
        {
            return InvalidRequest.Field("provider", "The session does not allow it.");
        }

        if ((await results.ListAsync(session, app, cancellationToken)).Any(grant => grant.Provider == provider))
        {
            return new ConnectSessionUsed();
        }

        if (!(await discovery.ResolveAsync(chosen.Definition, cancellationToken)).Succeeded(out var endpoints, out refusal))
        {
            return refusal;
        }

        var scopes = ScopesFor(session, chosen);
        var verifier = chosen.Definition.Pkce ? Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)) : null;
        var nonce = chosen.Definition.IsOpenIdProvider && scopes.Contains("openid") ? Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)) : null;
        var boundTo = FlowCookie.Hash(cookie) is null ? FlowCookie.New() : cookie!;
        var expiresAt = time.GetUtcNow() + ConnectSession.Lifetime;
        var (state, key) = await tokens.NewStateAsync(expiresAt, cancellationToken);
        await flows.AddAsync(
            new AuthorizationFlow
            {
                Key = key,
                App = app.Id,
                Provider = provider,
                Session = session.Key,
                CookieHash = FlowCookie.Hash(boundTo)!,
                Mode = mode,
                Secrets = new FlowSecrets(sessionToken!, verifier, nonce, scopes),
                ExpiresAt = expiresAt,
            },
            cancellationToken);
        return new AuthorizationRedirect(AuthorizationUrl(vault, app, chosen, endpoints, scopes, state, verifier, nonce), boundTo);
    }

    /// <summary>The redirect URI of an app at a provider: each pair has its own, so that an answer of one provider can never pass for another's.</summary>
    public static Uri RedirectUri(VaultConfiguration vault, string app, string provider)
    {
        ArgumentNullException.ThrowIfNull(vault);
        return new Uri($"{vault.PublicOrigin}/oauth/callback/{app}/{provider}");
    }

    internal static IReadOnlyList<string> ScopesFor(ConnectSession session, AppProvider provider)
    {
        var all = provider.Scopes.Count > 0 ? provider.Scopes : provider.Definition.DefaultScopes;
        return session.RequiredScopes.TryGetValue(provider.Definition.Id, out var asked)
            ? [.. all.Where(scope => asked.Contains(scope) || provider.RequiredScopes.Contains(scope) || ProtocolScopes.Contains(scope))]
            : all;
    }

    private static string AuthorizationUrl(
        VaultConfiguration vault,
        AppConfiguration app,
        AppProvider provider,
        ProviderEndpoints endpoints,
        IReadOnlyList<string> scopes,
        string state,
        string? verifier,
        string? nonce)
    {
        var parameters = new List<KeyValuePair<string, string>>
        {
            new("response_type", "code"),
            new("client_id", provider.ClientId),
            new("redirect_uri", RedirectUri(vault, app.Id, provider.Definition.Id).AbsoluteUri),
            new("state", state),
        };
        if (scopes.Count > 0)
        {
            parameters.Add(new(provider.Definition.ScopeParameter, string.Join(provider.Definition.ScopeSeparator, scopes)));
        }

        if (verifier is not null)
        {
            // RFC 7636 §4.2: S256 alone; plain would be readable on the way.
            parameters.Add(new("code_challenge", Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))));
            parameters.Add(new("code_challenge_method", "S256"));
        }

        if (nonce is not null)
        {
            parameters.Add(new("nonce", nonce));
        }

        parameters.AddRange(provider.Definition.AuthorizationParameters);
        var query = string.Join('&', parameters.Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}"));

        // RFC 6749 §3.1: the endpoint may have a query of its own, which is kept.
        return endpoints.Authorization.AbsoluteUri + (endpoints.Authorization.Query.Length > 0 ? '&' : '?') + query;
    }
}
