using Alter.Apps;
using Alter.Grants;
using Alter.Tokens;

namespace Alter.Wallet;

/// <summary>Lists what a person has connected, in every app that knows them.</summary>
public sealed class WalletListing(WalletUsers users, GrantStore store, GrantKeys keys, TimeProvider time)
{
    private const int MaxParallel = 8;

    /// <summary>Every connection that was not revoked, by app and provider.</summary>
    /// <returns>The connections, or <see cref="WalletSessionExpired"/> where the user of one of the apps was erased since the sign-in.</returns>
    /// <remarks>One storage operation per app that knows the person, eight at a time.</remarks>
    public async Task<Outcome<WalletContents>> ListAsync(WalletSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var known = await users.OfAsync(session, cancellationToken);
        var found = new UserGrants[known.Count];
        await Parallel.ForAsync(
            0,
            known.Count,
            new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = cancellationToken },
            async (at, token) => found[at] = await store.ListAllAsync(known[at].Owner, token));
        if (found.Any(rows => rows.User.IsErased(session.SignedInAt)))
        {
            return new WalletSessionExpired();
        }

        var now = time.GetUtcNow();
        var connections = new List<WalletConnection>();
        foreach (var (user, rows) in known.Zip(found))
        {
            foreach (var grant in rows.Grants.Where(grant => !grant.IsErased && grant.Status is not GrantStatus.Revoked))
            {
                var profile = await keys.ReadProfileAsync(grant, cancellationToken);
                connections.Add(View(user.App, grant, profile, rows.LastUsed.TryGetValue(grant.Id, out var at) ? at : null, now));
            }
        }

        return new WalletContents([.. known.Select(user => user.App).Distinct().Select(View)], connections);
    }

    private static WalletContents.KnownApp View(AppConfiguration app) => new(
        app.Id,
        app.Name,
        [.. app.Providers.Values.OrderBy(provider => provider.Definition.Name, StringComparer.Ordinal).Select(provider => new WalletContents.KnownProvider(provider.Definition.Id, provider.Definition.Name))]);

    private static WalletConnection View(AppConfiguration app, Grant grant, AccountProfile? profile, DateTimeOffset? lastUsedAt, DateTimeOffset now)
    {
        var provider = app.Providers.GetValueOrDefault(grant.Place.Provider);
        var reason = ReasonOf(grant, provider, profile, now);
        var status = grant.StatusAt(now);
        return new WalletConnection
        {
            GrantId = grant.Id,
            App = new(app.Id, app.Name, app.WebsiteUrl?.AbsoluteUri, app.Branding.Logo is null ? null : AssetPaths.AppLogo(app.Id)),
            Provider = new(
                grant.Place.Provider,
                provider?.Definition.Name ?? grant.Place.Provider,
                provider is null ? null : AssetPaths.ProviderLogo(app.Id, provider.Definition.Id)),
            AccountIdentifier = profile is { Identifier.Length: > 0 } ? profile.Identifier : grant.Id.ToString("D"),
            AccountDisplayName = profile?.DisplayName,
            Scopes = grant.Scopes,
            ScopeDescriptions = provider is null
                ? new Dictionary<string, string>()
                : grant.Scopes.Distinct().Where(provider.Definition.ScopeDescriptions.ContainsKey).ToDictionary(scope => scope, scope => provider.Definition.ScopeDescriptions[scope]),
            Status = status.ToWire(),
            Reason = reason,
            CreatedAt = grant.CreatedAt,
            LastUsedAt = lastUsedAt,
            ExpiresAt = grant.ExpiresAt,
            MaxExpiresAt = grant.MaxExpiresAt,
            CanReconnect = WalletReconnection.CanHelp(reason) && provider is not null && WalletLifetime.IsRenewable(grant, app, now),
            CanExtend = status is GrantStatus.Active && reason is not WalletReasons.Unreadable && GrantExtension.IsExtendable(grant, now),
        };
    }

    /// <summary>What is wrong with a connection, the worst first; null: nothing.</summary>
    internal static string? ReasonOf(Grant grant, AppProvider? provider, AccountProfile? profile, DateTimeOffset now)
    {
        if (provider is null)
        {
            return WalletReasons.Orphaned;
        }

        if (provider.Suspension is not null)
        {
            return WalletReasons.Suspended;
        }

        return grant.StatusAt(now) switch
        {
            GrantStatus.Expired => WalletReasons.Expired,
            GrantStatus.CredentialRevoked => grant.Cause switch
            {
                CredentialCauses.RefreshInterrupted or CredentialCauses.RestoredFromBackup => WalletReasons.Interrupted,
                CredentialCauses.NoRefreshToken => WalletReasons.NotRenewable,
                _ => WalletReasons.Refused,
            },
            _ when profile is null => WalletReasons.Unreadable,
            _ when grant.MissingScopes(provider.RequiredScopes).Count > 0 => WalletReasons.PermissionMissing,
            _ when GrantHealth.Of(grant, now, isOrphan: false).State is GrantHealthState.Retrying or GrantHealthState.Interrupted => WalletReasons.Retrying,
            _ => null,
        };
    }
}
