using System.ComponentModel;
using System.Diagnostics;

namespace Alter.FunctionsHost;

/// <summary>One operating system process that runs the app.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly Process process;
    private readonly OrphanWatch watch;

    private WorkerProcess(Process process) => (this.process, watch) = (process, OrphanWatch.Over(process.Id));

    public int Id => process.Id;

    public int ExitCode => process.ExitCode;

    public static WorkerProcess Start(AppFolder app, Uri gateway, string workerId, IReadOnlyDictionary<string, string> settings, Action<string> output)
    {
        var start = new ProcessStartInfo(app.Executable)
        {
            WorkingDirectory = app.Directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in (string[])
        [
            app.WorkerPath,
            "--functions-uri", gateway.ToString(),
            "--functions-worker-id", workerId,
            "--functions-request-id", Guid.NewGuid().ToString(),
            "--functions-grpc-max-message-length", "2147483647",
        ])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        start.Environment["FUNCTIONS_APPLICATION_DIRECTORY"] = app.Directory;
        start.Environment["FUNCTIONS_WORKER_DIRECTORY"] = app.Directory;
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) => Pass(e.Data);
        process.ErrorDataReceived += (_, e) => Pass(e.Data);
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            process.Dispose();
            throw new HostStartException($"The worker cannot be started with \"{app.Executable}\": {e.Message}");
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new WorkerProcess(process);

        void Pass(string? line)
        {
            if (!string.IsNullOrEmpty(line))
            {
                output(line);
            }
        }
    }

    /// <summary>Whether one of these sockets is its own.</summary>
    public bool HasOneOf(HashSet<string> sockets) => ListeningSockets.IsHolder($"/proc/{Id}", sockets);

    public Task WaitForExitAsync() => process.WaitForExitAsync();

    /// <summary>SIGKILL, or its like; whatever the worker was doing stays half done.</summary>
    public void Kill()
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has left already.
        }
    }

    public void Dispose()
    {
        watch.Dispose();
        process.Dispose();
    }
}
