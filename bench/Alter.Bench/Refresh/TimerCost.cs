using Alter.Bench.Running;
using Alter.Grants;
using Alter.Testing;

namespace Alter.Bench.Refresh;

/// <summary>What the minute's look for due grants costs, by how many grants wait for a later time.</summary>
/// <remarks>It reads table <c>due</c> alone, which has one row per stored grant; that row is all that is seeded.</remarks>
public static class TimerCost
{
    private const int Shards = 16;

    /// <summary>Dispatches once per size.</summary>
    /// <param name="sizes">Stored grants, rising.</param>
    /// <param name="due">How many of them are due.</param>
    /// <param name="cancellationToken">Ends the seeding.</param>
    public static async Task<Report> RunAsync(IReadOnlyList<int> sizes, int due, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        await using var azurite = await Azurite.StartAsync();
        using var vault = new Vault(new VaultSetup(azurite.ConnectionString, A.App(A.AppId())));
        var rows = new List<IReadOnlyDictionary<string, object>>();
        var misses = new List<string>();
        var stored = 0;
        await vault.DueGrants.DispatchAsync(cancellationToken); // First use: tables and queue.
        foreach (var size in sizes)
        {
            await SeedAsync(vault, size - due - stored, () => TimeSpan.FromDays(1 + (29 * Random.Shared.NextDouble())), cancellationToken);
            stored = Math.Max(stored, size - due);
            var now = await SeedAsync(vault, due, () => TimeSpan.FromMinutes(-1), cancellationToken);
            var (before, started) = (vault.Network.Requests, TimeProvider.System.GetTimestamp());
            var sent = 0;
            var messages = await vault.Due.DispatchAsync(
                (_, _) =>
                {
                    Interlocked.Increment(ref sent);
                    return Task.CompletedTask;
                },
                TimeSpan.FromMinutes(5),
                cancellationToken);
            var (took, operations) = (TimeProvider.System.GetElapsedTime(started), vault.Network.Requests - before);
            foreach (var grant in now)
            {
                await Patiently.AskAsync(() => DeleteAsync(vault, grant, cancellationToken));
            }

            rows.Add(new Dictionary<string, object>
            {
                ["stored grants"] = size,
                ["due"] = due,
                ["messages"] = messages,
                ["table operations"] = operations,
                ["ms without sending"] = (int)took.TotalMilliseconds,
            });
            var most = Shards * (1 + (int)Math.Ceiling(due / 100.0));
            if (messages != due || sent != due || operations > most)
            {
                misses.Add($"{size} stored: {messages} messages for {due} due grants, {operations} table operations instead of at most {most}.");
            }
        }

        return new Report("timer-cost", new Dictionary<string, object> { ["due"] = due, ["stored"] = sizes }, rows, misses);
    }

    private static async Task<IReadOnlyList<Grant>> SeedAsync(Vault vault, int count, Func<TimeSpan> from, CancellationToken cancellationToken)
    {
        var key = await vault.Ring.CurrentAsync(cancellationToken);
        var now = TimeProvider.System.GetUtcNow();
        var grants = Enumerable.Range(0, Math.Max(0, count)).Select(_ => A.Grant(key, draft => draft.Change = grant => grant with { DueAt = now + from() })).ToArray();
        await Parallel.ForEachAsync(grants, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken }, async (grant, token) =>
            await Patiently.AskAsync(async () =>
            {
                await vault.Due.AddAsync(grant, grant.DueAt!.Value, token);
                return true;
            }));
        return grants;
    }

    private static async Task<bool> DeleteAsync(Vault vault, Grant grant, CancellationToken cancellationToken)
    {
        await vault.Due.DeleteAsync(grant.Id, grant.DueAt!.Value, cancellationToken);
        return true;
    }
}
