using System.Security.Cryptography;
using Alter.Bench.Running;
using Alter.Grants;
using Alter.Testing;
using Azure.Data.Tables;

namespace Alter.Bench.Growth;

/// <summary>Grants of others, stored to be there: rows as the vault writes them, a hundred to a user, whose secrets nobody ever opens.</summary>
internal sealed class OtherGrants(BenchVault vault)
{
    private const int OfOneUser = 100; // As many as storage takes in one transaction.

    private int stored;

    /// <summary>Stores more until there are so many.</summary>
    /// <param name="like">The grant whose row they copy.</param>
    /// <param name="count">How many there are to be.</param>
    /// <param name="cancellationToken">Ends the storing.</param>
    public async Task StoreAsync(BenchGrant like, int count, CancellationToken cancellationToken)
    {
        var key = like.Row.Key;
        var row = (await vault.Inside.Tables.Grants.GetEntityAsync<TableEntity>(key.Partition, key.Row, cancellationToken: cancellationToken)).Value;
        var users = Enumerable.Range(0, Math.Max(0, count - stored)).Chunk(OfOneUser).ToArray();
        var written = 0;
        await Parallel.ForEachAsync(users, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken }, async (numbers, token) =>
        {
            var owner = new GrantOwner(BenchVault.App, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
            var actions = numbers.Select(_ => new TableTransactionAction(TableTransactionActionType.UpsertReplace, Copy(row, owner, like.Row.Place.Provider))).ToArray();
            await Patiently.AskAsync(() => vault.Inside.Tables.Grants.SubmitTransactionAsync(actions, token));
            if (Interlocked.Add(ref written, numbers.Length) % 10_000 is 0)
            {
                Progress.Say($"growth: {written} more grants stored");
            }
        });
        stored = Math.Max(stored, count);
    }

    private static TableEntity Copy(TableEntity row, GrantOwner owner, string provider)
    {
        var copy = new TableEntity(owner.Partition, $"{provider}|{A.Unique()}");
        foreach (var (name, value) in row.Where(column => column.Key is not ("PartitionKey" or "RowKey" or "Timestamp" or "odata.etag")))
        {
            copy[name] = value;
        }

        copy["uh"] = owner.Hash;
        return copy;
    }
}
