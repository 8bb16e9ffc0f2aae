using Alter.Sdk;
using Alter.Testing;
using Google.Apis.Services;
using Google.Apis.Storage.v1;
using Google.Apis.Upload;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Graph;
using Microsoft.Kiota.Abstractions.Authentication;
using Octokit;
using Octokit.Internal;
using Refit;
using static Alter.Tests.Sdk.SdkFixture;

namespace Alter.Tests.Sdk;

/// <summary>A typed client as Refit makes it.</summary>
public interface ICalendarApi
{
    /// <summary>The user's events.</summary>
    [Get("/v1/events")]
    Task<string> EventsAsync(CancellationToken cancellationToken);
}

/// <summary>Clients of providers, unchanged, through the vault.</summary>
public sealed class LibraryTests
{
    private static readonly CancellationToken Now = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refit_calls_through_the_vault_and_its_exception_holds_ours()
    {
        await using var fixture = await StartAsync();
        var services = new ServiceCollection();
        services.AddAlter(options => (options.BaseUrl, options.ApiKey) = (fixture.Vault.Url, FakeVault.ApiKey)).WithUserToken((_, _) => ValueTask.FromResult<string?>(AdasToken));
        services.AddRefitGeneratedClient<ICalendarApi>().ConfigureHttpClient(client => client.BaseAddress = new Uri("https://api.example.com")).UseAlter("google");
        await using var provider = services.BuildServiceProvider();
        var calendar = provider.GetRequiredService<ICalendarApi>();

        Assert.Equal("""{"ok":true}""", await calendar.EventsAsync(Now));
        fixture.Vault.Instead = _ => FakeVault.Problem(404, "grant_not_found", "connect");
        var thrown = await Assert.ThrowsAnyAsync<Exception>(() => calendar.EventsAsync(Now));

        Assert.IsType<GrantNotFoundException>(AlterException.Find(thrown));
        Assert.All(fixture.Vault.Calls, call => Assert.Equal(Url, call["X-Alter-Url"]));
    }

    [Fact]
    public async Task Octokit_calls_through_the_vault_and_follows_a_renamed_repository()
    {
        await using var fixture = await StartAsync();
        fixture.Vault.AllowedHosts.Add("api.github.com");
        fixture.Vault.Provider = call => call["X-Alter-Url"] == "https://api.github.com/repos/ada/old"
            ? FakeVault.Redirect(301, "/repositories/7")
            : new FakeVaultAnswer(200, """{"id":7,"name":"new","full_name":"ada/new"}""");
        using var app = fixture.App();
        var github = new GitHubClient(new Connection(new ProductHeaderValue("tests"), new HttpClientAdapter(() => app.CreateHandler("github"))));

        var repository = await github.Repository.Get("ada", "old");

        Assert.Equal((7, "ada/new"), (repository.Id, repository.FullName));
        Assert.Equal("https://api.github.com/repositories/7", fixture.Vault.Calls[^1]["X-Alter-Url"]);
        fixture.Vault.Instead = _ => FakeVault.Problem(403, "grant_revoked", "connect");
        Assert.IsType<GrantRevokedException>(AlterException.Find(await Assert.ThrowsAnyAsync<Exception>(() => github.User.Get("ada"))));
    }

