using System.Reflection;
using Alter.Browser.Tests;
using Alter.FunctionsHost;
using Alter.Keys;
using Alter.Testing;
using Azure;
using Azure.Data.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.Playwright;
using Quickstart.Calendar;
using Quickstart.IdentityProvider;
using Quickstart.Shop;

[assembly: AssemblyFixture(typeof(Product))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)] // They share the shop's three people and their accounts.

namespace Alter.Browser.Tests;

/// <summary>The quickstart's whole product on free ports, the vault in a real worker, and one Chromium for all tests.</summary>
public sealed class Product : IAsyncLifetime
{
    private readonly List<WebApplication> servers = [];
    private readonly Azurite storage = new();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("alter-browser-");
    private readonly HttpClient http = new(new SocketsHttpHandler());
    private LocalFunctionsHost? host;
    private IPlaywright? playwright;
    private IBrowser? browser;

    /// <summary>Where everything is.</summary>
    public Addresses At { get; } = Addresses.Free();

    /// <summary>The app's backend as the vault knows it.</summary>
    public Backend Backend => new(http, At);

    /// <summary>The repository's root.</summary>
    public static string Checkout { get; } =
        LocalKeySource.FindCheckout(AppContext.BaseDirectory) ?? throw new DirectoryNotFoundException("No folder above holds Alter.Functions.sln.");

    public async ValueTask InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(30_000); // A cold server on a busy machine; what holds is seen at once.
        playwright = await Playwright.CreateAsync();
        var launching = Chromium.LaunchAsync(playwright);
        await Task.WhenAll(launching, storage.RunAsync(), StartServersAsync());
        browser = await launching;
        host = await LocalFunctionsHost.StartAsync(new FunctionsHostOptions { AppDirectory = VaultFolder(), Port = At.Vault.Port, Settings = await SettingsAsync() });
    }

    /// <summary>A browser of its own, with no cookie yet.</summary>
    /// <param name="dark">What the person's system prefers.</param>
    /// <param name="width">Of the window, in CSS pixels.</param>
    public async Task<Person> SomebodyAsync(bool dark = false, int width = 900)
    {
        var context = await browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = new ViewportSize { Width = width, Height = 800 },
            Locale = "en-GB",
        });
        return await Person.MeetAsync(context, At);
    }

    /// <summary>Takes every Connect session out of storage, as the hourly purge does when their time is over.</summary>
    public async Task PurgeSessionsAsync(CancellationToken cancellationToken)
    {
        var table = storage.Table("connect");
        await foreach (var row in table.QueryAsync<TableEntity>(row => row.RowKey.CompareTo("s|") >= 0 && row.RowKey.CompareTo("s}") < 0, cancellationToken: cancellationToken))
        {
            await table.DeleteEntityAsync(row, cancellationToken: cancellationToken);
        }
    }

    /// <summary>Ends every active grant as a provider does that honours it no longer; the status of what is over is believed without a MAC.</summary>
    public async Task BreakGrantsAsync(CancellationToken cancellationToken)
    {
        var table = storage.Table("grants");
        await foreach (var row in table.QueryAsync<TableEntity>("status eq 'active'", cancellationToken: cancellationToken))
        {
            // Whatever a refresh writes beside it.
            await table.UpdateEntityAsync(new TableEntity(row.PartitionKey, row.RowKey) { ["status"] = "credential_revoked", ["cause"] = "invalid_grant" }, ETag.All, TableUpdateMode.Merge, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await (browser?.DisposeAsync() ?? ValueTask.CompletedTask);
        playwright?.Dispose();
        await (host?.DisposeAsync() ?? ValueTask.CompletedTask);
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }

        await storage.DisposeAsync();
        http.Dispose();
        folder.Delete(recursive: true);
    }

    private static string VaultFolder() => Path.Combine(
        Checkout, typeof(Product).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key is "VaultFolder").Value!);

    private async Task StartServersAsync()
    {
        servers.Add(IdentityProviderServer.Build([], new IdentityProviderOptions
        {
            Url = At.IdentityProvider,
            RedirectUris = [new Uri(At.Shop, "/signin-oidc")],
            SignedOutUris = [new Uri(At.Shop, "/signout-callback-oidc")],
            VaultRedirectUris = IdentityProviderOptions.RedirectUrisOf(At.Vault),
            DemoControls = true,
        }));
        servers.Add(CalendarServer.Build([], new CalendarOptions { Url = At.Calendar, ClientSecret = VaultDocument.ClientSecret, Clients = CalendarOptions.ClientsOf(At.Vault), AccessTokenLifetime = TimeSpan.FromSeconds(15) }));
        servers.Add(ShopServer.Build([], new ShopOptions
        {
            Url = At.Shop,
            VaultUrl = At.Vault,
            ApiKey = VaultDocument.AppKey,
            IdentityProviderUrl = At.IdentityProvider,
            CalendarUrl = At.Calendar,
        }));
        servers.Add(ForeignSite.Build(At.Foreign));
        await Task.WhenAll(servers.Select(server => server.StartAsync()));
    }

    private async Task<IReadOnlyDictionary<string, string>> SettingsAsync()
    {
        var document = Path.Combine(folder.FullName, "alter.json");
        await File.WriteAllTextAsync(document, VaultDocument.For(At));
        VaultDocument.CopyLogo(folder);
        return new Dictionary<string, string>
        {
            ["AlterStorage"] = storage.ConnectionString,
            ["AzureWebJobsStorage"] = storage.ConnectionString,
            ["ALTER_CONFIG"] = document,
            ["ALTER_SECRET_SHOP_CALENDAR"] = VaultDocument.ClientSecret,
            ["ALTER_STATE_DIRECTORY"] = folder.FullName,
            ["ALTER_PUBLIC_URL"] = At.Vault.GetLeftPart(UriPartial.Authority),
            ["AZURE_FUNCTIONS_ENVIRONMENT"] = "Development",
        };
    }
}

/// <summary>One origin for each part.</summary>
public sealed record Addresses(Uri Vault, Uri Shop, Uri IdentityProvider, Uri Calendar, Uri Foreign)
{
    /// <summary>The origins of the product itself.</summary>
    public IReadOnlySet<string> Origins { get; } = new HashSet<string> { Origin(Vault), Origin(Shop), Origin(IdentityProvider), Origin(Calendar) };

    public static string Origin(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return url.GetLeftPart(UriPartial.Authority);
    }

    /// <summary>Ports that nobody uses.</summary>
    public static Addresses Free()
    {
        return new Addresses(Local(), Local(), Local(), Local(), new Uri($"http://127.0.0.1:{FreePort.Next()}/"));

        static Uri Local() => new($"http://localhost:{FreePort.Next()}/");
    }
}
