using Alter.Grants;

namespace Alter.Wallet;

/// <summary>A grant the person of a session may decide about.</summary>
/// <param name="User">Whose it is, and in which app.</param>
/// <param name="Grant">As read.</param>
public sealed record WalletGrant(WalletUser User, Grant Grant);

/// <summary>Finds the grant a person decides about, among their own and nobody else's.</summary>
public sealed class WalletGrants(WalletUsers users, GrantStore store)
{
    /// <summary>The grant of an app by id.</summary>
    /// <returns>The grant, <see cref="GrantNotFound"/> for one that is foreign, unknown or malformed, or <see cref="WalletSessionExpired"/> where the user was erased since the sign-in.</returns>
    /// <remarks>One storage operation.</remarks>
    public async Task<Outcome<WalletGrant>> FindAsync(WalletSession session, string app, string grantId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var id = Guid.TryParseExact(grantId, "D", out var parsed) ? parsed : Guid.Empty;
        foreach (var user in (await users.OfAsync(session, cancellationToken)).Where(user => user.App.Id == app))
        {
            var rows = await store.ListAllAsync(user.Owner, cancellationToken);
            if (rows.User.IsErased(session.SignedInAt))
            {
                return new WalletSessionExpired();
            }

            if (rows.Grants.FirstOrDefault(grant => grant.Id == id && !grant.IsErased) is { } found)
            {
                return new WalletGrant(user, found);
            }
        }

        return new GrantNotFound();
    }
}
