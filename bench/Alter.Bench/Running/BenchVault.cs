using System.Collections.Concurrent;
using System.Reflection;
using Alter.Apps;
using Alter.FunctionsHost;
using Alter.Grants;
using Alter.Keys;
using Alter.Providers;
using Alter.Testing;

namespace Alter.Bench.Running;

/// <summary>What is not ordinary about a vault under measurement.</summary>
public sealed record BenchSetup
{
    /// <summary>Worker processes behind the one address.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Null: the vault's own lease of 45 seconds.</summary>
    public int? LeaseSeconds { get; init; }

    /// <summary>How long provider <c>grace</c> still takes a spent token.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>True: every storage request of the vault goes through <see cref="BenchVault.Relay"/> and is counted there.</summary>
    public bool CountsStorage { get; init; }

    /// <summary>True: it goes through the relay, which answers 503 when it is told to.</summary>
    public bool DisturbsStorage { get; init; }

    /// <summary>True: the key-encryption key is a secret of <see cref="BenchVault.KeyVault"/> instead of a local file.</summary>
    public bool HasKeyVault { get; init; }

    /// <summary>Policies of providers, as JSON, by provider id.</summary>
    public IReadOnlyDictionary<string, string> Policies { get; init; } = new Dictionary<string, string>();

    /// <summary>One more host, with its port, that providers answer on; null: none.</summary>
    public string? ApiHost { get; init; }

    /// <summary>Done while storage is there and no worker is yet.</summary>
    public Func<BenchVault, Task> BeforeHost { get; init; } = _ => Task.CompletedTask;

    /// <summary>Further settings.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}

/// <summary>The vault as it is deployed, real workers on loopback with Azurite, and grants put into its storage as Connect would.</summary>
public sealed class BenchVault : IAsyncDisposable
{
    internal const string App = "shop";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("alter-bench-");
    /// <summary>Settings for workers that live for seconds: what the runtime gathers in order to compile better later is of no use to them.</summary>
    public static readonly IReadOnlyDictionary<string, string> StartedOften = new Dictionary<string, string> { ["DOTNET_TieredPGO"] = "0", ["DOTNET_TC_CallCountThreshold"] = "3E8" };

    /// <summary>Settings of the runtime that infra/app.bicep deploys it with, for every worker whose speed is measured.</summary>
    public static readonly IReadOnlyDictionary<string, string> AsDeployed = new Dictionary<string, string> { ["DOTNET_GCgen0size"] = "0x2000000" };

    /// <summary>Settings that keep timers and queues still, which would come between what is counted or timed.</summary>
    public static readonly IReadOnlyDictionary<string, string> Still = new Dictionary<string, string>
    {
        ["AzureWebJobs.RunPeriodicWork.Disabled"] = "true",
        ["AzureWebJobs.RefreshDueGrant.Disabled"] = "true",
        ["AzureWebJobs.TellProviderOfRevocation.Disabled"] = "true",
    };

    private const int MostLines = 100_000;

    private readonly ConcurrentQueue<string> log = new();
    private IReadOnlyDictionary<string, string> settings = new Dictionary<string, string>();
    private LocalFunctionsHost? host;
    private Vault? inside;
    private Caller? caller;

    /// <summary>The app's key.</summary>
    public string Key { get; } = AppKeys.Prefix + "bench-only-key-bench-only-key-bench-only-ke";

    public Azurite Azurite { get; private set; } = null!;

    public FakeIdentityProvider Users { get; private set; } = null!;

    /// <summary>The provider people connect to.</summary>
    public FakeProvider Erp { get; private set; } = null!;

    /// <summary>Which vault runs: what was built beside this program, unless another folder is given.</summary>
    public static string AppDirectory { get; set; } = Path.GetFullPath(Metadata("FunctionsOutput"));

    /// <summary>Providers <c>none</c>, <c>grace</c>, <c>strict</c> and <c>unknown</c> (which is as strict), named for their rotation.</summary>
    public IReadOnlyDictionary<string, FakeTokenServer> Servers { get; private set; } = new Dictionary<string, FakeTokenServer>();

