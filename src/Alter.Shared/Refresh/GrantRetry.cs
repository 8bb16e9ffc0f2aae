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
    private static readonly TimeSpan BetweenRetries = TimeSpan.FromMinutes(1);

    /// <summary>Tries once, and no more than once a minute; what is well, revoked or expired stays as it is.</summary>
    public async Task RunAsync(Grant grant, AppProvider provider, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        for (var row = grant; row is not null && IsToBeTried(row); row = await store.ReadAsync(grant.Key, grant.Id, cancellationToken))
        {
            if (await AskedAsync(row, cancellationToken) is not { } asked)
            {
                return; // The vault did not write it so.
            }

            if (await store.TryReplaceAsync(asked, cancellationToken) is { } opened)
            {
                await index.MoveAsync(row, opened.DueAt);
                await refresher.RefreshAsync(opened, provider).WaitAsync(cancellationToken);
                return;
            }

            // Somebody wrote it meanwhile: Connect, a revocation, a refresh. Whether it is still to be tried, the newer row says.
        }
    }

    private bool IsToBeTried(Grant row)
    {
        var now = time.GetUtcNow();
        return !(row.RetriedAt > now - BetweenRetries) && row.Status switch
        {
            GrantStatus.Active => row.RefusalAt(now) is null && (row.Fails > 0 || row.NextAttemptAt is not null),
            GrantStatus.CredentialRevoked => row.Secrets.RefreshToken is not null && !(row.ExpiresAt <= now),
            _ => false,
        };
    }

    // The row as the retry leaves it to the refresh.
    private async Task<Grant?> AskedAsync(Grant row, CancellationToken cancellationToken)
    {
        var asked = row with { RetriedAt = time.GetUtcNow() };
        if (row.Status is GrantStatus.Active)
        {
            return asked with { NextAttemptAt = null };
        }

        if (!(await keys.AuthenticateAsync(row, cancellationToken)).Succeeded(out var key, out _))
        {
            return null;
        }

        var reopened = asked.Reopened(time.GetUtcNow()).Authenticated(key);
        await index.AddAsync(reopened, reopened.DueAt);
        return reopened;
    }
}