    [Fact]
    public async Task The_Google_library_reads_and_uploads_in_chunks_through_the_vault()
    {
        const string session = "https://storage.googleapis.com/upload/storage/v1/b/box/o?uploadType=resumable&upload_id=1";
        await using var fixture = await StartAsync();
        fixture.Vault.AllowedHosts.Add("storage.googleapis.com");
        fixture.Vault.Provider = call => (call.Method, call["Content-Range"]) switch
        {
            ("POST", _) => new FakeVaultAnswer(200) { Headers = new Dictionary<string, string> { ["Location"] = session } },
            ("PUT", "bytes 0-262143/*" or "bytes 0-262143/600000") => new FakeVaultAnswer(308) { Headers = new Dictionary<string, string> { ["Range"] = "bytes=0-262143" } },
            ("PUT", "bytes 262144-524287/*" or "bytes 262144-524287/600000") => new FakeVaultAnswer(308) { Headers = new Dictionary<string, string> { ["Range"] = "bytes=0-524287" } },
            ("PUT", _) => new FakeVaultAnswer(200, """{"name":"file","size":"600000"}"""),
            _ => new FakeVaultAnswer(200, """{"items":[{"name":"box"}]}"""),
        };
        using var app = fixture.App();
        using var storage = new StorageService(new BaseClientService.Initializer { ApplicationName = "tests", HttpClientFactory = new AlterGoogleHttpClientFactory(app, "google") });

        var buckets = await storage.Buckets.List("project").ExecuteAsync(Now);
        var upload = storage.Objects.Insert(new Google.Apis.Storage.v1.Data.Object { Name = "file" }, "box", new MemoryStream(new byte[600_000]), "text/plain");
        upload.ChunkSize = 256 * 1024;
        var progress = await upload.UploadAsync(Now);

        Assert.Equal("box", Assert.Single(buckets.Items).Name);
        Assert.Equal((UploadStatus.Completed, 600_000L), (progress.Status, progress.BytesSent));
        Assert.Equal(600_000, fixture.Vault.Calls.Where(call => call.Method == "PUT").Sum(call => call.Body.Length));
        fixture.Vault.Instead = _ => FakeVault.Problem(409, "ambiguous_grant", "choose_account");
        await Assert.ThrowsAsync<AmbiguousGrantException>(() => storage.Buckets.List("project").ExecuteAsync(Now));
    }

    [Fact]
    public async Task Microsoft_Graph_reads_through_the_vault_and_downloads_from_the_foreign_host_it_is_sent_to()
    {
        await using var fixture = await StartAsync();
        await using var sharePoint = await FakeHost.StartAsync();
        sharePoint.Serve = async (host, context) =>
        {
            await host.RecordAsync(context);
            await context.Response.Body.WriteAsync("content"u8.ToArray(), Now);
        };
        fixture.Vault.AllowedHosts.Add("localhost");
        fixture.Vault.Provider = call => call["X-Alter-Url"]!.EndsWith("/content", StringComparison.Ordinal)
            ? FakeVault.Redirect(302, new Uri(sharePoint.Url, "/download?signature=x").AbsoluteUri)
            : new FakeVaultAnswer(200, """{"displayName":"Ada"}""");
        using var app = fixture.App(options => options.ForeignHosts = ForeignHosts.SendWithoutCredentials);
        using var client = GraphClientFactory.Create(finalHandler: app.CreateHandler("microsoft"));
        using var graph = new GraphServiceClient(client, new AnonymousAuthenticationProvider(), $"http://localhost:{fixture.Vault.Url.Port}/v1.0");

        var me = await graph.Me.GetAsync(cancellationToken: Now);
        await using var download = await graph.Drives["d"].Items["i"].Content.GetAsync(cancellationToken: Now);
        using var reader = new StreamReader(download!);

        Assert.Equal(("Ada", "content"), (me!.DisplayName, await reader.ReadToEndAsync(Now)));
        Assert.All(fixture.Vault.Calls, call => Assert.Equal("/sdk/proxy", call.Path));
        var call = Assert.Single(sharePoint.Calls);
        Assert.DoesNotContain("X-Alter", call.Head, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Authorization", call.Head, StringComparison.OrdinalIgnoreCase);
    }

    private sealed class AlterGoogleHttpClientFactory(AlterApp app, GrantSelector grant) : Google.Apis.Http.HttpClientFactory
    {
        protected override HttpMessageHandler CreateHandler(Google.Apis.Http.CreateHttpClientArgs args) => app.CreateHandler(grant);
    }
}
