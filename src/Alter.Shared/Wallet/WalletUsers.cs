using Alter.Apps;
using Alter.Grants;
using Alter.Identity;

namespace Alter.Wallet;

/// <summary>A user of an app, as a Wallet session names them.</summary>
/// <param name="App">The app.</param>
/// <param name="Id">The user.</param>
/// <param name="Owner">The same as the tables know it.</param>
public sealed record WalletUser(AppConfiguration App, UserId Id, GrantOwner Owner);

/// <summary>Which apps know the person of a Wallet session, and as whom.</summary>
public sealed class WalletUsers(GrantOwners owners, ConfigurationSource configuration)
{
    /// <summary>
    /// The apps with an identity provider of the session's issuer whose own mapping named a user at the sign-in and still maps the same claim. By the
    /// document in force: an app that was taken out is not shown.
    /// </summary>
    /// <remarks>No storage operation after a process's first.</remarks>
    public async Task<IReadOnlyList<WalletUser>> OfAsync(WalletSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var users = new List<WalletUser>();
        foreach (var app in configuration.Current?.Apps.Values.OrderBy(app => app.Name, StringComparer.Ordinal) ?? Enumerable.Empty<AppConfiguration>())
        {
            var ids = from issuer in ConcreteIssuer.Of(app)
                      where issuer.Issuer == session.Issuer
                      let mapped = session.Users.GetValueOrDefault(issuer.Provider.Id)
                      where mapped is not null && mapped.Claim == issuer.Provider.UserIdClaim
                      select new UserId(app.Id, issuer.Issuer, mapped.Claim, mapped.Value);
            foreach (var id in ids.Distinct())
            {
                users.Add(new WalletUser(app, id, await owners.OfAsync(id, cancellationToken)));
            }
        }

        return users;
    }
}
