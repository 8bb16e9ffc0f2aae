using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Alter.FunctionsHost;
using Alter.Keys;
using Alter.Testing;
using Microsoft.AspNetCore.Builder;
using Quickstart.Calendar;
using Quickstart.IdentityProvider;

namespace Alter.Functions.Tests.Running;

/// <summary>What is not ordinary about a vault.</summary>
public sealed record RunningSetup
{
    /// <summary>Worker processes behind the one address.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Life of the calendar's access tokens.</summary>
    public TimeSpan CalendarTokenLifetime { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>Null: the vault's own.</summary>
    public int? LeaseSeconds { get; init; }

    /// <summary>The vault moves, from 127.0.0.1 to localhost.</summary>
    public bool IsMoving { get; init; }

    /// <summary>Storage lies in a folder, so that it can be stopped, started again and looked at.</summary>
    public bool PersistsStorage { get; init; }

    /// <summary>The vault's folder; null: as it was built.</summary>
    public string? App { get; init; }

    /// <summary>Instead of the ordinary document.</summary>
    public string? Document { get; init; }

    /// <summary>What is not ordinary about the ordinary document.</summary>
    public Action<JsonObject> Change { get; init; } = _ => { };

    /// <summary>Further settings.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}

/// <summary>
/// The vault as it is deployed, workers and all, with everything around it: storage, two identity providers (one real, one that signs anything), the
/// quickstart's calendar, two OAuth providers without a consent page, and an API that answers what a test wants.
/// </summary>
public sealed class RunningVault : IAsyncDisposable
{
    private const int LinesOfCause = 20;
    private const string Killed = "exit code 137"; // By a test.

    private readonly ConcurrentQueue<string> log = new();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("alter-vault-");
    private LocalFunctionsHost? host;

    private RunningVault(RunningSetup setup, int port)
    {
        PublicUrl = new Uri($"http://localhost:{port}/");
        FormerPublicUrl = new Uri($"http://127.0.0.1:{port}/");
        Azurite = new Azurite { Folder = setup.PersistsStorage ? Path.Combine(folder.FullName, "storage") : null };
    }

    /// <summary>Where the built vault lies.</summary>
    public static string AppDirectory { get; } = Path.GetFullPath(Metadata("FunctionsOutput"));

    /// <summary>The top of the checkout.</summary>
    public static string Checkout { get; } = LocalKeySource.FindCheckout(AppContext.BaseDirectory)
        ?? throw new DirectoryNotFoundException("No folder above holds Alter.Functions.sln.");

    /// <summary>The vault's public origin.</summary>
    public Uri PublicUrl { get; }

    /// <summary>The origin it moves away from, where it moves: to a browser another one.</summary>
    public Uri FormerPublicUrl { get; }

    public Azurite Azurite { get; }

    /// <summary>The app keys by name, and where they are good.</summary>
    public DocumentKeys Keys { get; } = new();

    public LocalFunctionsHost Host => host!;

    public WebApplication Calendar { get; private set; } = null!;

    public Uri CalendarUrl { get; } = new($"http://localhost:{FreePort.Next()}/");

    public Uri IdentityProviderUrl { get; } = new($"http://localhost:{FreePort.Next()}/");

    public WebApplication IdentityProvider { get; private set; } = null!;

    /// <summary>Signs tokens for any user, and any token for attackers.</summary>
    public FakeIdentityProvider Users { get; private set; } = null!;

    /// <summary>Behind provider <c>erp</c>.</summary>
    public FakeProvider Erp { get; private set; } = null!;

    /// <summary>Behind provider <c>crm</c>: another authorization server.</summary>
    public FakeProvider Crm { get; private set; } = null!;

    /// <summary>The OpenID provider of app <c>desk</c>, where the vault has a client of its own.</summary>
    public FakeProvider People { get; private set; } = null!;

    /// <summary>The API of <c>erp</c> and <c>crm</c>.</summary>
    public FakeUpstream Upstream { get; private set; } = null!;

    /// <summary>A port of this machine where nobody listens; <c>erp</c> may be called there.</summary>
    public int ClosedPort { get; } = FreePort.Next();

    /// <summary>Holds the document, the local key and, where asked, storage.</summary>
    public string Folder => folder.FullName;

    /// <summary>Every line host and workers wrote.</summary>
    public IReadOnlyCollection<string> Log => log;

    /// <summary>Starts everything.</summary>
    public static async Task<RunningVault> StartAsync(RunningSetup? setup = null)
    {
        setup ??= new RunningSetup();
        var vault = new RunningVault(setup, FreePort.Next());
        try
        {
            await vault.StartAllAsync(setup);
            return vault;
        }
        catch
        {
            await vault.DisposeAsync();
            throw;
        }
    }

    /// <summary>The shop's backend, acting for a user.</summary>
    /// <param name="subject">Null: a user nobody else has.</param>
    public Backend Shop(string? subject = null) => new(this, Keys.Shop, UserToken(subject ?? $"user-{A.Unique()}"));

    /// <summary>The backend of app <c>desk</c>, whose sessions ask who is in the browser.</summary>
    public Backend Desk(string subject) => new(this, Keys.Desk, People.UserToken(subject, "https://desk.acme.com"));

    /// <summary>A backend with this key and token.</summary>
    public Backend Backend(string key, string? userToken = null) => new(this, key, userToken);

    /// <summary>A JWT of the fake identity provider.</summary>
    public string UserToken(string subject) => Users.Token(claims =>
    {
        claims["sub"] = subject;
        claims["email"] = $"{subject}@acme.com";
    });

    public async ValueTask DisposeAsync()
    {
        if (host is not null)
        {
            await host.DisposeAsync();
        }

        // A test sees an answer of 500 or a cut one and no more: the cause is in the log alone.
        var lines = log.ToArray();
        foreach (var (at, _) in lines.Index().Where(line => line.Item.Contains("failed unexpectedly", StringComparison.Ordinal)))
        {
            await Console.Error.WriteLineAsync(string.Join('\n', lines.Skip(at).Take(LinesOfCause)));
        }

        foreach (var (at, _) in lines.Index().Where(line => line.Item.Contains("ended with exit code", StringComparison.Ordinal) && !line.Item.Contains(Killed, StringComparison.Ordinal)))
        {
            await Console.Error.WriteLineAsync(string.Join('\n', lines.Take(at + 1).TakeLast(LinesOfCause)));
        }

        foreach (var part in new IAsyncDisposable?[] { Calendar, IdentityProvider, Users, Erp, Crm, People, Upstream, Azurite })
        {
            if (part is not null)
            {
                await part.DisposeAsync();
            }
        }

        folder.Delete(recursive: true);
    }

    private async Task StartAllAsync(RunningSetup setup)
    {
        var storage = Azurite.RunAsync();
        Users = await FakeIdentityProvider.StartAsync(TimeProvider.System);
        Erp = await FakeProvider.StartAsync();
        Crm = await FakeProvider.StartAsync();
        People = await FakeProvider.StartAsync();
        Upstream = await FakeUpstream.StartAsync();
        Calendar = CalendarServer.Build([], new CalendarOptions
        {
            Url = CalendarUrl,
            ClientSecret = VaultDocument.CalendarSecret,
            Clients = CalendarOptions.ClientsOf(PublicUrl),
            AccessTokenLifetime = setup.CalendarTokenLifetime,
            DemoControls = true,
        });
        IdentityProvider = IdentityProviderServer.Build([], new IdentityProviderOptions { Url = IdentityProviderUrl, DemoControls = true });
        await Task.WhenAll(storage, Calendar.StartAsync(), IdentityProvider.StartAsync());

        var document = Path.Combine(Folder, "alter.json");
        File.Copy(Path.Combine(Checkout, "samples/Quickstart/Shop/site/shop.svg"), Path.Combine(Folder, "shop.svg"));
        await File.WriteAllTextAsync(document, setup.Document ?? VaultDocument.For(this, setup.Change));
        var settings = new Dictionary<string, string>
        {
            ["AlterStorage"] = Azurite.ConnectionString,
            ["AzureWebJobsStorage"] = Azurite.ConnectionString,
            ["ALTER_CONFIG"] = document,
            ["ALTER_PUBLIC_URL"] = PublicUrl.GetLeftPart(UriPartial.Authority),
            ["ALTER_STATE_DIRECTORY"] = Path.Combine(Folder, "state"),
            ["ALTER_SECRET_SHOP_CALENDAR"] = VaultDocument.CalendarSecret,
            ["ALTER_SECRET_SHOP_ERP"] = A.ClientSecret,
            ["AZURE_FUNCTIONS_ENVIRONMENT"] = "Development",
        };
        if (setup.LeaseSeconds is { } seconds)
        {
            settings["ALTER_REFRESH_LEASE_SECONDS"] = $"{seconds}";
        }

        if (setup.IsMoving)
        {
            settings["ALTER_FORMER_PUBLIC_URL"] = FormerPublicUrl.GetLeftPart(UriPartial.Authority);
        }

        foreach (var (name, value) in setup.Settings)
        {
            settings[name] = value;
        }

        host = await LocalFunctionsHost.StartAsync(new FunctionsHostOptions
        {
            AppDirectory = setup.App ?? AppDirectory,
            Port = PublicUrl.Port,
            Workers = setup.Workers,
            Settings = settings,
            Output = log.Enqueue,
        });
    }

    private static string Metadata(string key) => typeof(RunningVault).Assembly
        .GetCustomAttributes(typeof(System.Reflection.AssemblyMetadataAttribute), false)
        .Cast<System.Reflection.AssemblyMetadataAttribute>()
        .Single(entry => entry.Key == key).Value!;
}
