namespace Alter.Bench.InsideWorker;

/// <summary>Environment variables that say what is done inside a worker.</summary>
internal static class Settings
{
    /// <summary>A port of loopback, where the worker tells what it has allocated and compiled.</summary>
    internal const string ProbePort = "ALTER_BENCH_PROBE_PORT";

    /// <summary><c>true</c>: storage is answered in the worker's own process.</summary>
    internal const string CansStorage = "ALTER_BENCH_CANNED_STORAGE";
}
