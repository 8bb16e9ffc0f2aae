using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Alter.FunctionsHost;

/// <summary>
/// Kills a worker when the host was killed without a chance to do it itself: a shell waits on a pipe that only the host holds open.
/// On Windows there is none, and a host that was killed leaves its workers behind.
/// </summary>
internal sealed class OrphanWatch : IDisposable
{
    // Ctrl+C reaches every process of the terminal; the watch stays until the host lets it go.
    private const string Script = "trap '' INT TERM HUP; read -r _; kill -9 \"$1\"";

    private readonly Process? shell;

    private OrphanWatch(Process? shell) => this.shell = shell;

    public static OrphanWatch Over(int processId)
    {
        if (OperatingSystem.IsWindows())
        {
            return new OrphanWatch(null);
        }

        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-c", Script, "watch", processId.ToString(CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            return new OrphanWatch(Process.Start(start));
        }
        catch (Win32Exception)
        {
            return new OrphanWatch(null); // No shell, no watch; the worker runs all the same.
        }
    }

    /// <summary>Lets the watch go. It is killed before its pipe closes, lest it shoot at whoever has the number by then.</summary>
    public void Dispose()
    {
        if (shell is null)
        {
            return;
        }

        try
        {
            shell.Kill();
            shell.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It has left already.
        }

        shell.Dispose();
    }
}
