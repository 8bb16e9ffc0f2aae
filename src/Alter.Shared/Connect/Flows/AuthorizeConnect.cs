using Alter.Apps;
using Alter.Policies;
using Alter.Providers;

namespace Alter.Connect;

/// <summary>Where the browser goes, and the cookie that binds the flow to it.</summary>
public sealed record AuthorizationRedirect(string AuthorizationUrl, string Cookie)
{
    /// <summary>URL and cookie are secrets of the flow: they never print.</summary>
    public override string ToString() => "[authorization redirect]";
}

/// <summary>What the Connect page asks for.</summary>
/// <param name="SessionToken">As the page found it in the fragment.</param>
/// <param name="Provider">The provider chosen.</param>
/// <param name="Mode">How the page was opened.</param>
/// <param name="FreshSignIn">The person wants to sign in as somebody else.</param>
/// <param name="PageOrigin">The page's origin, one of the vault's own; null: the public one.</param>
public sealed record ConnectChoice(string? SessionToken, string? Provider, ConnectMode Mode, bool FreshSignIn = false, string? PageOrigin = null)
{
    /// <summary>It holds a session token: it never prints.</summary>
    public override string ToString() => "[connect choice]";
}

/// <summary>
/// Begins a flow once the person on the Connect page has chosen: at the provider, or first at the app's OpenID provider where the session wants to know
/// who is in the browser and this one has not shown it yet.
/// </summary>
public sealed class AuthorizeConnect(
    ConnectSessionStore sessions,
    ConnectTokens tokens,
    ConnectResults results,
    BrowserIdentity identity,
    AuthorizationRequests requests,
    ConfigurationSource configuration)
{
    /// <summary>Begins a flow.</summary>
    /// <returns>The redirect, or <see cref="ConnectSessionExpired"/>, <see cref="ConnectSessionUsed"/>, <see cref="InvalidRequest"/>, <see cref="PolicyViolation"/>, <see cref="ConnectConfig"/>, <see cref="VaultUnavailable"/>.</returns>
    /// <remarks>Three storage operations.</remarks>
    public async Task<Outcome<AuthorizationRedirect>> RunAsync(ConnectChoice choice, ConnectBrowser browser, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(choice);
        ArgumentNullException.ThrowIfNull(browser);
        if (!(await sessions.FindAsync(await tokens.ReadSessionAsync(choice.SessionToken, cancellationToken), cancellationToken)).Succeeded(out var session, out var refusal))
        {
            return refusal;
        }

        if (configuration.Current is not { } vault || vault.Apps.GetValueOrDefault(session.App) is not { } app)
        {
            return new ConnectSessionExpired();
        }

        if (choice.Provider is null || !session.AllowedProviders.Contains(choice.Provider) || !app.Providers.TryGetValue(choice.Provider, out var provider))
        {
            return InvalidRequest.Field("provider", "The session does not allow it.");
        }

        if (session.ClosedAt is not null || (await results.ListAsync(session, app, browser, cancellationToken)).Any(grant => grant.Provider == choice.Provider))
        {
            return new ConnectSessionUsed();
        }

        if (provider.Suspension is { } suspension)
        {
            return PolicyViolation.Of(suspension);
        }

        var boundTo = browser.Hash is null ? FlowCookie.New() : browser.FlowCookie!; // Reused, so that two popups work.
        var start = new FlowStart(vault, app, session, choice.SessionToken!, provider, choice.Mode, FlowCookie.Hash(boundTo)!, choice.PageOrigin ?? vault.PublicOrigin);
        var request = session.Details.Proof is BrowserProof.Identity && !await identity.IsUserOfAsync(session, browser, cancellationToken)
            ? await requests.ToSignInAsync(start, choice.FreshSignIn ? SignInAttempt.Fresh : SignInAttempt.Silent, cancellationToken)
            : await requests.ToProviderAsync(start, cancellationToken);
        return request.Succeeded(out var url, out refusal) ? new AuthorizationRedirect(url, boundTo) : refusal;
    }
}
