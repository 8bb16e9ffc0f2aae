using System.Runtime.InteropServices;

namespace Alter.Start;

/// <summary>Makes SIGINT heard where it came in ignored: a shell without job control starts <c>./start &amp;</c> that way, and .NET leaves it so.</summary>
internal static class InterruptSignal
{
    private const int SigInt = 2;

    public static void Hear()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = Restore(SigInt, 0); // 0 is SIG_DFL on Linux and macOS.
        }
    }

    [DllImport("libc", EntryPoint = "signal", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Restore(int signal, nint handler);
}