    public LocalFunctionsHost Host => host!;

    public Caller Caller => caller!;

    /// <summary>The vault's rooms over the same storage, in this process: for seeding and looking.</summary>
    public Vault Inside => inside!;

    /// <summary>Where the workers have their key from; null unless <see cref="BenchSetup.HasKeyVault"/>.</summary>
    public BenchKeyVault? KeyVault { get; private set; }

    /// <summary>What stands before storage; null unless the setup says so.</summary>
    public StorageRelay? Relay { get; private set; }

    /// <summary>The last lines host and workers wrote.</summary>
    public IReadOnlyCollection<string> Log => log;

    /// <summary>What of it is about exceptions, at most 400 characters each: where a goal is missed, this is read first.</summary>
    public IEnumerable<string> Faults => log.Where(line => line.Contains("Exception", StringComparison.Ordinal)).Select(line => line[..Math.Min(line.Length, 400)]).Distinct();

    /// <summary>Starts everything.</summary>
    public static async Task<BenchVault> StartAsync(BenchSetup setup, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(setup);
        var vault = new BenchVault();
        try
        {
            await vault.StartAllAsync(setup, cancellationToken);
            return vault;
        }
        catch
        {
            await vault.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more host of the same vault, with one worker and settings of its own; its owner disposes it before the vault.</summary>
    public async Task<VaultHost> StartBesideAsync(IReadOnlyDictionary<string, string> changed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(changed);
        var port = FreePort.Next();
        var own = new Dictionary<string, string>(settings) { ["ALTER_PUBLIC_URL"] = $"http://localhost:{port}" };
        foreach (var (name, value) in changed)
        {
            own[name] = value;
        }

        var beside = await LocalFunctionsHost.StartAsync(new FunctionsHostOptions { AppDirectory = AppDirectory, Port = port, Settings = own, Output = Write }, cancellationToken);
        return new VaultHost(beside, new Caller(new Uri($"http://localhost:{port}"), Key, Users));
    }

    /// <summary>A stored grant of an account nobody else has.</summary>
    /// <param name="provider"><c>none</c>, <c>grace</c>, <c>strict</c> or <c>unknown</c>.</param>
    /// <param name="isStale">True: its access token expired an hour ago.</param>
    /// <param name="subject">Whose it is; null: a user nobody else has.</param>
    /// <param name="dueIn">When the timer looks at it; an hour is far enough for no timer to come between, and it moves when the grant is refreshed.</param>
    public Task<BenchGrant> GrantAsync(string provider, bool isStale, string? subject = null, TimeSpan? dueIn = null) =>
        Patiently.AskAsync(() => SeedAsync(provider, subject ?? $"user-{A.Unique()}", isStale, dueIn ?? TimeSpan.FromHours(1)));

    /// <summary>What was said about a grant, oldest first.</summary>
    public IEnumerable<string> LinesAbout(BenchGrant grant)
    {
        ArgumentNullException.ThrowIfNull(grant);
        return log.Where(line => line.Contains($"{grant.Row.Id}", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        if (host is not null)
        {
            await host.DisposeAsync();
        }

        caller?.Dispose();
        inside?.Dispose();
        foreach (var part in new IAsyncDisposable?[] { Relay, KeyVault, Users, Erp, Azurite }.Concat(Servers.Values))
        {
            if (part is not null)
            {
                await part.DisposeAsync();
            }
        }

        folder.Delete(recursive: true);
    }

    private async Task<BenchGrant> SeedAsync(string provider, string subject, bool isStale, TimeSpan dueIn)
    {
        var account = $"{subject}-{A.Unique()}@example.com";
        var owner = await Inside.Owners.OfAsync(new UserId(App, Users.Issuer, "sub", subject), CancellationToken.None);
        var (access, refresh, family) = Servers[provider].Issue(account);
        var lifetime = Servers[provider].AccessTokenLifetime;
        var grant = await Inside.GrantAsync(draft =>
        {
            (draft.Provider, draft.Owner, draft.Account, draft.Access, draft.Refresh, draft.AccessTokenLifetime) = (provider, owner, account, access, refresh, lifetime);
            if (isStale)
            {
                draft.CreatedAt -= TimeSpan.FromHours(2);
            }

            draft.Change = made => made with { DueAt = TimeProvider.System.GetUtcNow() + dueIn };
        });
        return new BenchGrant(grant, family, Servers[provider], Caller.UserToken(subject)) { User = subject };
    }

    private async Task StartAllAsync(BenchSetup setup, CancellationToken cancellationToken)
    {
        Azurite = await Azurite.StartAsync();
        Users = await FakeIdentityProvider.StartAsync(TimeProvider.System);
        Erp = await FakeProvider.StartAsync();
        Servers = new Dictionary<string, FakeTokenServer>
        {
            ["none"] = await FakeTokenServer.StartAsync(RotationKind.None),
            ["grace"] = await FakeTokenServer.StartAsync(RotationKind.Grace, setup.Grace),
            ["strict"] = await FakeTokenServer.StartAsync(RotationKind.Strict),
            ["unknown"] = await FakeTokenServer.StartAsync(RotationKind.Unknown),
        };
        Relay = setup.CountsStorage || setup.DisturbsStorage ? await StorageRelay.StartAsync(Azurite.ConnectionString, setup.CountsStorage) : null;
        KeyVault = setup.HasKeyVault ? await BenchKeyVault.StartAsync(folder.FullName, cancellationToken) : null;
        var document = Path.Combine(folder.FullName, "alter.json");
        await File.WriteAllTextAsync(document, BenchDocument.For(this, setup.Policies, setup.ApiHost), cancellationToken);
        var state = Path.Combine(folder.FullName, "state");
        var port = FreePort.Next();
        var common = new Dictionary<string, string>
        {
            ["AlterStorage"] = Relay?.ConnectionString ?? Azurite.ConnectionString,
            ["AzureWebJobsStorage"] = Azurite.ConnectionString,
            ["ALTER_CONFIG"] = document,
            ["ALTER_PUBLIC_URL"] = $"http://localhost:{port}",
            ["ALTER_STATE_DIRECTORY"] = state,
            ["ALTER_SECRET_SHOP_ERP"] = A.ClientSecret,
            ["AZURE_FUNCTIONS_ENVIRONMENT"] = "Development",
        };
        if (setup.LeaseSeconds is { } seconds)
        {
            common["ALTER_REFRESH_LEASE_SECONDS"] = $"{seconds}";
        }

        foreach (var (name, value) in KeyVault?.Settings ?? new Dictionary<string, string>())
        {
            common[name] = value;
        }

        settings = common;
        var own = new Dictionary<string, string>(common);
        foreach (var (name, value) in setup.Settings)
        {
            own[name] = value;
        }

        inside = new Vault(new VaultSetup(Azurite.ConnectionString, A.App(App, [.. Servers.Select(server => Provider(server.Key, server.Value))]))
        {
            Keys = KeyVault?.Source ?? new LocalKeySource(Path.Combine(state, "kek")),
        });
        caller = new Caller(new Uri($"http://localhost:{port}"), Key, Users);
        await setup.BeforeHost(this);
        host = await LocalFunctionsHost.StartAsync(
            new FunctionsHostOptions
            {
                AppDirectory = AppDirectory,
                Port = port,
                Workers = setup.Workers,
                Settings = own,
                Output = Write,
            },
            cancellationToken);
    }

    private void Write(string line)
    {
        log.Enqueue(line);
        if (log.Count > MostLines)
        {
            log.TryDequeue(out _);
        }
    }

    private static AppProvider Provider(string id, FakeTokenServer server)
    {
        var definition = new ProviderDefinition { Id = id, Name = id, TokenEndpoint = new Uri(server.Url, "/token"), ApiHosts = [server.Url.Authority], AllowInsecureLocal = true };
        return new AppProvider(definition, "shop client", A.ClientSecretName, [], []);
    }

    internal static string Metadata(string key) =>
        typeof(BenchVault).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == key).Value!;
}
