using Alter.Apps;
using Alter.Grants;
using Alter.Keys;

namespace Alter.Refresh;

/// <summary>Tries a grant again because an operator asked: one whose refresh was put off, or one whose refresh token its provider refused in the last week.</summary>
/// <remarks>
/// A refused grant is opened again and refreshed in the ordinary way. Dies in between: the next call refreshes it, and what the provider refuses again ends
/// again. The request itself proves nothing: only a row the vault authenticated is opened, and never one that was revoked or has expired.
/// </remarks>
public sealed class GrantRetry(GrantStore store, GrantKeys keys, RefreshIndex index, GrantRefresher refresher, TimeProvider time)
{
    /// <summary>Tries once; what is well, revoked or expired stays as it is.</summary>
    public async Task RunAsync(Grant grant, AppProvider provider, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        var row = grant.Status switch
        {
            GrantStatus.Active when grant.RefusalAt(time.GetUtcNow()) is null && (grant.Fails > 0 || grant.NextAttemptAt is not null) =>
                await store.TryReplaceAsync(grant with { NextAttemptAt = null }, cancellationToken),
            GrantStatus.CredentialRevoked => await ReopenAsync(grant, cancellationToken),
            _ => null,
        };
        if (row is not null)
        {
            await refresher.RefreshAsync(row, provider).WaitAsync(cancellationToken);
        }
    }

    private async Task<Grant?> ReopenAsync(Grant grant, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (grant.Secrets.RefreshToken is null
            || grant.ExpiresAt <= now
            || !(await keys.AuthenticateAsync(grant, cancellationToken)).Succeeded(out var key, out _))
        {
            return null;
        }

        var reopened = grant.Reopened(now).Authenticated(key);
        await index.AddAsync(reopened, reopened.DueAt);
        if (await store.TryReplaceAsync(reopened, cancellationToken) is not { } stored)
        {
            return null; // Connect or a revocation came between.
        }

        await index.MoveAsync(grant, stored.DueAt);
        return stored;
    }
}
