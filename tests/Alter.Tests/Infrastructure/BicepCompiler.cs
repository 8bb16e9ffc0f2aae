using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Alter.Tests.Infrastructure;

/// <summary>The pinned Bicep compiler, as NuGet brings it: a native program for Linux on x64.</summary>
internal static class BicepCompiler
{
    private static readonly string Program = typeof(BicepCompiler).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "BicepPath")
        .Value!;

    public static void SkipWhereItCannotRun() => Assert.SkipUnless(RunsHere, "The pinned Bicep compiler is a program for Linux on x64.");

    public static bool RunsHere => OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64;

    /// <summary>Runs one command; what it says comes back together, from both streams.</summary>
    public static async Task<(int ExitCode, string Said)> RunAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{Program} did not start.");
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, string.Concat(said));
    }
}
