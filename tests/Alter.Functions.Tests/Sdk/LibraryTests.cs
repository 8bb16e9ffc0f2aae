using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;
using Alter.Sdk;
using Alter.Testing;
using Google.Apis.Services;
using Google.Apis.Storage.v1;
using Google.Apis.Upload;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Graph;
using Microsoft.Kiota.Abstractions.Authentication;
using Octokit;
using Octokit.Internal;
using Refit;

namespace Alter.Functions.Tests.Sdk;

/// <summary>A typed client as Refit makes it.</summary>
public interface IOrdersApi
{
    /// <summary>The user's orders.</summary>
    [Get("/orders")]
    Task<string> OrdersAsync(CancellationToken cancellationToken);
}

/// <summary>Clients of providers, unchanged, through the SDK and the real vault to an API that sees what arrives.</summary>
public sealed class LibraryTests(SharedVault shared) : IAsyncLifetime
{
    private static readonly CancellationToken Now = TestContext.Current.CancellationToken;

    private readonly RunningVault vault = shared.Vault;
    private readonly ConcurrentQueue<(string Method, string Path, string Authorization, string[] Foreign)> seen = [];
    private Backend backend = null!;
    private AlterApp alter = null!;

    public async ValueTask InitializeAsync()
    {
        backend = vault.Shop();
        await backend.ConnectAsync("erp");
        alter = new AlterApp(new AlterOptions { ApiKey = backend.Key, BaseUrl = vault.PublicUrl, UserToken = _ => ValueTask.FromResult(backend.UserToken) });
    }

