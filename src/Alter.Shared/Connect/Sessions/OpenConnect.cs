using Alter.Apps;
using Alter.Grants;
using Alter.Policies;

namespace Alter.Connect;

/// <summary>What the Connect page needs to show a session.</summary>
public sealed class OpenConnect(ConnectSessionStore sessions, ConnectTokens tokens, ConnectResults results, BrowserIdentity identity, ConfigurationSource configuration)
{
    /// <summary>Opens a session for display; changes nothing.</summary>
    /// <param name="sessionToken">As the page found it in the fragment.</param>
    /// <param name="referrerOrigin">The origin of the page that led here, where the browser tells it.</param>
    /// <param name="browser">Who asks.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>The view, or <see cref="ConnectSessionExpired"/>, <see cref="ConnectSessionUsed"/>, <see cref="InvalidRequest"/>; <see cref="PolicyViolation"/> where all that it is for is suspended.</returns>
    /// <remarks>Two storage operations.</remarks>
    public async Task<Outcome<ConnectView>> RunAsync(string? sessionToken, string? referrerOrigin, ConnectBrowser browser, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(browser);
        if (!(await sessions.FindAsync(await tokens.ReadSessionAsync(sessionToken, cancellationToken), cancellationToken)).Succeeded(out var session, out var refusal))
        {
            return refusal;
        }

        if (configuration.Current is not { } vault || vault.Apps.GetValueOrDefault(session.App) is not { } app)
        {
            return new ConnectSessionExpired();
        }

        // The result is shown to the browser that brought it, and to no other that holds the link.
        var back = session.LastReturn is { } last && browser.Is(last.CookieHash) ? last : null;
        if (back is null && session.Details.Proof is BrowserProof.Confirm && !string.IsNullOrEmpty(referrerOrigin) && !LeadsHere(session, referrerOrigin))
        {
            return new InvalidRequest("Connect was opened from a page that is not the app's. Start again in the app.");
        }

        var grants = await results.ListAsync(session, app, browser, cancellationToken);
        var isComplete = ConnectResults.IsComplete(session, app, grants);

        // Who is given a code has brought something, whether or not that could be noted.
        var hasConnected = back is { HasConnected: true } || grants.Any(grant => grant.Metadata?.CompletionCode is not null);
        var own = hasConnected ? grants : [];
        if (isComplete && !hasConnected)
        {
            return new ConnectSessionUsed();
        }

        var providers = session.AllowedProviders.Where(app.Providers.ContainsKey).Select(id => app.Providers[id]).ToList();
        if (!hasConnected && providers.Count > 0 && providers.TrueForAll(provider => provider.Suspension is not null))
        {
            return PolicyViolation.Of(providers[0].Suspension!.Value);
        }

        // What is suspended is not offered; what this session connected before is still shown.
        var offered = providers.Where(provider => provider.Suspension is null || own.Any(grant => grant.Provider == provider.Definition.Id));
        return new ConnectView(
            isComplete ? "complete" : back?.Error is not null ? "error" : "open",
            new ConnectView.AppView(app.Name, app.WebsiteUrl?.AbsoluteUri),
            session.Details.UserLabel,
            session.Details.Proof.ToWire(),
            session.Details.Proof is BrowserProof.Identity && await identity.IsUserOfAsync(session, browser, cancellationToken),
            back is { SignInAgain: true } ? back.Provider : null,
            View(app),
            [.. offered.Select(provider => View(vault, session, provider, grants.Any(grant => grant.Provider == provider.Definition.Id)))],
            session.AllowedOrigin,
            back?.Mode,
            ConnectResults.ReturnTo(session, back, own),
            own,
            back?.Error,
            back?.ErrorDescription,
            back?.Error,
            back?.Error is null ? null : back.Provider,
            session.ExpiresAt);
    }

    private static ConnectView.BrandingView? View(AppConfiguration app) => app.Branding is { Logo: null, Accent: null }
        ? null
        : new(
            app.Branding.Logo is null ? null : AssetPaths.AppLogo(app.Id),
            app.Branding.Accent is { } accent ? AccentShades.On(ColorScheme.Light, accent) : null,
            app.Branding.Accent is { } same ? AccentShades.On(ColorScheme.Dark, same) : null);

    private static ConnectView.ProviderView View(VaultConfiguration vault, ConnectSession session, AppProvider provider, bool connected)
    {
        var (definition, scopes) = (provider.Definition, AuthorizationRequests.ScopesFor(session, provider));
        return new(
            definition.Id,
            definition.Name,
            AssetPaths.ProviderLogo(session.App, definition.Id),
            scopes,
            scopes.Where(definition.ScopeDescriptions.ContainsKey).ToDictionary(scope => scope, scope => definition.ScopeDescriptions[scope]),
            vault.RedirectUri(session.App, definition.Id).AbsoluteUri,
            connected);
    }

    // Contract, confirm: a present Referer of another origin refuses. Without one nothing is known, and the page itself asks the person.
    private bool LeadsHere(ConnectSession session, string origin) =>
        origin == session.AllowedOrigin
        || configuration.Current!.IsOwnOrigin(origin)
        || (session.ReturnUrl is not null && origin == new Uri(session.ReturnUrl).GetLeftPart(UriPartial.Authority));
}
