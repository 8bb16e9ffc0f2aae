using Alter.Apps;
using Alter.Connect;
using Alter.Grants;
using Alter.Policies;

namespace Alter.Wallet;

/// <summary>Puts a connection right that broke: through the Connect page, as the app itself would.</summary>
public sealed class WalletReconnection(WalletGrants grants, GrantKeys keys, ConnectSessionMinting minting, TimeProvider time)
{
    private static readonly string[] Helped =
    [
        WalletReasons.Expired, WalletReasons.Refused, WalletReasons.Interrupted, WalletReasons.NotRenewable, WalletReasons.PermissionMissing, WalletReasons.Unreadable,
        WalletReasons.Retrying,
    ];

    /// <summary>Mints a Connect session for the grant's own user, app and provider that leads back to the Wallet.</summary>
    /// <returns>The session, or <see cref="GrantNotFound"/>, <see cref="InvalidRequest"/> where nothing is broken or only the app may renew it, <see cref="PolicyViolation"/>, <see cref="WalletSessionExpired"/>.</returns>
    /// <remarks>Two storage operations.</remarks>
    public async Task<Outcome<ConnectSessionCreated>> RunAsync(WalletSession session, string app, string grantId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (!(await grants.FindAsync(session, app, grantId, cancellationToken)).Succeeded(out var found, out var refusal))
        {
            return refusal;
        }

        var (user, grant) = found;
        var now = time.GetUtcNow();
        var provider = user.App.Providers.GetValueOrDefault(grant.Place.Provider);
        if (provider?.Suspension is { } suspension)
        {
            return PolicyViolation.Of(suspension);
        }

        var reason = grant.Status is GrantStatus.Revoked ? null : WalletListing.ReasonOf(grant, provider, await keys.ReadProfileAsync(grant, cancellationToken), now);
        if (provider is null || !CanHelp(reason))
        {
            return InvalidRequest.Field("grant_id", "Connecting it again would change nothing.");
        }

        return WalletLifetime.IsRenewable(grant, user.App, now)
            ? await minting.MintForWalletAsync(user.App, user.Id, session.Label, provider.Definition.Id, WalletLifetime.Renewed(grant, user.App, now), cancellationToken)
            : InvalidRequest.Field("grant_id", "Its furthest end was set by the app, and only the app can connect it again.");
    }

    /// <summary>Whether connecting an account again puts this right.</summary>
    internal static bool CanHelp(string? reason) => Helped.Contains(reason);
}
