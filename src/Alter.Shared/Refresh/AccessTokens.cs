using Alter.Apps;
using Alter.Grants;
using Alter.Keys;
using Alter.Storage;
using Alter.Tokens;

namespace Alter.Refresh;

/// <summary>A token that may be sent now, and the row it came from.</summary>
public sealed record UsableToken(AccessToken Token, Grant Grant);

/// <summary>Gives the access token of a grant: the stored one while it is fresh, else a refreshed one.</summary>
public sealed class AccessTokens(GrantRefresher refresher, GrantStore store, GrantKeys keys, RefreshOptions options, TimeProvider time)
{
    /// <summary>The token of an active grant.</summary>
    /// <returns>
    /// The token, or <see cref="IntegrityFailure"/>, <see cref="KeyUnavailable"/>, <see cref="TokenRefreshInProgress"/>, <see cref="CredentialRevoked"/>,
    /// <see cref="GrantRevoked"/>, and what the token endpoint refused with.
    /// </returns>
    /// <remarks>No storage operation for a fresh token, one where another call changed the grant meanwhile; three on the path of a refresh.</remarks>
    public async ValueTask<Outcome<UsableToken>> GetAsync(Grant grant, AppProvider provider, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        if (store.Seen.IsPast(grant))
        {
            if (!(await ReadAgainAsync(grant, cancellationToken)).Succeeded(out var latest, out var ended))
            {
                return ended;
            }

            grant = latest;
        }

        // One put back from a backup is renewed first: whether the provider still takes its refresh token is to come out now, not an hour into using it.
        if (grant.RestoredFrom is not null || !RefreshSchedule.IsFresh(grant.AccessTokenExpiresAt, grant.AccessTokenLifetime, time.GetUtcNow()))
        {
            if (!(await RefreshAsync(grant, provider, forced: false, cancellationToken)).Succeeded(out var refreshed, out var refusal))
            {
                return refusal;
            }

            grant = refreshed;
        }

        return await OpenAsync(grant, cancellationToken);
    }

    /// <summary>Another token than one that a provider refused although it seems good.</summary>
    /// <returns>The token; <see cref="CredentialRevoked"/> or <see cref="GrantRevoked"/> where the grant turns out to have ended; null where nothing is to be had now.</returns>
    /// <remarks>One storage operation where a newer token is stored already; at most one redemption per grant in five minutes.</remarks>
    public async Task<Outcome<UsableToken>?> GetAnotherAsync(UsableToken refused, AppProvider provider, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(refused);
        if (refused.Grant.Secrets.RefreshToken is null)
        {
            return null;
        }

        try
        {
            if (!(await RefreshAsync(refused.Grant, provider, forced: true, cancellationToken)).Succeeded(out var grant, out var refusal))
            {
                return refusal is CredentialRevoked or GrantRevoked ? new Outcome<UsableToken>?(refusal) : null;
            }

            return grant.Generation > refused.Grant.Generation && (await OpenAsync(grant, cancellationToken)).Succeeded(out var another, out _)
                ? new Outcome<UsableToken>?(another)
                : null;
        }
        catch (Exception e) when ((e is KeySourceException || StorageFault.Is(e)) && !cancellationToken.IsCancellationRequested)
        {
            return null; // The provider has answered: its refusal is worth more to the caller than the vault's own trouble.
        }
    }

    // Most likely another call has refreshed or revoked it since this one read it: the row as it is now decides. One that is still past was put back.
    private async Task<Outcome<Grant>> ReadAgainAsync(Grant past, CancellationToken cancellationToken) =>
        await store.ReadAsync(past.Key, past.Id, cancellationToken) is not { } now ? new GrantNotFound(past.Place.Provider)
        : now.RefusalAt(time.GetUtcNow()) is { } ended ? ended
        : store.Seen.IsPast(now) ? keys.Failed(now, "generation")
        : now;

    // The caller may leave; the refresh goes on.
    private async Task<Outcome<Grant>> RefreshAsync(Grant grant, AppProvider provider, bool forced, CancellationToken cancellationToken)
    {
        try
        {
            return await refresher.RefreshAsync(grant, provider, forced).WaitAsync(options.Budget + TimeSpan.FromSeconds(5), time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return new TokenRefreshInProgress(grant.Id);
        }
    }

    private async ValueTask<Outcome<UsableToken>> OpenAsync(Grant grant, CancellationToken cancellationToken)
    {
        if (!(await keys.AuthenticateAsync(grant, cancellationToken)).Succeeded(out var key, out var unusable))
        {
            return unusable;
        }

        store.Seen.Note(grant);
        return grant.Secrets.TryOpenAccessToken(key, grant.Place, grant.Generation, out var token)
            ? new UsableToken(token, grant)
            : keys.Failed(grant, "access token");
    }
}
