namespace Alter.Start;

/// <summary>What has to be there before anything can start: the storage emulator and the built programs.</summary>
internal static class Preparation
{
    /// <summary>Installs and builds what is missing or old.</summary>
    public static async Task RunAsync(Checkout checkout, Terminal terminal, CancellationToken cancellationToken)
    {
        if (Tool.Find("node") is null || Tool.Find("npm") is not { } npm)
        {
            throw new StartFailure("Node.js with npm is missing; the storage emulator Azurite runs on it. Install Node.js 20 or newer from https://nodejs.org and run ./start again.");
        }

        if (!AzuriteIsThere(checkout))
        {
            await terminal.PhaseAsync("Installing the storage emulator (npm ci)", async () =>
            {
                var (code, output) = await Tool.RunAsync(npm, ["ci", "--no-audit", "--no-fund"], checkout.Azurite, cancellationToken);
                if (code != 0)
                {
                    throw new StartFailure($"npm ci in tools/azurite failed:{Environment.NewLine}{output.TrimEnd()}");
                }
            });
        }

        await terminal.PhaseAsync("Building the vault and the quickstart", () => BuildAsync(checkout, cancellationToken));
    }

    // npm writes its own lock file last, so one older than ours is a half or an outdated installation.
    private static bool AzuriteIsThere(Checkout checkout)
    {
        var installed = Path.Combine(checkout.Azurite, "node_modules", ".package-lock.json");
        return File.Exists(checkout.AzuriteScript) && File.Exists(installed)
            && File.GetLastWriteTimeUtc(installed) >= File.GetLastWriteTimeUtc(Path.Combine(checkout.Azurite, "package-lock.json"));
    }

    private static async Task BuildAsync(Checkout checkout, CancellationToken cancellationToken)
    {
        // A build server would outlive this and keep the pipe open that is read to its end here.
        string[] arguments = ["build", Path.Combine(checkout.Quickstart, "Quickstart.slnf"), "--nologo", "--verbosity", "quiet", "-tl:off", "-clp:NoSummary", "--disable-build-servers"];
        var (code, output) = await Tool.RunAsync(Tool.Dotnet, arguments, checkout.Root, cancellationToken);
        if (code != 0)
        {
            var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            var errors = lines.Where(line => line.Contains("error ", StringComparison.Ordinal)).Distinct().ToArray();
            throw new StartFailure($"The build failed:{Environment.NewLine}{string.Join(Environment.NewLine, errors is [] ? lines : errors)}");
        }
    }
}
