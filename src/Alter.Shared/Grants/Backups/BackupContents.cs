using Alter.Storage;

namespace Alter.Grants;

/// <summary>A backup that was read to its end and is whole.</summary>
public sealed class BackupContents
{
    private BackupContents(BackupSummary summary, byte[] salt) => (Summary, Salt) = (summary, salt);

    /// <summary>What it holds.</summary>
    public BackupSummary Summary { get; }

    /// <summary>The salt of the deployment it was taken of.</summary>
    internal byte[] Salt { get; }

    /// <summary>Reads a backup to its end. Nothing is written anywhere.</summary>
    /// <param name="from">The file; it stays open.</param>
    /// <param name="tables">The tables it may speak of.</param>
    /// <param name="now">The instant; a backup older than <see cref="RestoreBackup.OldestBackup"/> is refused.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="BackupRefusedException">It is no whole backup of a vault, too old, or of the future.</exception>
    public static async Task<BackupContents> ReadAsync(Stream from, AlterTables tables, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tables);
        var reader = new BackupReader(from);
        byte[]? salt = null;
        var (grants, lastUses, marks) = (0, 0, 0);
        await foreach (var (table, row) in reader.ReadAsync(cancellationToken))
        {
            if (table == tables.Jobs.Name && salt is null && row is { PartitionKey: DeploymentSalt.Partition, RowKey: DeploymentSalt.Row } && DeploymentSalt.ValueOf(row) is { Length: DeploymentSalt.Length } value)
            {
                salt = value;
            }
            else if (table == tables.Grants.Name && TakeBackup.IsGrant(row))
            {
                grants++;
            }
            else if (table == tables.Grants.Name && UserGrants.IsLastUsed(row))
            {
                lastUses++;
            }
            else if (table == tables.Revocations.Name && RevocationMarks.IsMark(row))
            {
                marks++;
            }
            else
            {
                throw new BackupRefusedException("The backup holds a row that no backup of a vault has.");
            }
        }

        var age = now - reader.TakenAt;
        return salt is null ? throw new BackupRefusedException("The backup lacks the deployment's salt.")
            : age > RestoreBackup.OldestBackup ? throw new BackupRefusedException(
                $"The backup is {age.Days} days old. Revocations are remembered for {RevocationMarks.Kept.Days} days, so what is older than {RestoreBackup.OldestBackup.Days} days would bring revoked grants back to life.")
            : age < -RestoreBackup.ClocksMayDiffer ? throw new BackupRefusedException("The backup is of the future. One of the two clocks is wrong; put it right first.")
            : new BackupContents(new BackupSummary(reader.TakenAt, grants, lastUses, marks, reader.Digest), salt);
    }
}
