namespace Alter.Grants;

/// <summary>Moves the end of a grant's life, never past the furthest one it was given.</summary>
public sealed class GrantExtension(GrantStore store, GrantKeys keys, DueIndex due, TimeProvider time)
{
    private const int MaxConflicts = 8; // A refresh writes twice; more in a row are not met.

    /// <summary>Whether its life has an end that may be moved.</summary>
    public static bool IsExtendable(Grant grant, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(grant);
        return grant.StatusAt(now) is GrantStatus.Active && grant.ExpiresAt is { } end && !(grant.MaxExpiresAt <= end);
    }

    /// <summary>Gives a grant a later end.</summary>
    /// <param name="grant">As read.</param>
    /// <param name="until">Later than its end, at most <see cref="Grant.MaxExpiresAt"/>.</param>
    /// <param name="cancellationToken">Stops before the write.</param>
    /// <returns>
    /// The row as written, or <see cref="InvalidRequest"/> for another instant, why the grant is over, <see cref="IntegrityFailure"/>, <see cref="KeyUnavailable"/>,
    /// <see cref="VaultUnavailable"/> where the row kept changing.
    /// </returns>
    /// <remarks>One storage operation, three where the grant has no refresh token, so that its end is what it is due for.</remarks>
    public async Task<Outcome<Grant>> ExtendAsync(Grant grant, DateTimeOffset until, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        var current = grant;
        for (var conflicts = 0; conflicts < MaxConflicts; conflicts++)
        {
            var now = time.GetUtcNow();
            if (current.RefusalAt(now) is { } over)
            {
                return over;
            }

            // An end that nobody authenticated is not built upon.
            if (!(await keys.AuthenticateAsync(current, cancellationToken)).Succeeded(out var key, out var refusal))
            {
                return refusal;
            }

            // The wire tells milliseconds: whoever asks for the one the furthest end lies in means that end.
            var end = current.MaxExpiresAt - until is { } left && left > TimeSpan.Zero && left < TimeSpan.FromMilliseconds(1) ? current.MaxExpiresAt!.Value : until;
            if (!IsExtendable(current, now) || end <= current.ExpiresAt || end > current.MaxExpiresAt)
            {
                return InvalidRequest.Field("expires_at", "It must lie after the connection's end, and at most at the furthest end it may have.");
            }

            // With a refresh token the old due row merely renews it early, and that sets the next one.
            var extended = current with { ExpiresAt = end, DueAt = current.Secrets.RefreshToken is null ? end : current.DueAt };
            if (extended.DueAt is { } at && at != current.DueAt)
            {
                await due.AddAsync(extended, at, cancellationToken); // Crash before the write: a stale row.
            }

            if (await store.TryReplaceAsync(extended.Authenticated(key), cancellationToken) is { } stored)
            {
                if (current.DueAt is { } old && old != stored.DueAt)
                {
                    await due.DeleteAsync(current.Id, old, cancellationToken); // Crash before: a row the grant does not point to.
                }

                return stored;
            }

            if (await store.ReadAsync(current.Key, current.Id, cancellationToken) is not { } newer)
            {
                return new GrantNotFound(current.Place.Provider);
            }

            current = newer;
        }

        return new VaultUnavailable("The grant kept changing while its end was to be moved.");
    }
}
