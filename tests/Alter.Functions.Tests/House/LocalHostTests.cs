using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;
using Alter.FunctionsHost;
using Alter.Testing;

namespace Alter.Functions.Tests.House;

/// <summary>The local Functions host over a worker that does not get ready.</summary>
public sealed class LocalHostTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("alter-host-");
    private readonly List<string> log = [];

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_worker_whose_port_was_taken_before_it_listened_is_started_again_before_any_call()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "What stands before the worker is a shell script.");
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        await using var host = await StartAsync($"""
            [ -e '{folder.FullName}/second' ] || export Kestrel__Endpoints__Http__Url=http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}
            touch '{folder.FullName}/second'
            exec dotnet "$@"
            """);
        Assert.Equal(1, Assert.Single(host.Workers).RestartCount);
        using var answer = await Backend.Http.GetAsync(new Uri(host.Address, "/health/live"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_worker_that_greets_and_leaves_again_and_again_is_given_up()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "What stands before the worker is a shell script.");
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var failure = await Assert.ThrowsAsync<HostStartException>(() => StartAsync($"""
            echo started
            export Kestrel__Endpoints__Http__Url=http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}
            exec dotnet "$@"
            """));
        Assert.StartsWith("Worker 1 did not start: ", failure.Message, StringComparison.Ordinal);
        Assert.Equal(5, Starts());
    }

    [Fact]
    public async Task A_worker_that_never_greets_is_started_once_and_its_words_are_in_the_log()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "What stands before the worker is a shell script.");
        var failure = await Assert.ThrowsAsync<HostStartException>(() => StartAsync("""
            echo started
            exit 3
            """));
        Assert.Equal("Worker 1 did not start: the process ended before it was ready; its own words are above.", failure.Message);
        Assert.Equal(1, Starts());
    }

    private int Starts()
    {
        lock (log)
        {
            return log.Count(line => line.EndsWith("started", StringComparison.Ordinal));
        }
    }

    // The built vault, its worker started by this script.
    private async Task<LocalFunctionsHost> StartAsync(string script)
    {
        foreach (var entry in new DirectoryInfo(RunningVault.AppDirectory).EnumerateFileSystemInfos())
        {
            File.CreateSymbolicLink(Path.Combine(folder.FullName, entry.Name), entry.FullName);
        }

        var starter = Path.Combine(folder.FullName, "worker.sh");
        await File.WriteAllTextAsync(starter, $"#!/bin/sh\n{script}\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(starter, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var worker = Path.Combine(folder.FullName, "worker.config.json");
        var config = JsonNode.Parse(await File.ReadAllTextAsync(worker, TestContext.Current.CancellationToken))!;
        config["description"]!["defaultExecutablePath"] = starter;
        File.Delete(worker); // The link, not what it leads to.
        await File.WriteAllTextAsync(worker, config.ToJsonString(), TestContext.Current.CancellationToken);

        return await LocalFunctionsHost.StartAsync(
            new FunctionsHostOptions
            {
                AppDirectory = folder.FullName,
                Port = FreePort.Next(),
                Settings = new Dictionary<string, string> { ["ALTER_STATE_DIRECTORY"] = Path.Combine(folder.FullName, "state"), ["AzureWebJobs.TellProviderOfRevocation.Disabled"] = "true", ["AzureWebJobs.RefreshDueGrant.Disabled"] = "true" },
                Output = line =>
                {
                    lock (log)
                    {
                        log.Add(line);
                    }
                },
            },
            TestContext.Current.CancellationToken);
    }
}
