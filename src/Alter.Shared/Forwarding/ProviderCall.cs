using Alter.Apps;
using Alter.Grants;
using Alter.Policies;
using Alter.Providers;
using Alter.Refresh;

namespace Alter.Forwarding;

/// <summary>A call that may be sent: where to, and with which token.</summary>
/// <param name="Target">The URL, its host allowed.</param>
/// <param name="Provider">The app's provider.</param>
/// <param name="Token">The token and the grant it is of.</param>
/// <param name="MissingScopes">What the app asks for and the grant lacks.</param>
/// <param name="KeepsLocation">A redirect keeps its <c>Location</c>.</param>
public sealed record PreparedCall(TargetUrl Target, AppProvider Provider, UsableToken Token, IReadOnlyList<string> MissingScopes, bool KeepsLocation);

/// <summary>Decides whether a call may be sent, in the contract's order: provider, grant, allowed host, status, scopes, policy, token.</summary>
public sealed class ProviderCall(GrantResolution resolution, AccessTokens tokens, ConfigurationSource configuration, TimeProvider time)
{
    /// <summary>Checks the raw URL and, where it is named, the provider: everything that needs neither user nor storage.</summary>
    /// <returns>The parsed URL, or <see cref="UrlNotAllowed"/>, <see cref="InvalidRequest"/>, <see cref="RequestTooLarge"/>.</returns>
    public static Outcome<TargetUrl> ReadTarget(AppConfiguration app, ControlHeaders headers)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(headers);
        // Only a definition marked for it, which the document allows in Development alone, opens http on loopback.
        var mayBeLocal = app.Providers.Values.Any(provider => provider.Definition.AllowInsecureLocal);
        return TargetUrl.Parse(headers.TargetText, mayBeLocal);
    }

    /// <summary>Finds grant and token.</summary>
    /// <param name="app">The calling app.</param>
    /// <param name="owner">Whose grants; null: any user's of the app, by id alone.</param>
    /// <param name="headers">The control headers.</param>
    /// <param name="target">The parsed URL.</param>
    /// <param name="cancellationToken">The caller's; it does not cancel a refresh under way.</param>
    /// <remarks>One storage operation before the provider is called; three more where the token has to be refreshed.</remarks>
    public async Task<Outcome<PreparedCall>> PrepareAsync(
        AppConfiguration app, GrantOwner? owner, ControlHeaders headers, TargetUrl target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(headers);
        ArgumentNullException.ThrowIfNull(target);
        if (headers.ProviderId is not null && !app.Providers.ContainsKey(headers.ProviderId))
        {
            return InvalidRequest.Field(ControlHeaders.Provider, $"The app has {string.Join(", ", app.Providers.Keys.Order(StringComparer.Ordinal))}.");
        }

        var found = headers.ProviderId is not null && owner is not null ? await resolution.ResolveAsync(owner, headers.ProviderId, headers.AccountText, cancellationToken)
            : owner is not null ? await resolution.ResolveByIdAsync(owner, headers.GrantIdText!, cancellationToken)
            : await resolution.ResolveByIdAsync(app.Id, headers.GrantIdText!, cancellationToken);
        if (!found.Succeeded(out var grant, out var refusal))
        {
            return refusal;
        }

        if (configuration.Current is null || !app.Providers.TryGetValue(grant.Place.Provider, out var provider))
        {
            return new ConnectConfig("The app's document no longer has this grant's provider.", grant.Place.Provider);
        }

        var definition = provider.Definition;
        if ((target.Uri.Scheme != Uri.UriSchemeHttps && !definition.AllowInsecureLocal) || !target.IsAllowedBy(definition.ApiHosts))
        {
            return target.NotAllowed(definition.ApiHosts);
        }

        if (grant.RefusalAt(time.GetUtcNow()) is { } ended)
        {
            return ended;
        }

        if (grant.MissingScopes(provider.RequiredScopes) is { Count: > 0 } missing)
        {
            return new ScopeReauthRequired(missing, grant.Id, grant.Place.Provider);
        }

        if (provider.Suspension is { } suspension)
        {
            return PolicyViolation.Of(suspension);
        }

        return (await tokens.GetAsync(grant, provider, cancellationToken)).Succeeded(out var token, out refusal)
            ? new PreparedCall(target, provider, token, token.Grant.MissingScopes(provider.Scopes), headers.KeepsLocation)
            : refusal;
    }
}
