using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Alter.Storage;
using Azure;
using Azure.Data.Tables;

namespace Alter.Grants;

/// <summary>Puts a backup's rows back where nothing newer lies. No key is needed, and nothing is opened.</summary>
/// <remarks>
/// <code>
///  1 the whole file is read (BackupContents): a part of a backup restores nothing
///  2 the salt, if the tables are empty; another vault's tables are left alone
///  3 the backup's marks of revocations, beside those that are there
///  4 by user: what is there, what was revoked or erased since ─► each row: due and accounts ─► the grant, where none lies
/// </code>
/// A crash at any line leaves rows that were put back, or index rows that are stale and go; the same again goes on and comes to the same. It adds and never takes
/// away: a row that is stored stays, unless it is an older one of the same grant.
/// </remarks>
public sealed class RestoreBackup(AlterTables tables, RevocationMarks marks, DueIndex due, AccountIndex accounts, TimeProvider time)
{
    /// <summary>The oldest backup that may be restored; what was revoked is remembered for longer.</summary>
    public static readonly TimeSpan OldestBackup = TimeSpan.FromDays(90);

    internal static readonly TimeSpan ClocksMayDiffer = TimeSpan.FromHours(1);

    // By then all grants of an account are back, so that telling a provider of one that ended does not end the others.
    private static readonly TimeSpan TellAfter = TimeSpan.FromHours(6);

    private const int AtOnce = 8;
    private const int MostInGroup = 100;

    /// <summary>Restores a backup.</summary>
    /// <param name="open">Opens the file from its beginning.</param>
    /// <param name="contents">What reading it through came to.</param>
    /// <param name="isDry">Looks at everything and writes nothing. Marks that only the backup has are not yet heeded then.</param>
    /// <param name="tell">Is told of every row, from several threads.</param>
    /// <param name="cancellationToken">Stops between two rows.</param>
    /// <exception cref="BackupRefusedException">The tables are another vault's, or the file changed meanwhile.</exception>
    /// <remarks>Two queries a user, three storage operations a grant that comes back, one a mark.</remarks>
    public async Task RunAsync(Func<Stream> open, BackupContents contents, bool isDry, Action<RestoredRow> tell, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentNullException.ThrowIfNull(contents);
        ArgumentNullException.ThrowIfNull(tell);
        await PutSaltBackAsync(contents.Salt, isDry, cancellationToken);
        if (!isDry)
        {
            await tables.EnsureAsync(cancellationToken);
            await Parallel.ForEachAsync(
                GroupsAsync(open, tables.Revocations.Name, contents, cancellationToken),
                AtMost(cancellationToken),
                async (rows, token) =>
                {
                    foreach (var mark in rows)
                    {
                        await marks.TryPutBackAsync(mark, token);
                    }
                });
        }

        await Parallel.ForEachAsync(
            GroupsAsync(open, tables.Grants.Name, contents, cancellationToken),
            AtMost(cancellationToken),
            async (rows, token) => await RestoreUserAsync(rows, contents.Summary.TakenAt, isDry, tell, token));
    }

