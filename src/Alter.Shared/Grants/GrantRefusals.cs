namespace Alter.Grants;

/// <summary>The user has no such grant; a foreign, missing and malformed id answer alike.</summary>
public sealed record GrantNotFound(string? Provider = null)
    : Refusal("The user has no such grant. Open Connect so that the user can connect the account.");

/// <summary>Several active grants match.</summary>
/// <param name="AccountIdentifiers">What people know the accounts by.</param>
/// <param name="Grants">Each account with its grant id: tells apart accounts that are shown alike.</param>
public sealed record AmbiguousGrant(IReadOnlyList<string> AccountIdentifiers, IReadOnlyList<AmbiguousGrant.Choice> Grants)
    : Refusal("Several accounts of this provider are connected. Let the user choose and repeat the call with X-Alter-Account or X-Alter-Grant-Id.")
{
    /// <summary>One of the accounts.</summary>
    public sealed record Choice(Guid GrantId, string AccountIdentifier, string? AccountDisplayName);
}

/// <summary>The grant's lifetime has passed.</summary>
public sealed record GrantExpired(Guid GrantId, string Provider, string? Cause = null)
    : Refusal("The grant's lifetime has passed. Open Connect to renew it.");

/// <summary>The grant was revoked through the vault.</summary>
public sealed record GrantRevoked(Guid GrantId, string Provider, string? Cause = null)
    : Refusal("The grant was revoked. Open Connect to connect the account again.");

/// <summary>The provider no longer honours the grant.</summary>
public sealed record CredentialRevoked(Guid GrantId, string Provider, string? Cause = null)
    : Refusal(Cause switch
    {
        CredentialCauses.RefreshInterrupted =>
            "The connection was lost in a fault: a renewal was cut off after the provider had replaced the refresh token. Nobody took it back. Open Connect to connect the account again.",
        CredentialCauses.RestoredFromBackup =>
            "The connection was lost in a fault: the vault was restored from a backup, and the provider had replaced the refresh token since. Nobody took it back. Open Connect to connect the account again.",
        CredentialCauses.NoRefreshToken => "The access token is over and the provider gave no refresh token to renew it with. Open Connect to connect the account again.",
        _ => "The provider no longer honours this grant. Open Connect to connect the account again.",
    });

/// <summary>The key version that sealed the grant is not to be had.</summary>
public sealed record KeyUnavailable(Guid GrantId, string Provider, string? Cause = null)
    : Refusal("The key that sealed this grant is no longer available. Open Connect to connect the account again, or restore the key.");

/// <summary>The stored row is not as the vault wrote it.</summary>
public sealed record IntegrityFailure()
    : Refusal("A stored record failed its integrity check; nothing was released. The operator finds the cause in the log.");

/// <summary>The grant lacks a scope the app requires.</summary>
public sealed record ScopeReauthRequired(IReadOnlyList<string> MissingScopes, Guid GrantId, string Provider)
    : Refusal("The grant lacks scopes the app requires. Open Connect so that the user can allow them.");
