using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Azure.Data.Tables;

namespace Alter.Testing;

/// <summary>Azure Storage's emulator on free ports, tables and queues in memory unless a folder is given. Started once per test assembly; one of its own for a test that needs empty tables.</summary>
public sealed class Azurite : IAsyncDisposable
{
    // The emulator's well-known account: public, and good for nothing else.
    private const string Account = "AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly Dictionary<string, string> OtherAccounts = new() { ["AZURITE_ACCOUNTS"] = $"devstoreaccount1:{Convert.ToBase64String(new byte[64])}" };

    private const int MostTries = 5;

    private static readonly SemaphoreSlim Installing = new(1);

    private Process? process;
    private (int Blob, int Queue, int Table)? ports;

    /// <summary>For tables and queues.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>From its next start on it takes no request that is signed with the account's usual key.</summary>
    public bool IsForbidding { get; set; }

    /// <summary>Where its data lies; null: in memory.</summary>
    public string? Folder { get; init; }

    /// <summary>Starts one and waits until it answers.</summary>
    public static async Task<Azurite> StartAsync()
    {
        var azurite = new Azurite();
        await azurite.RunAsync();
        return azurite;
    }

    /// <summary>Starts it, installing it first where it is not there yet; after <see cref="StopAsync"/> on the same ports, with what the folder holds.</summary>
    public async Task RunAsync()
    {
        var folder = Path.Combine(Checkout(), "tools", "azurite");
        var script = Path.Combine(folder, "node_modules", "azurite", "dist", "src", "azurite.js");
        await InstallAsync(folder, script);
        for (var tries = 1; ; tries++)
        {
            var isFirst = ports is null;
            var error = await RunAsync(folder, script, ports ??= (FreePort.Next(), FreePort.Next(), FreePort.Next()));
            if (error is null)
            {
                return;
            }

            // A port that was free a moment ago may be somebody's now. One it had before is kept: others know it by that.
            if (!isFirst || tries == MostTries || !error.Contains("EADDRINUSE", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"Azurite ended: {error}");
            }

            ports = null;
        }
    }

    // Why it ended; null where it runs.
    private async Task<string?> RunAsync(string folder, string script, (int Blob, int Queue, int Table) at)
    {
        // The queue client speaks a version of the service that this Azurite does not know yet; what the vault uses of it is older.
        process = Start(folder, "node", IsForbidding ? OtherAccounts : [], [
            "--require", "./indexed.cjs", script, "--silent", "--disableTelemetry", "--skipApiVersionCheck", "--blobPort", $"{at.Blob}", "--queuePort", $"{at.Queue}", "--tablePort", $"{at.Table}",
            .. Folder is null ? (string[])["--inMemoryPersistence"] : ["--location", Folder]]);
        ConnectionString = $"DefaultEndpointsProtocol=http;{Account};"
            + $"QueueEndpoint=http://127.0.0.1:{at.Queue}/devstoreaccount1;TableEndpoint=http://127.0.0.1:{at.Table}/devstoreaccount1;";
        await Eventually.TrueAsync(() => process.HasExited || (Answers(at.Table) && Answers(at.Queue)), "Azurite answers");
        return process.HasExited ? await process.StandardError.ReadToEndAsync() : null;
    }

    /// <summary>A client of one table, for looking at rows and breaking them.</summary>
    public TableClient Table(string name) => new(ConnectionString, name);

    /// <summary>Ends it in good order: what it holds is in the folder then. Not on Windows, which cannot ask a process to end.</summary>
    public async Task StopAsync()
    {
        if (process is not null)
        {
            using var kill = Start(".", "kill", [], "-TERM", $"{process.Id}");
            await process.WaitForExitAsync();
            process.Dispose();
            process = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    private static async Task InstallAsync(string folder, string script)
    {
        await Installing.WaitAsync();
        try
        {
            if (!File.Exists(script))
            {
                using var npm = Start(folder, "npm", [], "ci", "--no-audit", "--no-fund");
                var error = npm.StandardError.ReadToEndAsync();
                await npm.StandardOutput.ReadToEndAsync();
                await npm.WaitForExitAsync();
                if (!File.Exists(script))
                {
                    throw new InvalidOperationException($"npm ci in {folder} failed: {await error}");
                }
            }
        }
        finally
        {
            Installing.Release();
        }
    }

    private static Process Start(string folder, string command, Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"{command} did not start.");
    }

    private static bool Answers(int port)
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false; // Not yet.
        }
    }

    private static string Checkout() =>
        Keys.LocalKeySource.FindCheckout(AppContext.BaseDirectory) ?? throw new DirectoryNotFoundException("No folder above holds Alter.Functions.sln.");
}
