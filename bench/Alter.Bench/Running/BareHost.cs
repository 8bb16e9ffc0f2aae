using Alter.FunctionsHost;

namespace Alter.Bench.Running;

/// <summary>bench/BareForwarder under the same local host as the vault: the same kind of worker without a vault in it.</summary>
internal static class BareHost
{
    /// <summary>Starts it with one worker.</summary>
    /// <param name="directory">Null: what was built beside this program; else the folder it was published to.</param>
    /// <param name="settings">Of the worker.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static Task<LocalFunctionsHost> StartAsync(string? directory, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken) => LocalFunctionsHost.StartAsync(
        new FunctionsHostOptions { AppDirectory = Path.GetFullPath(directory ?? BenchVault.Metadata("BareOutput")), Settings = settings }, cancellationToken);
}