    private static ParallelOptions AtMost(CancellationToken cancellationToken) => new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };

    // Rows of one table, those of one partition together.
    private static async IAsyncEnumerable<IReadOnlyList<TableEntity>> GroupsAsync(
        Func<Stream> open, string table, BackupContents contents, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var from = open();
        var reader = new BackupReader(from);
        var group = new List<TableEntity>();
        await foreach (var (name, row) in reader.ReadAsync(cancellationToken))
        {
            if (name != table)
            {
                continue;
            }

            if (group.Count >= MostInGroup || (group.Count > 0 && group[0].PartitionKey != row.PartitionKey))
            {
                yield return group;
                group = [];
            }

            group.Add(row);
        }

        if (reader.Digest != contents.Summary.Digest)
        {
            throw new BackupRefusedException("The file changed while it was being restored.");
        }

        if (group.Count > 0)
        {
            yield return group;
        }
    }

    private async Task PutSaltBackAsync(byte[] salt, bool isDry, CancellationToken cancellationToken)
    {
        var stored = await tables.Jobs.GetEntityIfExistsAsync<TableEntity>(DeploymentSalt.Partition, DeploymentSalt.Row, cancellationToken: cancellationToken);
        if (IsSame(stored))
        {
            return;
        }

        if (stored.HasValue)
        {
            // A salt that nothing lies under: an empty vault made it, after the tables were lost.
            await foreach (var _ in StoredRows.ReadAsync(tables.Grants, null, 1, ["PartitionKey"], cancellationToken))
            {
                throw new BackupRefusedException(
                    "The tables hold grants under another salt: of another vault, or connected since this one lost its tables. Both cannot be had. To give those up that are there, delete table grants and run the same again.");
            }
        }

        if (isDry)
        {
            return;
        }

        await tables.EnsureAsync(cancellationToken);
        var row = DeploymentSalt.RowOf(salt);
        try
        {
            await (stored.HasValue
                ? tables.Jobs.UpdateEntityAsync(row, stored.Value!.ETag, TableUpdateMode.Replace, cancellationToken)
                : tables.Jobs.AddEntityAsync(row, cancellationToken));
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            // Our own write may have landed and its answer got lost.
            if (!IsSame(await tables.Jobs.GetEntityIfExistsAsync<TableEntity>(DeploymentSalt.Partition, DeploymentSalt.Row, cancellationToken: cancellationToken)))
            {
                throw new BackupRefusedException("The vault made a salt of its own at this moment. Stop it, and run the same again.", e);
            }
        }

        bool IsSame(NullableResponse<TableEntity> found) => found.HasValue && DeploymentSalt.ValueOf(found.Value!) is { } value && CryptographicOperations.FixedTimeEquals(value, salt);
    }

    private async Task RestoreUserAsync(IReadOnlyList<TableEntity> rows, DateTimeOffset takenAt, bool isDry, Action<RestoredRow> tell, CancellationToken cancellationToken)
    {
        var partition = rows[0].PartitionKey;
        var marked = await marks.OfAsync(partition, cancellationToken);
        var stored = new Dictionary<string, Grant>(StringComparer.Ordinal);
        string[] columns = ["PartitionKey", "RowKey", GrantRow.GrantIdColumn, "gen", "status"];
        await foreach (var row in StoredRows.ReadAsync(tables.Grants, TableClient.CreateQueryFilter($"PartitionKey eq {partition}"), 1000, columns, cancellationToken))
        {
            stored[row.RowKey] = GrantRow.Read(row);
        }

        foreach (var row in rows)
        {
            var there = stored.GetValueOrDefault(row.RowKey);
            tell(UserGrants.NotedGrant(row) is { } noted
                ? await RestoreNoteAsync(row, noted, there is not null, marked, isDry, cancellationToken)
                : await RestoreGrantAsync(RestorableRow.Of(row, marked, takenAt, time.GetUtcNow() + TellAfter), there, isDry, cancellationToken));
        }
    }

    private async Task<RestoredRow> RestoreNoteAsync(TableEntity row, Guid grant, bool isThere, RevocationMarks.MarkedRevocations marked, bool isDry, CancellationToken cancellationToken)
    {
        var isErased = GrantRow.UserHashOf(row) is not { } hash || marked.ErasedAt(hash) >= (GrantRow.Value(row, UserGrants.LastUsedColumn) as DateTimeOffset? ?? default);
        if (!isThere && !isErased && !isDry)
        {
            try
            {
                await tables.Grants.AddEntityAsync(row, cancellationToken);
            }
            catch (RequestFailedException e) when (e.Status is 409)
            {
                // The vault noted a later use, or our own answer got lost.
            }
        }

        return new RestoredRow(isErased ? RestoredAs.Erased : isThere ? RestoredAs.Kept : RestoredAs.LastUse, grant, 0, null);
    }

    private async Task<RestoredRow> RestoreGrantAsync(RestorableRow row, Grant? there, bool isDry, CancellationToken cancellationToken)
    {
        if (row.Entity is not { } entity || (there is not null && !row.IsNewerThan(there)))
        {
            return row.Entity is null ? row.Became(row.As) : row.Stays(there!);
        }

        if (isDry)
        {
            return row.Became(there is null ? row.As : RestoredAs.Replaced);
        }

        if (row.Grant.DueAt is { } at)
        {
            await due.AddAsync(row.Grant, at, cancellationToken);
        }

        if (row.Grant.Status is GrantStatus.Active)
        {
            await accounts.AddAsync(row.Grant, cancellationToken);
        }

        try
        {
            if (there is null)
            {
                await tables.Grants.AddEntityAsync(entity, cancellationToken);
            }
            else
            {
                await tables.Grants.UpdateEntityAsync(entity, there.ETag, TableUpdateMode.Replace, cancellationToken);
            }
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
        {
            // The vault wrote there meanwhile, or our own write landed and its answer got lost.
            var now = await tables.Grants.GetEntityIfExistsAsync<TableEntity>(entity.PartitionKey, entity.RowKey, cancellationToken: cancellationToken);
            if (!now.HasValue)
            {
                throw;
            }

            if (GrantRow.Value(now.Value!, GrantRow.OperationColumn) as string != row.Operation)
            {
                return row.Stays(GrantRow.Read(now.Value!));
            }
        }

        return row.Became(there is null ? row.As : RestoredAs.Replaced);
    }
}
