using Alter.Storage;
using Alter.Storage.Wire;
using Azure;
using Azure.Data.Tables;

namespace Alter.Grants;

/// <summary>
/// Grants in table <c>grants</c>: one partition a user, one row per provider account, markers and tombstones beside them. Reads see every write
/// that was answered before they began; nothing is cached.
/// </summary>
/// <param name="tables">Where they lie.</param>
/// <param name="time">The clock.</param>
/// <param name="witness">Is told of every change of a grant's standing, once it is stored; null: nobody is.</param>
public sealed class GrantStore(AlterTables tables, TimeProvider time, GrantWitness? witness = null)
{
    /// <summary>What this process has seen grants become.</summary>
    public SeenGrants Seen { get; } = new();

    /// <summary>The user's grants of one provider, whatever their status.</summary>
    /// <remarks>One storage operation.</remarks>
    public async ValueTask<IReadOnlyList<Grant>> ListAsync(GrantOwner owner, string provider, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        var rows = await tables.ReadWordAsync(tables.Grants, owner.Partition, provider, cancellationToken); // Their keys: GrantRow.RowKey.
        var grants = new List<Grant>(rows.Count);
        foreach (var row in rows)
        {
            if (GrantRow.UserHashOf(row) == owner.Hash)
            {
                grants.Add(GrantRow.Read(row));
            }

            row.GiveBack();
        }

        return grants;
    }

    /// <summary>Everything in the user's partition.</summary>
    /// <remarks>One storage operation up to 1,000 rows.</remarks>
    public async Task<UserGrants> ListAllAsync(GrantOwner owner, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return UserGrants.From(await ListRowsAsync(owner, cancellationToken));
    }

    /// <summary>A grant by id, in its owner's partition and nowhere else; a tombstone too.</summary>
    /// <remarks>One storage operation.</remarks>
    public Task<Grant?> FindAsync(GrantOwner owner, Guid id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return FindAsync(owner.Partition, id, grant => grant.Place.UserHash == owner.Hash, cancellationToken);
    }

    /// <summary>A grant of an app by id alone: for callers that may act for any user.</summary>
    /// <remarks>One storage operation, or none where the id is not one of ours.</remarks>
    public async Task<Grant?> FindAsync(string app, Guid id, CancellationToken cancellationToken) =>
        GrantId.PartitionOf(app, id) is { } partition ? await FindAsync(partition, id, grant => grant.Place.App == app, cancellationToken) : null;

    /// <summary>The row as it is now; null where there is none.</summary>
    /// <remarks>One storage operation.</remarks>
    public async Task<Grant?> ReadAsync(GrantKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        await tables.EnsureAsync(cancellationToken);
        var row = await tables.Grants.GetEntityIfExistsAsync<TableEntity>(key.Partition, key.Row, cancellationToken: cancellationToken);
        return row.HasValue && GrantRow.IsGrant(row.Value!) ? GrantRow.Read(row.Value!) : null;
    }

    /// <summary>The row of this grant: in its place, or as the tombstone a successor left of it.</summary>
    /// <remarks>One storage operation, two for a tombstone.</remarks>
    public async Task<Grant?> ReadAsync(GrantKey key, Guid id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        return await ReadAsync(key, cancellationToken) is { } grant && grant.Id == id
            ? grant
            : await ReadAsync(key with { Row = GrantRow.TombstoneKey(id) }, cancellationToken);
    }

    /// <summary>Writes the row if nobody else did since it was read.</summary>
    /// <returns>The row as written; null where another write came first.</returns>
    /// <remarks>One storage operation; one more on a conflict.</remarks>
    public async Task<Grant?> TryReplaceAsync(Grant grant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        var operation = OperationId.New();
        var stored = await TryUpdateAsync(grant, GrantRow.From(grant, operation), TableUpdateMode.Replace, operation, cancellationToken);
        if (stored is not null && grant.Read != stored.Standing)
        {
            witness?.Invoke(new GrantChange(grant.Read, stored));
        }

        return stored is null ? null : stored with { Read = stored.Standing };
    }

    /// <summary>Writes the re-wrapped data key and the MAC, nothing else, if nobody wrote the row since it was read.</summary>
    /// <returns>False where another write came first.</returns>
    /// <remarks>One storage operation; one more on a conflict.</remarks>
    internal async Task<bool> TryRewrapAsync(Grant rewrapped, CancellationToken cancellationToken)
    {
        var operation = OperationId.New();
        return await TryUpdateAsync(rewrapped, GrantRow.OfRewrap(rewrapped, operation), TableUpdateMode.Merge, operation, cancellationToken) is not null;
    }

