using System.Collections.Concurrent;
using Alter.Sdk;
using Alter.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using static Alter.Tests.Sdk.SdkFixture;

namespace Alter.Tests.Sdk;

public sealed class RegistrationTests
{
    private static readonly CancellationToken Now = TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_mistakes_come_at_once_when_the_host_starts()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        AddAlter(builder.Services, Configuration(("BaseUrl", "http://vault.example.com"), ("ApiKey", "sk_live_secret"), ("ForeignHosts", "sometimes"), ("Calller", "x"), ("HeaderTimeout", "01:00:00")));
        using var host = builder.Build();

        var thrown = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Now));

        Assert.Equal(5, thrown.Failures.Count());
        Assert.All(["BaseUrl", "ApiKey", "ForeignHosts", "Calller", "HeaderTimeout"], name => Assert.Contains(thrown.Failures, failure => failure.StartsWith($"Alter:{name} ", StringComparison.Ordinal)));
        Assert.DoesNotContain("sk_live_secret", thrown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_is_missing_is_named()
    {
        var thrown = Assert.Throws<ArgumentException>(() => new AlterApp(new AlterOptions()));

        Assert.Contains("Alter:BaseUrl is missing", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("Alter:ApiKey is missing", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_typed_client_calls_through_the_vault()
    {
        await using var fixture = await StartAsync();
        var services = Services(fixture);
        services.AddHttpClient<CalendarClient>(client => client.BaseAddress = new Uri("https://api.example.com/v1/")).UseAlter("google");
        await using var provider = services.BuildServiceProvider(validateScopes: true);

        Assert.Equal("""{"ok":true}""", await provider.GetRequiredService<CalendarClient>().ReadAsync(Now));
        Assert.Equal((Url, "google", AdasToken), (fixture.Vault.Calls[0]["X-Alter-Url"], fixture.Vault.Calls[0]["X-Alter-Provider"], fixture.Vault.Calls[0]["X-Alter-User-Token"]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_primary_handler_that_redirects_is_refused(bool isSockets)
    {
        await using var fixture = await StartAsync();
        var services = Services(fixture);
        services.AddHttpClient("calendar").UseAlter("google").ConfigurePrimaryHttpMessageHandler(() => isSockets ? new SocketsHttpHandler() : new HttpClientHandler());
        await using var provider = services.BuildServiceProvider();

        var thrown = Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService<IHttpClientFactory>().CreateClient("calendar"));

        Assert.Contains("AllowAutoRedirect = false", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_primary_handler_of_ones_own_may_lie_below_if_it_does_not_redirect()
    {
        await using var fixture = await StartAsync();
        var services = Services(fixture);
        services.AddHttpClient("calendar").UseAlter("google").ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false });
        await using var provider = services.BuildServiceProvider();
        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("calendar");

        Assert.Equal("""{"ok":true}""", await client.GetStringAsync(new Uri(Url), Now));
    }

    [Fact]
    public async Task Handlers_added_later_still_lie_outside_and_see_the_providers_url_and_no_token()
    {
        await using var fixture = await StartAsync();
        var seen = new ConcurrentQueue<string>();
        var services = Services(fixture);
        services.AddHttpClient("calendar").UseAlter("google").AddHttpMessageHandler(() => new Watching(seen));
        await using var provider = services.BuildServiceProvider();
        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("calendar");

        await client.GetStringAsync(new Uri(Url), Now);

        var request = Assert.Single(seen);
        Assert.Contains(Url, request, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Alter", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_factorys_log_holds_neither_key_nor_token_even_where_the_app_shows_headers()
    {
        await using var fixture = await StartAsync();
        var log = new ConcurrentQueue<string>();
        var services = Services(fixture);
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new Remembering(log)));
        services.AddHttpClient("calendar").UseAlter("google").RedactLoggedHeaders(_ => false);
        await using var provider = services.BuildServiceProvider();
        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("calendar");

        await client.GetStringAsync(new Uri(Url), Now);

        Assert.Contains(log, line => line.Contains("X-Alter-User-Token", StringComparison.Ordinal));
        Assert.DoesNotContain(log, line => line.Contains(AdasToken, StringComparison.Ordinal) || line.Contains(FakeVault.ApiKey, StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_request_of_a_client_may_use_another_account()
    {
        await using var fixture = await StartAsync();
        using var app = fixture.App();
        using var client = app.CreateClient("google");
        using var request = new HttpRequestMessage(HttpMethod.Get, Url);
        request.Options.Set(GrantSelector.Key, GrantSelector.Provider("google", "ada@work"));
        request.Options.Set(CallOptions.Key, new CallOptions { Reason = "picked" });

        using var answer = await client.SendAsync(request, Now);

        Assert.Equal(("ada@work", "picked"), (fixture.Vault.Calls[0]["X-Alter-Account"], fixture.Vault.Calls[0]["X-Alter-Reason"]));
    }

    [Fact]
    public async Task A_client_that_is_disposed_leaves_the_apps_connections_open()
    {
        await using var fixture = await StartAsync();
        using var app = fixture.App();
        app.CreateClient("google").Dispose();
        app.CreateHandler("google").Dispose();

        using var answer = await app.RequestAsync(HttpMethod.Get, Url, "google", Now);

        Assert.True(answer.IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_base_url_may_have_a_path()
    {
        await using var fixture = await StartAsync();
        using var app = fixture.App(options => options.BaseUrl = new Uri(fixture.Vault.Url, "/behind/a/gateway/"));

        await Assert.ThrowsAsync<BackendException>(() => app.ListGrantsPageAsync(cancellationToken: Now));

        Assert.Equal("/behind/a/gateway/sdk/grants", fixture.Vault.Calls[0].Path);
    }

    // By its full name: within the namespace Alter the vault's own extension is nearer.
    private static IAlterBuilder AddAlter(IServiceCollection services, IConfiguration configuration) => AlterBuilderExtensions.AddAlter(services, configuration);

    private static ServiceCollection Services(SdkFixture fixture)
    {
        var services = new ServiceCollection();
        AddAlter(services, Configuration(("BaseUrl", fixture.Vault.Url.AbsoluteUri), ("ApiKey", FakeVault.ApiKey)))
            .WithUserToken((_, _) => ValueTask.FromResult<string?>(AdasToken));
        return services;
    }

    private static IConfiguration Configuration(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build();

    private sealed class CalendarClient(HttpClient client)
    {
        internal Task<string> ReadAsync(CancellationToken cancellationToken) => client.GetStringAsync(new Uri("events", UriKind.Relative), cancellationToken);
    }

    private sealed class Watching(ConcurrentQueue<string> seen) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            seen.Enqueue(request.ToString());
            return response;
        }
    }

    private sealed class Remembering(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
