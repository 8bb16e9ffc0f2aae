using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Alter.Testing;

/// <summary>One process of Azure Storage's emulator, on ports of its own.</summary>
internal sealed class AzuriteProcess : IAsyncDisposable
{
    private const int MostTries = 5;

    private static readonly SemaphoreSlim Installing = new(1);

    private Process? process;
    private (int Blob, int Queue, int Table)? ports;

    /// <summary>Of tables.</summary>
    internal int TablePort => ports!.Value.Table;

    /// <summary>Of queues.</summary>
    internal int QueuePort => ports!.Value.Queue;

    /// <summary>Starts it, installing it first where it is not there yet; another time on the same ports.</summary>
    /// <param name="accounts"><c>AZURITE_ACCOUNTS</c>: each with its key.</param>
    /// <param name="location">Where its data lies; null: in memory.</param>
    internal async Task RunAsync(string accounts, string? location)
    {
        var folder = Path.Combine(Checkout(), "tools", "azurite");
        var script = Path.Combine(folder, "node_modules", "azurite", "dist", "src", "azurite.js");
        await InstallAsync(folder, script);
        for (var tries = 1; ; tries++)
        {
            var isFirst = ports is null;
            var error = await RunAsync(folder, script, accounts, location, ports ??= (FreePort.Next(), FreePort.Next(), FreePort.Next()));
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

    /// <summary>Ends it in good order: what it holds is in its folder then. Not on Windows, which cannot ask a process to end.</summary>
    internal async Task StopAsync()
    {
        if (process is not null)
        {
            using var kill = Start(".", "kill", accounts: null, "-TERM", $"{process.Id}");
            await process.WaitForExitAsync();
            process.Dispose();
            process = null;
        }
    }

    /// <summary>Ends it at once.</summary>
    internal void Kill() => process?.Kill(entireProcessTree: true);

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    // Why it ended; null where it runs.
    private async Task<string?> RunAsync(string folder, string script, string accounts, string? location, (int Blob, int Queue, int Table) at)
    {
        // The queue client speaks a version of the service that this Azurite does not know yet; what the vault uses of it is older.
        process = Start(folder, "node", accounts, [
            "--require", "./indexed.cjs", script, "--silent", "--disableTelemetry", "--skipApiVersionCheck", "--blobPort", $"{at.Blob}", "--queuePort", $"{at.Queue}", "--tablePort", $"{at.Table}",
            .. location is null ? (string[])["--inMemoryPersistence"] : ["--location", location]]);
        await Eventually.TrueAsync(() => process.HasExited || (Answers(at.Table) && Answers(at.Queue)), "Azurite answers");
        return process.HasExited ? await process.StandardError.ReadToEndAsync() : null;
    }

    private static async Task InstallAsync(string folder, string script)
    {
        await Installing.WaitAsync();
        try
        {
            if (!File.Exists(script))
            {
                using var npm = Start(folder, "npm", accounts: null, "ci", "--no-audit", "--no-fund");
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

    private static Process Start(string folder, string command, string? accounts, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        if (accounts is not null)
        {
            start.Environment["AZURITE_ACCOUNTS"] = accounts;
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