    /// <summary>
    /// Stores what Connect brought: the grant, the marker that uses the session up for this provider and, where a revoked grant gives way, its tombstone,
    /// all or nothing. Of any number of finishes of one session and provider exactly one succeeds, whatever crashed before.
    /// </summary>
    /// <param name="grant">The new row.</param>
    /// <param name="existing">The row it replaces, as read; null where there is none.</param>
    /// <param name="marker">The session and provider it uses up.</param>
    /// <param name="user">The user's row, as read: an erasure since then is <see cref="ConnectWrite.GrantChanged"/>.</param>
    /// <param name="cancellationToken">Stops before the write only.</param>
    /// <remarks>One storage operation; one more on a conflict.</remarks>
    public Task<ConnectWrite> ConnectAsync(Grant grant, Grant? existing, ConnectMarker marker, UserMark user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        ArgumentNullException.ThrowIfNull(marker);
        ArgumentNullException.ThrowIfNull(user);
        var operation = OperationId.New();
        var (partition, hash) = (grant.Key.Partition, grant.Place.UserHash);
        return PlaceAsync(
            grant, existing, marker.ToRow(partition, hash, operation), null, operation, cancellationToken, Put(user.ToRow(partition, hash, operation, time.GetUtcNow()), user.Read));
    }

    /// <summary>
    /// Stores what a pending grant becomes, and says so in the pending row, all or nothing: of any number of completions exactly one succeeds. The
    /// pending row is replaced, never deleted, so that a repeated completion finds out. An erasure ends the pending row before it is done, so no completion
    /// slips in behind it.
    /// </summary>
    /// <param name="grant">The new row.</param>
    /// <param name="existing">The row it replaces, as read; null where there is none.</param>
    /// <param name="pending">The pending row, as read.</param>
    /// <param name="cancellationToken">Stops before the write only.</param>
    /// <remarks>One storage operation; one more on a conflict.</remarks>
    public Task<ConnectWrite> CompleteAsync(Grant grant, Grant? existing, Grant pending, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        ArgumentNullException.ThrowIfNull(pending);
        var completed = pending with
        {
            Secrets = pending.Secrets with { AccessToken = null, RefreshToken = null },
            Status = GrantStatus.Revoked,
            CompletedAs = grant.Id,
            DueAt = null,
            Mac = [],
        };
        var operation = OperationId.New();
        return PlaceAsync(grant, existing, GrantRow.From(completed, operation), pending.ETag, operation, cancellationToken);
    }

    /// <summary>Notes when a grant was last used, in a row of its own so that it never clashes with a refresh.</summary>
    /// <remarks>One storage operation.</remarks>
    public Task NoteUseAsync(Grant grant)
    {
        ArgumentNullException.ThrowIfNull(grant);
        return tables.WriteAsync(tables.Grants, [new(UserGrants.LastUsedRow(grant, time.GetUtcNow()), Replaces: true)]);
    }

    /// <summary>One page of all rows in key order, for whoever walks them.</summary>
    /// <remarks>One storage operation.</remarks>
    internal async Task<(IReadOnlyList<TableEntity> Rows, string? Continuation)> ScanAsync(string? continuation, CancellationToken cancellationToken, int size = 200)
    {
        await tables.EnsureAsync(cancellationToken);
        await foreach (var page in tables.Grants.QueryAsync<TableEntity>(maxPerPage: size, cancellationToken: cancellationToken).AsPages(continuation))
        {
            return (page.Values, page.ContinuationToken);
        }

        return ([], null);
    }

