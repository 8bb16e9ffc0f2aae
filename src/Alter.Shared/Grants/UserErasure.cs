using Alter.Storage;
using Azure.Data.Tables;

namespace Alter.Grants;

/// <summary>What an erasure did, or would do, in one app: counts alone.</summary>
/// <param name="Grants">Grants that gave calls their tokens, or were to: revoked.</param>
/// <param name="Ended">Grants that had ended before.</param>
/// <param name="ToBeTold">How many of both wait for their provider to be told; each goes when it was told or given up, after 24 hours at most.</param>
/// <param name="Notes">Markers, notes of last use and whatever else was the user's.</param>
public sealed record ErasedUser(int Grants, int Ended, int ToBeTold, int Notes);

/// <summary>Erases a user of one app: every grant is revoked, and every row goes that is not needed to tell a provider. No key is needed.</summary>
/// <remarks>
/// <code>
///   0 the user's mark: no restore from a backup brings anything back
///   1 the user's row: nothing begun until now makes a grant     a Connect that has read the row before conflicts in its transaction
///   2 read the user's partition ◄──────────────────────────────────────────┐
///       only the user's row and erased grants left? ─► done                │
///   3 living grants: revoked (GrantRevocation), so the provider is told    │   a refresh in flight loses its write and gives its token back
///     ended ones with a token to be told: all else about them blanked      │   RevokeAtProvider deletes the row once it was told
///     all others: index rows, then the row                                 │
///     markers, notes: deleted ─────────────────────────────────────────────┘
/// </code>
/// A crash at any line leaves less than before, and the next run goes on with what it finds. Several at once, and revocations by others, only take turns.
/// </remarks>
public sealed class UserErasure(GrantStore store, GrantRevocation revocation, RevocationMarks marks, DueIndex due, AccountIndex accounts, TimeProvider time)
{
    // Revoke, blank, see that nothing is left; the rest is for others who write meanwhile.
    private const int MaxRounds = 12;

    /// <summary>What there is to erase; changes nothing.</summary>
    /// <remarks>One storage operation.</remarks>
    public async Task<ErasedUser> LookAsync(GrantOwner owner, CancellationToken cancellationToken)
    {
        var rows = await store.ListRowsAsync(owner, cancellationToken);
        var grants = rows.Where(GrantRow.IsGrant).Select(GrantRow.Read).ToList();
        return new ErasedUser(
            grants.Count(IsAlive),
            grants.Count(grant => !IsAlive(grant) && !grant.IsErased),
            grants.Count(grant => IsAlive(grant) || grant.RevocationToken is not null),
            rows.Count(IsNote));
    }

    /// <summary>Erases the user.</summary>
    /// <returns>What was done; null where rows kept coming and something is left: run it again.</returns>
    /// <remarks>Two storage operations first; five to seven a grant, one for every other row, and a query for each of at most twelve rounds.</remarks>
    public async Task<ErasedUser?> RunAsync(GrantOwner owner, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        await marks.AddAsync(owner, cancellationToken); // 0
        await store.EraseUserAsync(owner, cancellationToken); // 1
        var (alive, ended, notes) = (new HashSet<Guid>(), new HashSet<Guid>(), 0);
        for (var round = 0; round < MaxRounds; round++)
        {
            var rows = await store.ListRowsAsync(owner, cancellationToken); // 2
            var isClean = true;
            var toBeTold = 0;
            foreach (var row in rows)
            {
                if (IsNote(row))
                {
                    isClean = false;
                    notes += await store.DropAsync(row, cancellationToken) ? 1 : 0;
                }
                else if (GrantRow.IsGrant(row) && GrantRow.Read(row) is var grant)
                {
                    if (grant.IsErased && grant.RevocationToken is not null && !IsAlive(grant))
                    {
                        toBeTold++;
                        continue;
                    }

                    isClean = false;
                    (IsAlive(grant) ? alive : ended).Add(grant.Id);
                    await EraseAsync(grant, cancellationToken); // 3
                }
            }

            if (isClean)
            {
                ended.ExceptWith(alive);
                return new ErasedUser(alive.Count, ended.Count, toBeTold, notes);
            }
        }

        return null;
    }

    // One step; the next round sees what came of it.
    private async Task EraseAsync(Grant grant, CancellationToken cancellationToken)
    {
        if (IsAlive(grant))
        {
            if (grant.DueAt is { } planned)
            {
                await due.DeleteAsync(grant.Id, planned, cancellationToken); // Its next refresh; a revocation alone leaves the row until then.
            }

            await revocation.RevokeAsync(grant, cancellationToken);
            return;
        }

        // Telling needs no index row, and an ended grant stands in nobody's way.
        if (grant.ClientAccountKey.Length > 0 && await accounts.FindAsync(grant, cancellationToken) is { } indexed)
        {
            await accounts.RemoveAsync(grant, indexed, cancellationToken);
        }

        if (grant.RevocationToken is not null)
        {
            await BlankAsync(grant, cancellationToken);
            return;
        }

        if (grant.DueAt is { } at)
        {
            await due.DeleteAsync(grant.Id, at, cancellationToken);
        }

        await store.TryDeleteAsync(grant, cancellationToken); // Last: until then the next run finds it.
    }

    private async Task BlankAsync(Grant grant, CancellationToken cancellationToken)
    {
        var erased = grant.Erased();
        if (erased.DueAt is null)
        {
            erased = erased with { DueAt = time.GetUtcNow() }; // Whatever became of its message, it is told and goes.
            await due.AddAsync(erased, erased.DueAt.Value, cancellationToken);
        }

        await store.TryReplaceAsync(erased, cancellationToken);
    }

    // By the row alone, which nobody has authenticated: what could still give a token is ended first.
    private static bool IsAlive(Grant grant) =>
        grant.Status is GrantStatus.Active or GrantStatus.Pending
        || (grant.Status is not GrantStatus.Revoked && grant.Secrets is { AccessToken: not null } or { RefreshToken: not null });

    private static bool IsNote(TableEntity row) => !GrantRow.IsGrant(row) && !UserMark.Is(row);
}
