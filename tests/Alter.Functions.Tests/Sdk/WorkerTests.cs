using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;
using Alter.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samples.Worker;

namespace Alter.Functions.Tests.Sdk;

/// <summary>samples/Worker against the real vault: calls for people who are not there.</summary>
public sealed class WorkerTests(SharedVault shared) : IDisposable
{
    private readonly RunningVault vault = shared.Vault;
    private readonly string grants = Path.GetTempFileName();
    private readonly Lines lines = new();

    [Fact]
    public async Task It_reads_round_after_round_with_stored_grants_and_crosses_out_those_that_end()
    {
        var backend = vault.Shop();
        var (kept, ended) = (await ConnectAsync(backend, "ada@calendar.example"), await ConnectAsync(backend, "bob@calendar.example"));
        await File.WriteAllTextAsync(grants, $$"""[{"grant_id":"{{kept}}"},{"grant_id":"{{ended}}"}]""", TestContext.Current.CancellationToken);
        using var worker = Worker(vault.Keys.Jobs);
        await worker.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => Count($"Read 3 events with grant {kept}") >= 2 && Count($"Read 2 events with grant {ended}") >= 2, "two rounds");

        (await backend.RevokeAsync(ended)).Is(200);

        await Eventually.TrueAsync(() => Count($"Grant {ended} has ended: grant_revoked") == 1, "the worker notices");
        var before = Count($"Read 3 events with grant {kept}");
        await Eventually.TrueAsync(() => Count($"Read 3 events with grant {kept}") > before + 1, "the other goes on");
        await worker.StopAsync(TestContext.Current.CancellationToken);
        var stored = JsonNode.Parse(await File.ReadAllTextAsync(grants, TestContext.Current.CancellationToken))!;
        Assert.Equal((null, "grant_revoked"), ((string?)stored[0]!["ended"], (string?)stored[1]!["ended"]));
        Assert.Equal(1, Count($"Grant {ended} has ended"));
    }

    [Fact]
    public async Task A_key_that_may_not_act_without_a_user_ends_it_at_once()
    {
        await File.WriteAllTextAsync(grants, $$"""[{"grant_id":"{{Guid.NewGuid()}}"}]""", TestContext.Current.CancellationToken);
        using var worker = Worker(vault.Keys.Shop);
        var work = worker.Services.GetServices<IHostedService>().OfType<BackgroundService>().Single();

        var thrown = await Assert.ThrowsAsync<Alter.Sdk.InvalidUserTokenException>(async () =>
        {
            await worker.RunAsync(TestContext.Current.CancellationToken);
            await work.ExecuteTask!;
        });

        Assert.Equal("missing", thrown.Reason);
    }

    public void Dispose() => File.Delete(grants);

    private IHost Worker(string key) => WorkerHost.Build(
        [
            $"--Alter:BaseUrl={vault.PublicUrl}", $"--Alter:ApiKey={key}", $"--Digest:Grants={grants}", $"--Digest:Calendar={vault.CalendarUrl}", "--Digest:Every=00:00:00.300",
        ],
        builder => builder.Logging.ClearProviders().AddProvider(lines));

    private async Task<string> ConnectAsync(Backend backend, string account)
    {
        var view = await new Browser(vault).ConnectCalendarAsync(await backend.SessionAsync("calendar"), account);
        return (string)view["grants"]![0]!["grant_id"]!;
    }

    private int Count(string line) => lines.All.Count(written => written.StartsWith(line, StringComparison.Ordinal));

    /// <summary>What the worker wrote.</summary>
    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => All.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
