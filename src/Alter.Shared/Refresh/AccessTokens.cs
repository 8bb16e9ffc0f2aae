using Alter.Apps;
using Alter.Grants;
using Alter.Tokens;

namespace Alter.Refresh;

/// <summary>A token that may be sent now, and the row it came from.</summary>
public sealed record UsableToken(AccessToken Token, Grant Grant);

/// <summary>Gives the access token of a grant: the stored one while it is fresh, else a refreshed one.</summary>
public sealed class AccessTokens(GrantRefresher refresher, GrantKeys keys, RefreshOptions options, TimeProvider time)
{
    /// <summary>The token of an active grant.</summary>
    /// <returns>
    /// The token, or <see cref="IntegrityFailure"/>, <see cref="KeyUnavailable"/>, <see cref="TokenRefreshInProgress"/>, <see cref="CredentialRevoked"/>,
    /// <see cref="GrantRevoked"/>, and what the token endpoint refused with.
    /// </returns>
    /// <remarks>No storage operation for a fresh token; three on the path of a refresh.</remarks>
    public async Task<Outcome<UsableToken>> GetAsync(Grant grant, AppProvider provider, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        if (!RefreshSchedule.IsFresh(grant.AccessTokenExpiresAt, grant.AccessTokenLifetime, time.GetUtcNow()))
        {
            try
            {
                // The caller may leave; the refresh goes on.
                var refresh = refresher.RefreshAsync(grant, provider);
                var outcome = await refresh.WaitAsync(options.Budget + TimeSpan.FromSeconds(5), time, cancellationToken);
                if (!outcome.Succeeded(out var refreshed, out var refusal))
                {
                    return refusal;
                }

                grant = refreshed;
            }
            catch (TimeoutException)
            {
                return new TokenRefreshInProgress(grant.Id);
            }
        }

        if (!(await keys.AuthenticateAsync(grant, cancellationToken)).Succeeded(out var key, out var unusable))
        {
            return unusable;
        }

        return grant.Secrets.TryOpenAccessToken(key, grant.Place, grant.Generation, out var token)
            ? new UsableToken(token, grant)
            : keys.Failed(grant, "access token");
    }
}
