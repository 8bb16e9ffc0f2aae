using Alter.Bench.Running;
using Alter.Keys;
using Alter.Testing;

namespace Alter.Bench.Storage;

/// <summary>Counts what each path asks of storage, on the wire of a real worker, and holds it against docs/storage.md.</summary>
public static class RoundTrips
{
    private static readonly Dictionary<string, string> Limits = new()
    {
        ["none"] = Limit("user", 400),
        ["grace"] = Limit("grant", 400),
        ["unknown"] = Limit("user", 1),
    };

    /// <summary>Walks every path once, after one that pays for the process's first use.</summary>
    public static async Task<Report> RunAsync(CancellationToken cancellationToken)
    {
        var checkout = LocalKeySource.FindCheckout(AppContext.BaseDirectory) ?? throw new DirectoryNotFoundException("No folder above holds Alter.Functions.sln.");
        var promised = StorageTable.Read(await File.ReadAllTextAsync(Path.Combine(checkout, "docs", "storage.md"), cancellationToken));
        await using var vault = await BenchVault.StartAsync(new BenchSetup { CountsStorage = true, Settings = BenchVault.Still, Policies = Limits }, cancellationToken);
        vault.Servers["strict"].BeforeAnswer = () => TimeSpan.FromSeconds(1); // Longer than any storage request: what runs beside the answer has ended before it.
        var measured = await CountAsync(vault, cancellationToken);
        for (var walk = 0; walk < 3 && (walk is 0 || measured.Any(path => Differs(path.Value, promised.GetValueOrDefault(path.Key)))); walk++)
        {
            // On a busy machine two requests sent together may miss each other, and one off the path may come when the next path has begun.
            var again = await CountAsync(vault, cancellationToken);
            measured = walk is 0 ? again : again.ToDictionary(path => path.Key, path => Differs(measured[path.Key], promised.GetValueOrDefault(path.Key)) ? path.Value : measured[path.Key]);
        }

        var rows = measured.Select(path => Row(path.Key, path.Value, promised.GetValueOrDefault(path.Key))).ToArray();
        var misses = measured.Where(path => Differs(path.Value, promised.GetValueOrDefault(path.Key))).Select(path =>
            $"{path.Key}: {path.Value.Sequential} in sequence of {path.Value.Total}, docs/storage.md has {promised.GetValueOrDefault(path.Key)}: {path.Value.What}.").ToArray();
        return new Report("round-trips", new Dictionary<string, object> { ["paths"] = rows.Length }, rows, misses);
    }

    private static bool Differs(MeasuredCost measured, PromisedCost? promised) => promised != new PromisedCost(measured.Sequential, measured.Total);

    private static Dictionary<string, object> Row(string path, MeasuredCost measured, PromisedCost? promised) => new()
    {
        ["path"] = path,
        ["S measured"] = measured.Sequential,
        ["S documented"] = promised?.Sequential ?? (object)"none",
        ["operations measured"] = measured.Total,
        ["documented, on and off the path"] = promised?.Total ?? (object)"none",
    };

    private static async Task<IReadOnlyDictionary<string, MeasuredCost>> CountAsync(BenchVault vault, CancellationToken cancellationToken)
    {
        var costs = new Dictionary<string, MeasuredCost>();
        await foreach (var (path, cost) in WalkAsync(vault, cancellationToken))
        {
            costs[path] = cost;
        }

        return costs;
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

        foreach (var (path, provider) in new[] { ("call under a limit of at most 400 per user, app or key", "none"), ("call under a limit of at most 400 per grant", "grace") })
        {
            var grant = await vault.GrantAsync(provider, isStale: false);
            yield return (path, await MeasuredCost.OfAsync(
                vault,
                async () =>
                {
                    Require(path, (await vault.Caller.CallAsync(grant, cancellationToken)).Status, 200);
                    return new MeasuredCost.Window(grant.Server.CalledAt, default);
                },
                cancellationToken));
        }

        var limited = await vault.GrantAsync("unknown", isStale: false);
        Require("the one call of a limit", (await vault.Caller.CallAsync(limited, cancellationToken)).Status, 200);
        await MeasuredCost.OfAsync(vault, () => Task.FromResult<MeasuredCost.Window?>(null), cancellationToken); // Its last-used note is over.
        yield return ("call that a limit refuses", await OfAsync("refused call", async () => (await vault.Caller.CallAsync(limited, cancellationToken)).Status, 429));

        var user = new ConnectingUser(vault, $"user-{A.Unique()}");
        yield return ("mint a session", await OfAsync("mint", () => user.MintAsync(cancellationToken), 201));
        yield return ("open", await OfAsync("open", async () => await user.OpenAsync(cancellationToken) is null ? 0 : 200, 200));
        var url = "";
        yield return ("authorize", await OfAsync("authorize", async () => (url = await user.AuthorizeAsync(cancellationToken) ?? "").Length > 0 ? 200 : 0, 200));
        var consent = vault.Erp.Consent(url, $"{A.Unique()}@erp.example");
        yield return ("callback", await OfAsync("callback", () => user.CallbackAsync(consent, cancellationToken), 303));
        yield return ("status", await OfAsync("status", async () => await user.StatusAsync(cancellationToken) is null ? 0 : 200, 200));
        yield return ("close", await OfAsync("close", () => user.CloseAsync(cancellationToken), 204));
        IReadOnlyList<string> grants = [];
        yield return ("list", await OfAsync("list", async () => (grants = await user.ListAsync(cancellationToken)).Count, 1));
        yield return ("revoke", await OfAsync("revoke", () => user.RevokeAsync(grants[0], cancellationToken), 200));

        Task<MeasuredCost> OfAsync(string path, Func<Task<int>> use, int expected) => MeasuredCost.OfAsync(
            vault,
            async () =>
            {
                Require(path, await use(), expected);
                return null;
            },
            cancellationToken);
    }

    private static string Limit(string per, int limit) => $$"""[{ "name": "limit", "kind": "rate", "per": "{{per}}", "limit": {{limit}}, "window_seconds": 86400 }]""";

    private static void Require(string path, int status, int expected)
    {
        if (status != expected)
        {
            throw new InvalidOperationException($"{path} answered {status} instead of {expected}, so there is nothing to count.");
        }
    }
}