    /// <summary>Drops a row past its date, unless somebody wrote it since it was read.</summary>
    /// <returns>False where somebody did.</returns>
    /// <remarks>One storage operation.</remarks>
    internal async Task<bool> DropAsync(TableEntity row, CancellationToken cancellationToken)
    {
        try
        {
            await tables.Grants.DeleteEntityAsync(row.PartitionKey, row.RowKey, row.ETag, cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 412)
        {
            return false;
        }
    }

    /// <summary>Drops notes of last use whose grant is gone: a call under way may have written one behind an erasure.</summary>
    /// <remarks>One storage operation, and one for each.</remarks>
    internal async Task DropStrayNotesAsync(string partition, CancellationToken cancellationToken)
    {
        var rows = (await QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {partition}"), cancellationToken)).Select(row => row.ToEntity()).ToList();
        var grants = rows.Where(GrantRow.IsGrant).Select(row => GrantRow.Read(row).Id).ToHashSet();
        foreach (var note in rows.Where(row => UserGrants.IsLastUsed(row) && !(UserGrants.NotedGrant(row) is { } id && grants.Contains(id))))
        {
            await DropAsync(note, cancellationToken);
        }
    }

    /// <summary>Deletes a grant's row, unless somebody wrote it since it was read.</summary>
    /// <remarks>One storage operation. Where its answer got lost a repetition finds nothing, and that is success too.</remarks>
    internal async Task<bool> TryDeleteAsync(Grant grant, CancellationToken cancellationToken)
    {
        var isGone = await DropAsync(new TableEntity(grant.Key.Partition, grant.Key.Row) { ETag = grant.ETag }, cancellationToken);
        if (isGone && grant.IsErased)
        {
            witness?.Invoke(new GrantChange(grant.Read, grant, IsRemoval: true));
        }

        return isGone;
    }

    /// <summary>Says that nothing begun for this user until now makes a grant.</summary>
    /// <remarks>One storage operation. Over whatever the row holds: it then has another version, and every transaction that read the old one fails.</remarks>
    internal async Task EraseUserAsync(GrantOwner owner, CancellationToken cancellationToken)
    {
        await tables.EnsureAsync(cancellationToken);
        var now = time.GetUtcNow();
        await tables.Grants.UpsertEntityAsync(
            new UserMark(now, null).ToRow(owner.Partition, owner.Hash, OperationId.New(), now), TableUpdateMode.Replace, cancellationToken);
    }

    /// <summary>Every row of the user, whatever it holds.</summary>
    /// <remarks>
    /// One storage operation up to 1,000 rows. Two users whose hashes begin alike would share the partition and its user's row: an erasure of one then makes
    /// the other start Connect anew, and nothing else.
    /// </remarks>
    internal async Task<IReadOnlyList<TableEntity>> ListRowsAsync(GrantOwner owner, CancellationToken cancellationToken) =>
        [.. (await QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {owner.Partition}"), cancellationToken))
            .Select(row => row.ToEntity()).Where(row => GrantRow.UserHashOf(row) == owner.Hash || UserMark.Is(row))];

    private async Task<Grant?> TryUpdateAsync(Grant grant, TableEntity columns, TableUpdateMode mode, string operation, CancellationToken cancellationToken)
    {
        try
        {
            var response = await tables.Grants.UpdateEntityAsync(columns, grant.ETag, mode, cancellationToken);
            return grant with { ETag = response.Headers.ETag!.Value };
        }
        catch (RequestFailedException e) when (e.Status is 412 or 404)
        {
            // Our own write may have landed and its answer got lost, so that the client's retry met it.
            var row = await tables.Grants.GetEntityIfExistsAsync<TableEntity>(grant.Key.Partition, grant.Key.Row, cancellationToken: cancellationToken);
            return row.HasValue && row.Value!.GetString(GrantRow.OperationColumn) == operation ? GrantRow.Read(row.Value) : null;
        }
    }

    // The grant's row together with the one that makes it happen once, as it was read (null: absent). A conflict is judged by that second row, for the
    // grant's may change at any time.
    private async Task<ConnectWrite> PlaceAsync(
        Grant grant, Grant? existing, TableEntity once, ETag? onceRead, string operation, CancellationToken cancellationToken, params IEnumerable<TableTransactionAction> further)
    {
        var actions = new List<TableTransactionAction> { Put(GrantRow.From(grant, operation), existing?.ETag), Put(once, onceRead) };
        actions.AddRange(further);
        if (existing is { Status: GrantStatus.Revoked } && existing.Id != grant.Id)
        {
            var tombstone = existing with { Key = existing.Key with { Row = GrantRow.TombstoneKey(existing.Id) } };
            actions.Add(new(TableTransactionActionType.UpsertReplace, GrantRow.From(tombstone, operation)));
        }

        try
        {
            await tables.Grants.SubmitTransactionAsync(actions, cancellationToken);
            return Stored();
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
        {
            var found = await tables.Grants.GetEntityIfExistsAsync<TableEntity>(once.PartitionKey, once.RowKey, cancellationToken: CancellationToken.None);
            var row = found.HasValue ? found.Value : null;
            return row is not null && row.GetString(GrantRow.OperationColumn) == operation ? Stored()
                : row?.ETag == onceRead ? ConnectWrite.GrantChanged
                : ConnectWrite.SessionUsed;
        }

        ConnectWrite Stored()
        {
            witness?.Invoke(new GrantChange(existing is { } renewed && renewed.Id == grant.Id ? renewed.Standing : null, grant, IsConnect: true));
            return ConnectWrite.Stored;
        }
    }

    // As it was read: over that version, or in a place where nothing was.
    private static TableTransactionAction Put(TableEntity row, ETag? read) => read is { } etag
        ? new(TableTransactionActionType.UpdateReplace, row, etag)
        : new(TableTransactionActionType.Add, row);

    private async Task<Grant?> FindAsync(string partition, Guid id, Func<Grant, bool> isOwners, CancellationToken cancellationToken)
    {
        var rows = await QueryAsync(
            TableClient.CreateQueryFilter($"PartitionKey eq {partition} and gid eq {id.ToString("D")}"),
            cancellationToken);
        foreach (var row in rows)
        {
            if (GrantRow.IsGrant(row.RowKey) && !GrantRow.IsPending(row.RowKey) && GrantRow.Read(row) is { IsErased: false } grant && isOwners(grant))
            {
                return grant;
            }
        }

        return null;
    }

    private ValueTask<IReadOnlyList<TableRow>> QueryAsync(string filter, CancellationToken cancellationToken) => tables.ReadAsync(tables.Grants, filter, cancellationToken);
}

/// <summary>What became of <see cref="GrantStore.ConnectAsync"/> or <see cref="GrantStore.CompleteAsync"/>.</summary>
public enum ConnectWrite
{
    /// <summary>The grant stands.</summary>
    Stored,

    /// <summary>Another finish of the same session and provider, or completion of the same grant, was first.</summary>
    SessionUsed,

    /// <summary>The grant's row or the user's changed meanwhile: read again and repeat.</summary>
    GrantChanged,
}
