using Alter.Audit;
using Alter.Grants;

namespace Alter.Wallet;

/// <summary>What of an app's activity a person wants to see.</summary>
/// <param name="App">The app's id.</param>
/// <param name="Filter">Which entries.</param>
/// <param name="After">Where the last page ended; null: from the newest on.</param>
/// <param name="Limit">1 to <see cref="MaxLimit"/>.</param>
public sealed record WalletActivityQuery(string App, ActivityFilter Filter, string? After, int Limit)
{
    /// <summary>The longest page.</summary>
    public const int MaxLimit = 100;

    /// <summary>The longest export.</summary>
    public const int MaxExport = 10_000;
}

/// <summary>Who called what with a person's accounts, when, why, and how it ended: their own entries and nobody else's.</summary>
public sealed class WalletActivity(WalletUsers users, GrantStore store, Activity activity)
{
    private const int ExportPage = 1000;

    /// <summary>One page, the newest first.</summary>
    /// <returns>The page, or <see cref="InvalidRequest"/> for an app that does not know the person or a cursor of other filters, <see cref="WalletSessionExpired"/>.</returns>
    /// <remarks>One storage operation, and one for each month looked at.</remarks>
    public async Task<Outcome<ActivityPage>> ListAsync(WalletSession session, WalletActivityQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return (await FindAsync(session, query.App, cancellationToken)).Succeeded(out var user, out var refusal)
            ? await activity.ReadAsync(user.App.Id, user.Owner, query.Filter, query.After, query.Limit, cancellationToken)
            : refusal;
    }

    /// <summary>All that a filter finds, the newest first, at most <see cref="WalletActivityQuery.MaxExport"/> entries.</summary>
    /// <returns>As <see cref="ListAsync"/>.</returns>
    /// <remarks>One storage operation, and one for every 1,000 entries and each month looked at.</remarks>
    public async Task<Outcome<IReadOnlyList<AuditEntry>>> ExportAsync(WalletSession session, string app, ActivityFilter filter, CancellationToken cancellationToken)
    {
        if (!(await FindAsync(session, app, cancellationToken)).Succeeded(out var user, out var refusal))
        {
            return refusal;
        }

        var entries = new List<AuditEntry>();
        string? after = null;
        do
        {
            var limit = Math.Min(ExportPage, WalletActivityQuery.MaxExport - entries.Count);
            if (!(await activity.ReadAsync(user.App.Id, user.Owner, filter, after, limit, cancellationToken)).Succeeded(out var page, out refusal))
            {
                return refusal;
            }

            entries.AddRange(page.Entries);
            after = page.Next;
        }
        while (after is not null && entries.Count < WalletActivityQuery.MaxExport);
        return entries;
    }

    private async Task<Outcome<WalletUser>> FindAsync(WalletSession session, string app, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        if ((await users.OfAsync(session, cancellationToken)).FirstOrDefault(user => user.App.Id == app) is not { } found)
        {
            return InvalidRequest.Field("app", "None of the apps that know you is called that.");
        }

        return (await store.ListAllAsync(found.Owner, cancellationToken)).User.IsErased(session.SignedInAt) ? new WalletSessionExpired() : found;
    }
}
