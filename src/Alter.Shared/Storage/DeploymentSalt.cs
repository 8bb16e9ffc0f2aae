using System.Security.Cryptography;
using Azure;
using Azure.Data.Tables;

namespace Alter.Storage;

/// <summary>
/// 32 random bytes of this deployment, made once and never rotated (row <c>jobs</c>/<c>deployment</c>/<c>salt</c>). Keys of rows are HMACs under it,
/// so that an id cannot confirm a guessed user or account. Part of every backup: without it no grant is found again.
/// </summary>
public sealed class DeploymentSalt
{
    internal const string Partition = "deployment";
    internal const string Row = "salt";
    internal const int Length = 32;

    private const string ValueColumn = "value";

    private readonly Once<byte[]> salt;

    public DeploymentSalt(AlterTables tables) => salt = new Once<byte[]>(() => ReadOrInsertAsync(tables));

    private DeploymentSalt(byte[] existing) => salt = new Once<byte[]>(() => Task.FromResult(existing));

    /// <summary>The salt for those who read only: nothing is made. Null where nothing was ever stored.</summary>
    /// <remarks>One point read.</remarks>
    public static async Task<DeploymentSalt?> FindAsync(AlterTables tables, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tables);
        return await FindValueAsync(tables, cancellationToken) is { } existing ? new DeploymentSalt(existing) : null;
    }

    /// <summary>HMAC-SHA256 over the length-prefixed parts: no two lists of parts collide.</summary>
    /// <remarks>One point read in a process's life, none after.</remarks>
    public async Task<byte[]> HashAsync(string[] parts, CancellationToken cancellationToken) =>
        HMACSHA256.HashData(await salt.GetAsync(cancellationToken), LengthPrefixed(parts));

    /// <summary>Each part as UTF-8 behind its length in four bytes, big-endian.</summary>
    public static byte[] LengthPrefixed(params ReadOnlySpan<string> parts)
    {
        var gathered = new LengthPrefixed(512);
        try
        {
            foreach (var part in parts)
            {
                gathered.Add(part);
            }

            return gathered.ToArray();
        }
        finally
        {
            gathered.Dispose();
        }
    }

    /// <summary>The salt in its row; null where the row holds none.</summary>
    internal static byte[]? ValueOf(TableEntity row) => row.TryGetValue(ValueColumn, out var value) ? value as byte[] : null;

    /// <summary>The row of a salt.</summary>
    internal static TableEntity RowOf(byte[] salt) => new(Partition, Row) { [ValueColumn] = salt };

    private static async Task<byte[]> ReadOrInsertAsync(AlterTables tables)
    {
        // As a call reads: the first of a process waits for this.
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition} and RowKey eq {Row}");
        if (await tables.ReadAsync(tables.Jobs, filter, CancellationToken.None) is [var row] && row[ValueColumn] is byte[] existing)
        {
            return existing;
        }

        await tables.EnsureAsync(CancellationToken.None);
        try
        {
            await tables.Jobs.AddEntityAsync(
                RowOf(RandomNumberGenerator.GetBytes(Length)),
                CancellationToken.None);
        }
        catch (RequestFailedException e) when (e.Status is 409)
        {
            // Another instance was first, or our own answer got lost: the stored one counts either way.
        }

        return await FindValueAsync(tables, CancellationToken.None) ?? throw new InvalidOperationException("The deployment salt was inserted and cannot be read.");
    }

    private static async Task<byte[]?> FindValueAsync(AlterTables tables, CancellationToken cancellationToken)
    {
        var row = await tables.Jobs.GetEntityIfExistsAsync<TableEntity>(Partition, Row, cancellationToken: cancellationToken);
        return row.HasValue ? ValueOf(row.Value!) : null;
    }
}
