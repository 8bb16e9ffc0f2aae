using Alter.Bench.Running;
using Alter.Keys;
using Alter.Testing;

namespace Alter.Bench.Storage;

/// <summary>Counts what each path asks of storage, on the wire of a real worker, and holds it against docs/storage.md.</summary>
public static class RoundTrips
{
    // A timer or a queue function in between would count for a path that has nothing to do with it.
    private static readonly Dictionary<string, string> Silent = new()
    {
        ["AzureWebJobs.RunPeriodicWork.Disabled"] = "true",
        ["AzureWebJobs.RefreshDueGrant.Disabled"] = "true",
        ["AzureWebJobs.TellProviderOfRevocation.Disabled"] = "true",
    };

    /// <summary>Walks every path once, after one that pays for the process's first use.</summary>
    public static async Task<Report> RunAsync(CancellationToken cancellationToken)
    {
        var checkout = LocalKeySource.FindCheckout(AppContext.BaseDirectory) ?? throw new DirectoryNotFoundException("No folder above holds Alter.Functions.sln.");
        var promised = StorageTable.Read(await File.ReadAllTextAsync(Path.Combine(checkout, "docs", "storage.md"), cancellationToken));
        await using var vault = await BenchVault.StartAsync(new BenchSetup { CountsStorage = true, Settings = Silent }, cancellationToken);
        vault.Servers["strict"].BeforeAnswer = () => TimeSpan.FromSeconds(1); // Longer than any storage request: what runs beside the answer has ended before it.
        await foreach (var _ in WalkAsync(vault, cancellationToken))
        {
        }

        var rows = new List<IReadOnlyDictionary<string, object>>();
        var misses = new List<string>();
        await foreach (var (path, measured) in WalkAsync(vault, cancellationToken))
        {
            var expected = promised.GetValueOrDefault(path);
            rows.Add(new Dictionary<string, object>
            {
                ["path"] = path,
                ["S measured"] = measured.Sequential,
                ["S documented"] = expected?.Sequential ?? (object)"none",
                ["operations measured"] = measured.Total,
                ["documented, on and off the path"] = expected?.Total ?? (object)"none",
            });
            if (expected is null || expected.Sequential != measured.Sequential || expected.Total != measured.Total)
            {
                misses.Add($"{path}: measured {measured.Sequential} in sequence of {measured.Total}, docs/storage.md has {expected?.Sequential} of {expected?.Total}: {measured.What}.");
            }
        }

        return new Report("round-trips", new Dictionary<string, object> { ["paths"] = rows.Count }, rows, misses);
    }

    private static async IAsyncEnumerable<(string Path, MeasuredCost Cost)> WalkAsync(
        BenchVault vault, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (path, isStale) in new[] { ("proxied call, by provider or grant id", false), ("the same, token to be refreshed", true) })
        {
            var grant = await vault.GrantAsync("strict", isStale);
            yield return (path, await MeasuredCost.OfAsync(
                vault,
                async () =>
                {
                    Require(path, (await vault.Caller.CallAsync(grant, cancellationToken)).Status, 200);
                    return new MeasuredCost.Window(grant.Server.CalledAt, isStale ? grant.Server.Redeemed : default);
                },
                cancellationToken));
        }

        var user = new ConnectingUser(vault, $"user-{A.Unique()}");
        yield return ("mint a session", await CountAsync("mint", () => user.MintAsync(cancellationToken), 201));
        yield return ("open", await CountAsync("open", async () => await user.OpenAsync(cancellationToken) is null ? 0 : 200, 200));
        var url = "";
        yield return ("authorize", await CountAsync("authorize", async () => (url = await user.AuthorizeAsync(cancellationToken) ?? "").Length > 0 ? 200 : 0, 200));
        var consent = vault.Erp.Consent(url, $"{A.Unique()}@erp.example");
        yield return ("callback", await CountAsync("callback", () => user.CallbackAsync(consent, cancellationToken), 303));
        yield return ("status", await CountAsync("status", () => user.StatusAsync(cancellationToken), 200));
        yield return ("close", await CountAsync("close", () => user.CloseAsync(cancellationToken), 204));
        IReadOnlyList<string> grants = [];
        yield return ("list", await CountAsync("list", async () => (grants = await user.ListAsync(cancellationToken)).Count, 1));
        yield return ("revoke", await CountAsync("revoke", () => user.RevokeAsync(grants[0], cancellationToken), 200));

        Task<MeasuredCost> CountAsync(string path, Func<Task<int>> use, int expected) => MeasuredCost.OfAsync(
            vault,
            async () =>
            {
                Require(path, await use(), expected);
                return null;
            },
            cancellationToken);
    }

    private static void Require(string path, int status, int expected)
    {
        if (status != expected)
        {
            throw new InvalidOperationException($"{path} answered {status} instead of {expected}, so there is nothing to count.");
        }
    }
}
