using System.Globalization;
using System.Runtime.CompilerServices;
using Alter.Keys;
using Alter.Storage;
using Azure;
using Azure.Data.Tables;

namespace Alter.Audit;

/// <summary>Seals in table <c>seals</c>, one partition, the newest first.</summary>
internal sealed class AuditSealStore(AlterTables tables)
{
    private const string Partition = "seal";
    private const string OperationColumn = "op";
    private const int ChunkLength = 30_000; // A text column holds 32,768 characters.

    /// <summary>A seal as it lies in the table.</summary>
    /// <param name="Seal">Null where the row is not one.</param>
    /// <param name="Place">The number its key stands for.</param>
    /// <param name="Hash">As stored.</param>
    /// <param name="Mac">As stored.</param>
    /// <param name="KeyVersion">As stored.</param>
    internal sealed record StoredSeal(AuditSeal? Seal, long Place, byte[] Hash, byte[] Mac, string KeyVersion)
    {
        /// <summary>Whether the hash is that of its content.</summary>
        internal bool IsWhole => Seal is not null && Seal.Number == Place && AuditChain.AreSame(Hash, AuditChain.SealHash(Seal, Seal.HeadsText()));
    }

    /// <summary>All of them, the newest first.</summary>
    /// <remarks>A storage operation per 1,000.</remarks>
    internal async IAsyncEnumerable<StoredSeal> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken, int? page = null)
    {
        await using var rows = tables.Seals.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {Partition}"), page, cancellationToken: cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync())
        {
            yield return Read(rows.Current);
        }

        async Task<bool> NextAsync()
        {
            try
            {
                return await rows.MoveNextAsync();
            }
            catch (RequestFailedException e) when (e.Status is 404)
            {
                return false; // Nothing was ever sealed.
            }
        }
    }

    /// <summary>Adds a seal.</summary>
    /// <returns>Its hash; null where another sealer was faster.</returns>
    /// <remarks>One storage operation; one more on a conflict.</remarks>
    internal async Task<byte[]?> TryAddAsync(AuditSeal seal, KeyEncryptionKey key, CancellationToken cancellationToken)
    {
        var text = seal.HeadsText();
        var hash = AuditChain.SealHash(seal, text);
        var operation = OperationId.New();
        var row = new TableEntity(Partition, RowKey(seal.Number))
        {
            [OperationColumn] = operation,
            ["n"] = seal.Number,
            ["at"] = seal.At,
            ["prev"] = seal.Previous,
            ["oldest"] = seal.Oldest,
            ["hash"] = hash,
            ["mac"] = AuditChain.Mac(key, hash),
            ["kek"] = key.Version,
        };
        foreach (var (index, chunk) in text.Chunk(ChunkLength).Index())
        {
            row[$"heads{index}"] = new string(chunk);
        }

        if (seal.Dropped is { } dropped)
        {
            row["dropped"] = dropped;
        }

        try
        {
            await AlterTables.InTableAsync(tables.Seals, () => tables.Seals.AddEntityAsync(row, cancellationToken));
            return hash;
        }
        catch (RequestFailedException e) when (e.Status is 409)
        {
            var found = await tables.Seals.GetEntityIfExistsAsync<TableEntity>(Partition, row.RowKey, [OperationColumn], cancellationToken);
            return found.HasValue && found.Value!.GetString(OperationColumn) == operation ? hash : null;
        }
    }

    /// <summary>Removes the seals before a number.</summary>
    /// <returns>How many.</returns>
    /// <remarks>A query per 1,000, a transaction per 100.</remarks>
    internal async Task<int> DropBeforeAsync(long number, CancellationToken cancellationToken)
    {
        var count = 0;
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition} and RowKey gt {RowKey(number)}");
        await foreach (var page in tables.Seals.QueryAsync<TableEntity>(filter, 1000, ["PartitionKey", "RowKey"], cancellationToken).AsPages())
        {
            foreach (var batch in page.Values.Chunk(100))
            {
                try
                {
                    await tables.Seals.SubmitTransactionAsync(batch.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, ETag.All)), cancellationToken);
                    count += batch.Length;
                }
                catch (RequestFailedException e) when (e.Status is 404)
                {
                    // Another was faster; what it left comes up again.
                }
            }
        }

        return count;
    }

    private static string RowKey(long number) => (9_999_999_999 - number).ToString("D10", CultureInfo.InvariantCulture);

    private static StoredSeal Read(TableEntity row)
    {
        var place = long.TryParse(row.RowKey, NumberStyles.None, CultureInfo.InvariantCulture, out var key) ? 9_999_999_999 - key : 0;
        var heads = AuditSeal.ReadHeads(string.Concat(Enumerable.Range(0, 64).Select(index => row.TryGetValue($"heads{index}", out var chunk) ? chunk as string : null).TakeWhile(chunk => chunk is not null)));
        var seal = heads is not null && Value("n") is long number && Value("at") is DateTimeOffset at && Value("prev") is byte[] previous && Value("oldest") is long oldest
            ? new AuditSeal(number, at, heads, previous, Value("dropped") as string, oldest)
            : null;
        return new StoredSeal(seal, place, Value("hash") as byte[] ?? [], Value("mac") as byte[] ?? [], Value("kek") as string ?? "");

        object? Value(string column) => row.TryGetValue(column, out var value) ? value : null;
    }
}
