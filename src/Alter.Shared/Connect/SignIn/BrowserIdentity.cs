using System.Security.Cryptography;
using System.Text;
using Alter.Grants;

namespace Alter.Connect;

/// <summary>Whether a browser is signed in as the user of a session.</summary>
public sealed class BrowserIdentity(UserCookies cookies, GrantOwners owners)
{
    /// <summary>True where the browser's sealed cookie names the session's own user, by issuer and user-id claim. No storage operation.</summary>
    public async Task<bool> IsUserOfAsync(ConnectSession session, ConnectBrowser browser, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(browser);
        return session.Details.SignInAt is { } place
            && await cookies.OpenAsync(place.IdentityProvider, browser.UserCookie?.Invoke(UserCookies.NameOf(place.IdentityProvider)), cancellationToken) is { } user
            && user.Issuer == place.Issuer
            && await IsAsync(session, new UserId(session.App, user.Issuer, user.Claim, user.Value), cancellationToken);
    }

    /// <summary>Whether a user is the session's.</summary>
    public async Task<bool> IsAsync(ConnectSession session, UserId user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var owner = await owners.OfAsync(user, cancellationToken);
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(owner.Hash), Encoding.ASCII.GetBytes(session.UserHash));
    }
}
