using System.Text.Json;

namespace Alter.FunctionsHost;

/// <summary>A built Functions app: where its worker is and what its <c>host.json</c> says.</summary>
/// <param name="Directory">Absolute path of the folder.</param>
/// <param name="Executable">What starts the worker, usually <c>dotnet</c>.</param>
/// <param name="WorkerPath">The worker's assembly, absolute.</param>
internal sealed record AppFolder(string Directory, string Executable, string WorkerPath, HostConfiguration Configuration)
{
    public static AppFolder Open(string directory)
    {
        var folder = Path.GetFullPath(directory);
        if (!System.IO.Directory.Exists(folder))
        {
            throw new HostStartException($"There is no folder {folder}.");
        }

        var hostFile = Require(folder, "host.json");
        var workerFile = Require(folder, "worker.config.json");
        Require(folder, "functions.metadata");

        using var worker = JsonFile.Read(workerFile);
        if (JsonFile.Find(worker.RootElement, "description", "defaultWorkerPath")?.GetString() is not { Length: > 0 } workerPath)
        {
            throw new HostStartException($"{workerFile} has no description.defaultWorkerPath.");
        }

        var executable = JsonFile.Find(worker.RootElement, "description", "defaultExecutablePath")?.GetString();
        var assembly = Path.Combine(folder, workerPath);
        return File.Exists(assembly)
            ? new AppFolder(folder, string.IsNullOrEmpty(executable) ? "dotnet" : executable, assembly, HostConfiguration.Read(hostFile))
            : throw new HostStartException($"{workerFile} names {workerPath}, which is not in {folder}.");
    }

    private static string Require(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        return File.Exists(path)
            ? path
            : throw new HostStartException($"{folder} has no {file}: give the output folder of a built Functions app, such as bin/Debug/net10.0.");
    }
}