    public ValueTask DisposeAsync()
    {
        alter?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Refit()
    {
        var api = Serve(_ => """["one","two"]""");
        var services = new ServiceCollection();
        services.AddAlter(options => (options.BaseUrl, options.ApiKey) = (vault.PublicUrl, backend.Key)).WithUserToken((_, _) => ValueTask.FromResult(backend.UserToken));
        services.AddRefitGeneratedClient<IOrdersApi>().ConfigureHttpClient(client => client.BaseAddress = api).UseAlter("erp");
        await using var provider = services.BuildServiceProvider();
        var orders = provider.GetRequiredService<IOrdersApi>();

        Assert.Equal("""["one","two"]""", await orders.OrdersAsync(Now));
        AssertArrived("GET", "/orders");
        await RevokeAsync();
        Assert.IsType<GrantRevokedException>(AlterException.Find(await Assert.ThrowsAnyAsync<Exception>(() => orders.OrdersAsync(Now))));
    }

    [Fact]
    public async Task Octokit()
    {
        var api = Serve(path => path.EndsWith("/repos/ada/engine", StringComparison.Ordinal) ? """{"id":7,"full_name":"ada/engine"}""" : """{"login":"ada"}""");
        var connection = new Connection(
            new ProductHeaderValue("tests"), new Uri($"{api}/"), new InMemoryCredentialStore(Credentials.Anonymous), new HttpClientAdapter(() => alter.CreateHandler("erp")), new SimpleJsonSerializer());
        var github = new GitHubClient(connection);

        Assert.Equal("ada/engine", (await github.Repository.Get("ada", "engine")).FullName);
        AssertArrived("GET", "/repos/ada/engine");
        await RevokeAsync();
        Assert.IsType<GrantRevokedException>(AlterException.Find(await Assert.ThrowsAnyAsync<Exception>(() => github.User.Get("ada"))));
    }

    [Fact]
    public async Task Google_reads_and_uploads_in_chunks()
    {
        Uri? api = null;
        api = Serve(path => path.Contains("/upload/", StringComparison.Ordinal) ? """{"name":"file","size":"600000"}""" : """{"items":[{"name":"box"}]}""", UploadSession);
        using var storage = new StorageService(new BaseClientService.Initializer
        {
            ApplicationName = "tests",
            BaseUri = $"{api}/",
            HttpClientFactory = new AlterGoogleHttpClientFactory(alter, "erp"),
        });

        Assert.Equal("box", Assert.Single((await storage.Buckets.List("project").ExecuteAsync(Now)).Items).Name);
        AssertArrived("GET", "/b");
        var upload = new Upload(storage, $"{api}/upload", new MemoryStream(new byte[600_000]));
        var progress = await upload.UploadAsync(Now);
        Assert.Null(progress.Exception);
        Assert.Equal((UploadStatus.Completed, 600_000L), (progress.Status, progress.BytesSent));
        Assert.Equal(3, seen.Count(call => call.Method == "PUT"));
        await RevokeAsync();
        await Assert.ThrowsAsync<GrantRevokedException>(() => storage.Buckets.List("project").ExecuteAsync(Now));

        // Google's protocol: the first request names the session, each chunk but the last is answered 308.
        bool UploadSession(HttpContext context)
        {
            var (method, range) = (context.Request.Method, context.Request.Headers.ContentRange.ToString());
            if (method == "POST")
            {
                context.Response.Headers.Location = $"{api}/upload/session";
                return false;
            }

            if (method == "PUT" && !range.StartsWith("bytes 524288-", StringComparison.Ordinal))
            {
                context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
                context.Response.Headers.Range = $"bytes=0-{range.Split('-', '/')[1]}";
                return true;
            }

            return false;
        }
    }

    [Fact]
    public async Task Microsoft_Graph()
    {
        var api = Serve(_ => """{"displayName":"Ada"}""");
        using var client = GraphClientFactory.Create(finalHandler: alter.CreateHandler("erp"));
        using var graph = new GraphServiceClient(client, new AnonymousAuthenticationProvider(), api.AbsoluteUri);

        Assert.Equal("Ada", (await graph.Me.GetAsync(cancellationToken: Now))!.DisplayName);
        AssertArrived("GET", "/me");
        await RevokeAsync();
        Assert.IsType<GrantRevokedException>(AlterException.Find(await Assert.ThrowsAnyAsync<Exception>(() => graph.Me.GetAsync(cancellationToken: Now))));
    }

    // An API at a URL of its own, which writes down who called with what.
    private Uri Serve(Func<string, string> answer, Func<HttpContext, bool>? first = null) => vault.Upstream.On(async context =>
    {
        var request = context.Request;
        var foreign = request.Headers.Keys.Where(name => name.StartsWith("X-Alter", StringComparison.OrdinalIgnoreCase)).ToArray();
        seen.Enqueue((request.Method, request.Path.Value![request.Path.Value!.IndexOf('/', 1)..], request.Headers.Authorization.ToString(), foreign));
        await request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        if (first?.Invoke(context) is true)
        {
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer(request.Path.Value!), context.RequestAborted);
    });

    // With the provider's token, and with nothing of ours.
    private void AssertArrived(string method, string path)
    {
        var call = Assert.Single(seen);
        Assert.Equal((method, path), (call.Method, call.Path));
        Assert.StartsWith("Bearer ", call.Authorization, StringComparison.Ordinal);
        Assert.DoesNotContain(backend.Key, call.Authorization, StringComparison.Ordinal);
        Assert.DoesNotContain(backend.UserToken!, call.Authorization, StringComparison.Ordinal);
        Assert.Empty(call.Foreign);
    }

    private async Task RevokeAsync() =>
        await alter.RevokeGrantAsync(Assert.Single((await alter.ListGrantsPageAsync(cancellationToken: Now)).Grants).GrantId, cancellationToken: Now);

    private sealed class AlterGoogleHttpClientFactory(AlterApp app, GrantSelector grant) : Google.Apis.Http.HttpClientFactory
    {
        protected override HttpMessageHandler CreateHandler(Google.Apis.Http.CreateHttpClientArgs args) => app.CreateHandler(grant);
    }

    private sealed class Upload : ResumableUpload<JsonObject>
    {
        public Upload(IClientService service, string url, Stream content)
            : base(service, new Uri(url).AbsolutePath, "POST", content, "text/plain") => ChunkSize = 256 * 1024;
    }
}
