using Alter.Apps;
using Alter.Grants;
using Alter.Providers;

namespace Alter.Forwarding;

/// <summary>The grant a call would use, with the app's provider.</summary>
internal sealed record CalledGrant(Grant Grant, AppProvider Provider);

/// <summary>Finds the grant a call means and checks what of it is no policy's business.</summary>
public sealed class CalledGrants(GrantResolution resolution, ConfigurationSource configuration)
{
    /// <summary>The app's provider that a call names; null where it names a grant.</summary>
    internal static Outcome<NamedProvider> ProviderOf(IncomingCall call) =>
        call.ProviderId is null ? new NamedProvider(null)
        : call.App.Providers.TryGetValue(call.ProviderId, out var provider) ? new NamedProvider(provider)
        : InvalidRequest.Field(ControlHeaders.Provider, $"The app has {string.Join(", ", call.App.Providers.Keys.Order(StringComparer.Ordinal))}.");

    /// <summary>The grant, whatever its status, of a provider that has the URL's host.</summary>
    /// <remarks>One storage operation.</remarks>
    internal async ValueTask<Outcome<CalledGrant>> FindAsync(IncomingCall call, CancellationToken cancellationToken)
    {
        var found = call.ProviderId is not null && call.Owner is not null ? await resolution.ResolveAsync(call.Owner, call.ProviderId, call.AccountText, cancellationToken)
            : call.Owner is not null ? await resolution.ResolveByIdAsync(call.Owner, call.GrantIdText!, cancellationToken)
            : await resolution.ResolveByIdAsync(call.App.Id, call.GrantIdText!, cancellationToken);
        if (!found.Succeeded(out var grant, out var refusal))
        {
            return refusal;
        }

        call.Found = grant;
        if (configuration.Current is null || !call.App.Providers.TryGetValue(grant.Place.Provider, out var provider))
        {
            return new ConnectConfig("The app's document no longer has this grant's provider.", grant.Place.Provider);
        }

        var definition = provider.Definition;
        return (call.Target.Uri.Scheme == Uri.UriSchemeHttps || definition.AllowInsecureLocal) && call.Target.IsAllowedBy(definition.ApiHosts)
            ? new CalledGrant(grant, provider)
            : call.Target.NotAllowed(definition.ApiHosts);
    }

    /// <summary>Why a scope keeps the grant from being used; null: none does.</summary>
    internal static ScopeReauthRequired? ScopeRefusal(CalledGrant called) =>
        called.Grant.MissingScopes(called.Provider.RequiredScopes) is { Count: > 0 } missing ? new ScopeReauthRequired(missing, called.Grant.Id, called.Grant.Place.Provider) : null;
}

/// <summary>What a call names as its provider; null inside: nothing, a grant is named.</summary>
internal sealed record NamedProvider(AppProvider? Provider);
