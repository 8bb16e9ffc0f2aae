using Alter.Storage;
using Microsoft.Extensions.Logging;

namespace Alter.Grants;

/// <summary>Ends grants. When it answers, the tokens are out of reach and the next call on any instance is refused.</summary>
/// <remarks>
/// <code>
///  1 due row        ─► 2 one conditional write: status, tokens gone  ─► 3 message  ─► (RevokeAtProvider) 4 provider told
///    ∥ mark              the linearisation point                        crash: a minute later the due row of 1 finds the token still to be told
///    crash: stale row; the mark ends the grant, should it ever be restored from a backup
/// </code>
/// </remarks>
public sealed class GrantRevocation(GrantStore store, DueIndex due, RevocationMarks marks, AlterQueues queues, TimeProvider time, ILogger<GrantRevocation> logger)
{
    /// <summary>Revokes a grant; an already revoked one answers the first revocation's instant.</summary>
    /// <remarks>Four storage operations after the one that found the grant, two of them side by side.</remarks>
    public async Task<Outcome<Revocation>> RevokeAsync(Grant grant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        for (var current = grant; ;)
        {
            if (current.Status is GrantStatus.Revoked && current.RevokedAt is { } at)
            {
                return new Revocation(true, "The grant was already revoked.", current.Id, at);
            }

            // To the tick the row will have, so that the due row of step 1 is the one the grant points to.
            var now = time.GetUtcNow();
            var ended = current.Ended(GrantStatus.Revoked, null, now);
            await Task.WhenAll( // 1
                ended.DueAt is { } dueAt ? due.AddAsync(ended, dueAt, cancellationToken) : Task.CompletedTask,
                marks.AddAsync(ended, cancellationToken));

            if (await store.TryReplaceAsync(ended, cancellationToken) is not null) // 2
            {
                store.Seen.NoteRevoked(grant.Id);
                Log.Revoked(logger, grant.Id);
                await SendAsync(ended); // 3
                return new Revocation(true, "The grant is revoked.", grant.Id, now);
            }

            // A refresh or a second revocation came between; a successor under the same key is not ours to revoke.
            if (await store.ReadAsync(grant.Key, grant.Id, cancellationToken) is not { } newer)
            {
                return new GrantNotFound(grant.Place.Provider);
            }

            current = newer;
        }
    }

    // The grant is revoked: what fails from here on does not make the revocation a failure, and a caller who leaves does not stop it.
    private async Task SendAsync(Grant ended)
    {
        try
        {
            await queues.SendAsync(AlterQueues.Revoke, MessageFor(ended), CancellationToken.None);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            Log.MessageNotSent(logger, ended.Id, e);
        }
    }

    internal static GrantMessage MessageFor(Grant grant) =>
        new(GrantMessage.Version, "revoke", grant.Key.Partition, grant.Key.Row, grant.Id, grant.DueAt?.UtcTicks ?? 0);
}

/// <summary>The answer to <c>DELETE /sdk/grants/{grant_id}</c>.</summary>
public sealed record Revocation(bool Success, string Message, Guid GrantId, DateTimeOffset RevokedAt);
