using Alter.Apps;
using Alter.Connect;
using Alter.Grants;

namespace Alter.Wallet;

/// <summary>How long what is connected again in the Wallet may live: never longer than whoever minted it first, or the document, allowed.</summary>
internal static class WalletLifetime
{
    /// <summary>
    /// Whether the person may renew it without the app. Past a furthest end only where the document alone had set it: what the app's backend limited for this
    /// one connection, only the app's backend renews.
    /// </summary>
    internal static bool IsRenewable(Grant grant, AppConfiguration app, DateTimeOffset now) =>
        grant.MaxExpiresAt is not { } furthest
        || furthest > now
        || (app.GrantLifetime.Max is { } max && furthest - grant.CreatedAt >= max);

    /// <summary>The life of the renewed connection.</summary>
    internal static GrantEnd Renewed(Grant grant, AppConfiguration app, DateTimeOffset now)
    {
        var furthest = Earliest(grant.MaxExpiresAt > now ? grant.MaxExpiresAt : null, now + app.GrantLifetime.Max);
        return new GrantEnd(Earliest(grant.ExpiresAt > now ? grant.ExpiresAt : now + app.GrantLifetime.Default, furthest), furthest);
    }

    private static DateTimeOffset? Earliest(DateTimeOffset? one, DateTimeOffset? other) => one is null ? other : other is null || one < other ? one : other;
}
