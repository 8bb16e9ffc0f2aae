using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Alter.FunctionsHost;

namespace Alter.Start;

/// <summary>One process of the product.</summary>
internal sealed class Child : IDisposable
{
    private const int Kept = 40;
    private const int SigTerm = 15; // The same number on Linux and macOS.

    private readonly Process process;
    private readonly ConcurrentQueue<string> latest = new();
    private readonly TaskCompletionSource exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Child(string name, Process process) => (Name, this.process) = (name, process);

    public string Name { get; }

    public int Id => process.Id;

    public int ExitCode => process.ExitCode;

    public Task Exited => exited.Task;

    /// <summary>The last lines it wrote, oldest first.</summary>
    public IReadOnlyList<string> Latest => [.. latest];

    /// <summary>Starts it. Settings travel in the environment: command lines are for everybody to read.</summary>
    /// <param name="output">Takes every line.</param>
    public static Child Start(string name, string command, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, Action<string> output)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            RedirectStandardInput = true, // The terminal is the launcher's alone.
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        var child = new Child(name, new Process { StartInfo = start, EnableRaisingEvents = true });
        child.process.Exited += (_, _) => child.exited.TrySetResult();
        child.process.OutputDataReceived += (_, e) => child.Take(e.Data, output);
        child.process.ErrorDataReceived += (_, e) => child.Take(e.Data, output);
        try
        {
            child.process.Start();
        }
        catch (Win32Exception e)
        {
            child.Dispose();
            throw new StartFailure($"{name} cannot be started with \"{command}\": {e.Message}");
        }

        // A launcher that is killed takes its programs along, so that the next one finds the ports free.
        var watch = OrphanWatch.Over(child.process.Id);
        child.process.Exited += (_, _) => watch.Dispose();
        child.process.BeginOutputReadLine();
        child.process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Asks it to end, then ends it and whatever it started.</summary>
    public async Task StopAsync(TimeSpan patience, TimeProvider time)
    {
        try
        {
            if (!process.HasExited && !OperatingSystem.IsWindows())
            {
                _ = Signal(process.Id, SigTerm);
                await Task.WhenAny(Exited, Task.Delay(patience, time));
            }

            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await Exited;
            }
        }
        catch (InvalidOperationException)
        {
            // It has left in between.
        }
    }

    public void Dispose() => process.Dispose();

    private void Take(string? line, Action<string> output)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        latest.Enqueue(line);
        while (latest.Count > Kept)
        {
            latest.TryDequeue(out _);
        }

        output(line);
    }

    // .NET can only kill; a server that is asked leaves in good order.
    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int processId, int signal);
}
