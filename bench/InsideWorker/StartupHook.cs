using System.Globalization;
using System.Runtime.CompilerServices;
using Alter.Bench.InsideWorker;

/// <summary>
/// Run by the runtime before a worker's own Main, where <c>DOTNET_STARTUP_HOOKS</c> names this assembly. So the very worker that is deployed is measured, and nothing
/// of this is in it.
/// </summary>
/// <remarks>The name, without a namespace, and the method are the runtime's.</remarks>
internal static class StartupHook
{
    public static void Initialize()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable(Settings.ProbePort), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            RuntimeProbe.Start(port);
        }

        if (Environment.GetEnvironmentVariable(Settings.CansStorage) is "true")
        {
            CanStorage();
        }
    }

    // Apart, for a worker that is no vault lacks the types it uses.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CanStorage() => CannedStorage.Install();
}
