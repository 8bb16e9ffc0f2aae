using System.Globalization;

namespace Alter.Start;

/// <summary>The running product: storage emulator, vault, identity provider, calendar and shop, each a process of its own.</summary>
internal sealed class Product : IAsyncDisposable
{
    // The vault ends its calls, its listeners and its workers one after the other, five seconds each at most.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(16);

    // Ctrl-C reaches every process of a terminal at once: a child that leaves is first given time to have been told.
    private static readonly TimeSpan SignalsDiffer = TimeSpan.FromMilliseconds(500);

    // Well known and public (Azurite's README); it opens nothing but this emulator.
    private const string EmulatorAccount =
        "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;";

    private const int VaultColour = 36;

    private readonly ProductPlan plan;
    private readonly TimeProvider time;
    private readonly Action<string, int, string> output;
    private readonly List<Child> children = [];

    private Product(ProductPlan plan, Action<string, int, string> output, TimeProvider time) => (this.plan, this.output, this.time) = (plan, output, time);

    /// <summary>The children, in the order they were started.</summary>
    public IReadOnlyList<Child> Children => children;

    /// <summary>Starts everything and returns when all of it answers.</summary>
    /// <param name="output">Takes a child's name, its colour and a line.</param>
    public static async Task<Product> StartAsync(ProductPlan plan, Terminal terminal, Action<string, int, string> output, TimeProvider time, CancellationToken cancellationToken)
    {
        var product = new Product(plan, output, time);
        try
        {
            var storage = await terminal.PhaseAsync("Starting the storage emulator", () => product.StartStorageAsync(cancellationToken));
            await terminal.PhaseAsync("Starting vault, identity provider, calendar and shop", () => product.StartServersAsync(storage, cancellationToken));
            return product;
        }
        catch
        {
            await product.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends with a failure when a child leaves, or as cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAny(children.Select(child => child.Exited)).WaitAsync(cancellationToken);
        await Task.Delay(SignalsDiffer, time, cancellationToken);
        var dead = children.First(child => child.Exited.IsCompleted);
        throw new StartFailure($"{dead.Name} ended by itself with exit code {dead.ExitCode}; everything else is stopped too.");
    }

    public async ValueTask DisposeAsync()
    {
        // The emulator goes last: the others still write.
        await Task.WhenAll(children.Skip(1).Select(child => child.StopAsync(Patience, time)));
        await Task.WhenAll(children.Take(1).Select(child => child.StopAsync(Patience, time)));
        children.ForEach(child => child.Dispose());
    }

    private async Task<string> StartStorageAsync(CancellationToken cancellationToken)
    {
        if (LocalPorts.Free(3) is not [var blob, var queue, var table])
        {
            throw new InvalidOperationException("Three ports were asked for.");
        }

        var emulator = Start("storage", 37, Tool.Find("node")!,
            [plan.Checkout.AzuriteScript, "--silent", "--disableTelemetry", "--location", plan.State.Storage, "--blobPort", $"{blob}", "--queuePort", $"{queue}", "--tablePort", $"{table}"], []);
        using var readiness = new Readiness(time);
        foreach (var port in (int[])[blob, queue, table])
        {
            await readiness.UntilListeningAsync(emulator, port, cancellationToken);
        }

        var connection = $"{EmulatorAccount}BlobEndpoint={Endpoint(blob)};QueueEndpoint={Endpoint(queue)};TableEndpoint={Endpoint(table)};";
        plan.State.WriteConnection(connection);
        return connection;

        static string Endpoint(int port) => $"http://127.0.0.1:{port}/devstoreaccount1";
    }

    private async Task StartServersAsync(string storage, CancellationToken cancellationToken)
    {
        var checkout = plan.Checkout;
        var vault = Start("vault", VaultColour, Tool.Dotnet,
            [checkout.FunctionsHost, checkout.Vault, "--port", $"{plan.Ports.Vault}", "--workers", plan.Workers.ToString(CultureInfo.InvariantCulture)], plan.VaultSettings(storage));
        var identity = Start("identity", 35, Tool.Dotnet, [checkout.Server("IdentityProvider")], plan.IdentityProviderSettings());
        var calendar = Start("calendar", 33, Tool.Dotnet, [checkout.Server("Calendar")], plan.CalendarSettings());
        var shop = Start("shop", 32, Tool.Dotnet, [checkout.Server("Shop")], plan.ShopSettings());

        using var readiness = new Readiness(time);
        var serving = readiness.UntilServesAsync(vault, new Uri(plan.Ports.VaultUrl, "/health/ready"), cancellationToken);
        await Task.WhenAll(
            serving,
            readiness.UntilAnswersAsync(identity, new Uri(plan.Ports.IdentityProviderUrl, "/.well-known/openid-configuration"), cancellationToken),
            readiness.UntilAnswersAsync(calendar, new Uri(plan.Ports.CalendarUrl, "/.well-known/openid-configuration"), cancellationToken),
            readiness.UntilAnswersAsync(shop, plan.Ports.ShopUrl, cancellationToken));
        foreach (var secret in await serving)
        {
            output("vault", VaultColour, $"Client secret {secret}");
        }
    }

    private Child Start(string name, int colour, string command, IEnumerable<string> arguments, Dictionary<string, string> settings)
    {
        var child = Child.Start(name, command, arguments, settings, line => output(name, colour, line));
        children.Add(child);
        return child;
    }
}
