using Alter.Storage;
using Azure.Data.Tables;

namespace Alter.Grants;

/// <summary>What a backup holds: counts alone.</summary>
/// <param name="TakenAt">When it was begun.</param>
/// <param name="Grants">Rows of grants, ended ones and tombstones among them.</param>
/// <param name="LastUses">Notes of when a grant was last used.</param>
/// <param name="Marks">Marks of revocations and erasures.</param>
/// <param name="Digest">SHA-256 of the whole file, as lower-case hex.</param>
public sealed record BackupSummary(DateTimeOffset TakenAt, int Grants, int LastUses, int Marks, string Digest);

/// <summary>Copies what nothing else could make again: the deployment's salt, the grants as stored, and what was revoked. No key is needed, nothing is opened.</summary>
/// <remarks>
/// Left out: the index tables, which a restore writes anew; what waits for an app's backend, Connect's sessions and markers, which live for minutes; windows of
/// rate limits; the record, whose chain a copy would not prove. There is no snapshot of a table: each row is whole, and rows are of one moment to the other. The
/// marks come last, so that what is revoked while the grants are read is among them.
/// </remarks>
public sealed class TakeBackup(AlterTables tables, RevocationMarks marks, TimeProvider time)
{
    private const int PageSize = 200;

    /// <summary>Writes the backup.</summary>
    /// <param name="to">Where to; it stays open.</param>
    /// <param name="cancellationToken">Stops it: what was written until then is no backup.</param>
    /// <exception cref="BackupRefusedException">No vault has ever stored anything there.</exception>
    /// <remarks>One storage operation per 200 grants and per 1,000 marks. One row is in memory.</remarks>
    public async Task<BackupSummary> RunAsync(Stream to, CancellationToken cancellationToken)
    {
        var takenAt = time.GetUtcNow();
        var salt = await tables.Jobs.GetEntityIfExistsAsync<TableEntity>(DeploymentSalt.Partition, DeploymentSalt.Row, cancellationToken: cancellationToken);
        if (!salt.HasValue)
        {
            throw new BackupRefusedException("No vault has ever stored anything there.");
        }

        using var backup = await BackupWriter.BeginAsync(to, takenAt, cancellationToken);
        await backup.AddAsync(new BackupRow(tables.Jobs.Name, salt.Value!), cancellationToken);
        var (grants, lastUses, marked) = (0, 0, 0);
        // Not as if empty where the table is missing: that is to be noticed, not to be backed up.
        await foreach (var row in tables.Grants.QueryAsync<TableEntity>(maxPerPage: PageSize, cancellationToken: cancellationToken))
        {
            var isGrant = IsGrant(row);
            if (isGrant || UserGrants.IsLastUsed(row))
            {
                await backup.AddAsync(new BackupRow(tables.Grants.Name, row), cancellationToken);
                grants += isGrant ? 1 : 0;
                lastUses += isGrant ? 0 : 1;
            }
        }

        await foreach (var row in marks.ListAsync(cancellationToken))
        {
            await backup.AddAsync(new BackupRow(tables.Revocations.Name, row), cancellationToken);
            marked++;
        }

        return new BackupSummary(takenAt, grants, lastUses, marked, await backup.EndAsync(cancellationToken));
    }

    /// <summary>Whether a backup holds a row as a grant: not what waits to be completed, and nothing of an erased user.</summary>
    internal static bool IsGrant(TableEntity row) => GrantRow.IsGrant(row) && !GrantRow.IsPending(row.RowKey) && !GrantRow.Read(row).IsErased;
}
