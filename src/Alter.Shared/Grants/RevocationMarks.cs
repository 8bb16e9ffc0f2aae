using Alter.Storage;
using Azure;
using Azure.Data.Tables;

namespace Alter.Grants;

/// <summary>
/// Which grants were revoked and which users erased, in a table of their own (<c>revocations</c>) that no restore replaces: an older backup would bring them
/// back to life. Written before the row that it speaks of, and read by nothing but a restore.
/// </summary>
/// <remarks>A mark whose revocation then failed ends the grant at a restore: somebody had asked for its end.</remarks>
public sealed class RevocationMarks(AlterTables tables, TimeProvider time)
{
    /// <summary>How long a mark is kept: longer than any backup that may be restored (<see cref="RestoreBackup.OldestBackup"/>).</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(100);

    private const int PageSize = 1000;
    private const string GrantPrefix = "g|";
    private const string UserPrefix = "u|";
    private const string MarkedAtColumn = "marked_at";

    /// <summary>Says that a grant is about to be revoked.</summary>
    /// <remarks>One storage operation.</remarks>
    public Task AddAsync(Grant grant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        return WriteAsync(grant.Key.Partition, $"{GrantPrefix}{grant.Id:D}", time.GetUtcNow(), cancellationToken);
    }

    /// <summary>Says that a user is about to be erased: nothing of them that was there until then comes back.</summary>
    /// <remarks>One storage operation.</remarks>
    public Task AddAsync(GrantOwner owner, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return WriteAsync(owner.Partition, $"{UserPrefix}{owner.Hash}", time.GetUtcNow(), cancellationToken);
    }

    /// <summary>The marks of one user's partition. Makes no table.</summary>
    /// <remarks>One storage operation.</remarks>
    internal async Task<MarkedRevocations> OfAsync(string partition, CancellationToken cancellationToken)
    {
        var marked = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        await foreach (var row in StoredRows.ReadAsync(tables.Revocations, TableClient.CreateQueryFilter($"PartitionKey eq {partition}"), PageSize, null, cancellationToken))
        {
            marked[row.RowKey] = MarkedAt(row) ?? time.GetUtcNow(); // Whatever it says: there is a mark.
        }

        return new MarkedRevocations(marked);
    }

    /// <summary>All marks, in key order. Makes no table.</summary>
    /// <remarks>A storage operation per 1,000.</remarks>
    internal IAsyncEnumerable<TableEntity> ListAsync(CancellationToken cancellationToken) => StoredRows.ReadAsync(tables.Revocations, null, PageSize, null, cancellationToken);

    /// <summary>Whether a row of a backup is a mark.</summary>
    internal static bool IsMark(TableEntity row) =>
        (row.RowKey.StartsWith(GrantPrefix, StringComparison.Ordinal) || row.RowKey.StartsWith(UserPrefix, StringComparison.Ordinal)) && MarkedAt(row) is not null;

    /// <summary>Puts a mark back, unless there is one.</summary>
    /// <returns>False where there was one.</returns>
    /// <remarks>One storage operation.</remarks>
    internal async Task<bool> TryPutBackAsync(TableEntity mark, CancellationToken cancellationToken)
    {
        try
        {
            await tables.Revocations.AddEntityAsync(mark, cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409)
        {
            return false; // It was there, or our own answer got lost: either way it is.
        }
    }

    /// <summary>Drops marks that no backup needs any more.</summary>
    /// <remarks>A query per 1,000 marks of the table, and one operation for each that goes.</remarks>
    internal async Task PurgeAsync(CancellationToken cancellationToken)
    {
        var past = time.GetUtcNow() - Kept;
        await foreach (var row in StoredRows.ReadAsync(tables.Revocations, TableClient.CreateQueryFilter($"marked_at lt {past}"), PageSize, null, cancellationToken))
        {
            try
            {
                await tables.Revocations.DeleteEntityAsync(row.PartitionKey, row.RowKey, row.ETag, cancellationToken);
            }
            catch (RequestFailedException e) when (e.Status is 412)
            {
                // Written anew since it was read.
            }
        }
    }

    private async Task WriteAsync(string partition, string row, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await tables.EnsureAsync(cancellationToken);
        await tables.Revocations.UpsertEntityAsync(new TableEntity(partition, row) { [MarkedAtColumn] = at }, TableUpdateMode.Replace, cancellationToken);
    }

    private static DateTimeOffset? MarkedAt(TableEntity row) => GrantRow.Value(row, MarkedAtColumn) as DateTimeOffset?;

    /// <summary>The marks of one partition.</summary>
    internal sealed class MarkedRevocations(IReadOnlyDictionary<string, DateTimeOffset> marked)
    {
        /// <summary>When the grant was revoked; null: it was not.</summary>
        public DateTimeOffset? RevokedAt(Guid grantId) => Find($"{GrantPrefix}{grantId:D}");

        /// <summary>When the user was erased; null: never.</summary>
        public DateTimeOffset? ErasedAt(string userHash) => Find($"{UserPrefix}{userHash}");

        private DateTimeOffset? Find(string row) => marked.TryGetValue(row, out var at) ? at : null;
    }
}
