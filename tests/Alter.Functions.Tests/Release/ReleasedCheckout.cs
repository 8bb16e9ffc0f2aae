using System.Diagnostics;
using Alter.Functions.Tests.Running;

namespace Alter.Functions.Tests.Release;

/// <summary>What <c>eng/release.sh</c> makes of a copy of this checkout, once for all tests that look at it. In the copy lie what developers have and nobody else should.</summary>
public sealed class ReleasedCheckout : IAsyncLifetime
{
    [CollectionDefinition(Group)]
    public sealed class Definition : ICollectionFixture<ReleasedCheckout>;

    public const string Group = "release";

    /// <summary>Stands in every file that must stay where it is.</summary>
    public const string Planted = "planted-7c1f0a52e9";

    private static readonly string[] Needed = ["src", "eng", "tools/Release", "docs/openapi.json"];
    private static readonly string[] Generated = ["bin", "obj", "node_modules"];
    private static readonly string[] Private = ["local.settings.json", "src/Alter.Functions/local.settings.json", "src/Alter.Functions/appsettings.Development.json", ".alter/kek", ".env"];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("alter-release-");

    /// <summary>The copy.</summary>
    public string Checkout => Path.Combine(folder.FullName, "checkout");

    /// <summary>The release.</summary>
    public string Made
    {
        get
        {
            Assert.SkipWhen(OperatingSystem.IsWindows(), "eng/release.sh is a shell script.");
            return Path.Combine(folder.FullName, "release");
        }
    }

    /// <summary>The vault as it is deployed.</summary>
    public string Vault => Path.Combine(Made, "vault");

    public async ValueTask InitializeAsync()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await CopyAsync(Checkout);
        foreach (var file in Private)
        {
            var path = Path.Combine(Checkout, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, $$"""{ "Values": { "ALTER_SECRET_SHOP": "{{Planted}}" } }""");
        }

        await RunAsync(Path.Combine(Checkout, "eng", "release.sh"), Made);
    }

    public ValueTask DisposeAsync()
    {
        folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Copies the sources of a release, as they are in this checkout, committed or not.</summary>
    public static async Task CopyAsync(string to)
    {
        var from = RunningVault.Checkout;
        var files = Directory.EnumerateFiles(from).Concat(Needed.SelectMany(place => File.Exists(Path.Combine(from, place)) ? [Path.Combine(from, place)] : Below(new DirectoryInfo(Path.Combine(from, place)))));
        foreach (var file in files.Select(file => Path.GetRelativePath(from, file)).Where(file => file != ".git" && !Private.Contains(file.Replace(Path.DirectorySeparatorChar, '/'))))
        {
            var target = Path.Combine(to, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await using var copy = File.Create(target);
            await using var source = File.OpenRead(Path.Combine(from, file));
            await source.CopyToAsync(copy);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(target, File.GetUnixFileMode(Path.Combine(from, file)));
            }
        }
    }

    /// <summary>Runs a program to its end, which must be a good one; others watch the clock meanwhile and come first.</summary>
    public static async Task RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("nice", ["-n", "5", program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, string.Concat(said));
    }

    private static IEnumerable<string> Below(DirectoryInfo folder) =>
        folder.EnumerateFiles().Select(file => file.FullName).Concat(folder.EnumerateDirectories().Where(one => !Generated.Contains(one.Name)).SelectMany(Below));
}
