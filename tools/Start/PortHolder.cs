using Alter.FunctionsHost;

namespace Alter.Start;

/// <summary>Who listens on a port: <c>/proc</c> on Linux, <c>lsof</c> on macOS, nobody's name elsewhere.</summary>
internal static class PortHolder
{
    /// <summary>Such as <c>node server.js (pid 4711)</c>; null where it cannot be seen.</summary>
    public static Task<string?> FindAsync(int port, CancellationToken cancellationToken) =>
        OperatingSystem.IsLinux() ? Task.FromResult(InProc(port)) : OperatingSystem.IsMacOS() ? ByLsofAsync(port, cancellationToken) : Task.FromResult<string?>(null);

    private static string? InProc(int port)
    {
        var sockets = ListeningSockets.On(port);
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _) && ListeningSockets.IsHolder(path, sockets)))
        {
            try
            {
                return $"{NameOf(folder)} (pid {Path.GetFileName(folder)})";
            }
            catch (Exception e) when (e is UnauthorizedAccessException or IOException)
            {
                // It has just left.
            }
        }

        return null;
    }

    // "dotnet" and "node" say little without the program they run. Only its file name: arguments may be secret.
    private static string NameOf(string folder)
    {
        var name = File.ReadAllText(Path.Combine(folder, "comm")).Trim();
        var program = File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0').Skip(1).FirstOrDefault(argument => !argument.StartsWith('-'));
        return program is { Length: > 0 } && Path.GetExtension(program) is ".dll" or ".js" or ".mjs" or ".py" ? $"{name} {Path.GetFileName(program)}" : name;
    }

    private static async Task<string?> ByLsofAsync(int port, CancellationToken cancellationToken)
    {
        if (Tool.Find("lsof") is not { } lsof)
        {
            return null;
        }

        // -F prints one field a line, its letter first: p the process, c the command.
        var (_, output) = await Tool.RunAsync(lsof, ["-nP", $"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"], "/", cancellationToken);
        var lines = output.Split('\n');
        return lines.FirstOrDefault(line => line.StartsWith('p')) is { } id && lines.FirstOrDefault(line => line.StartsWith('c')) is { } command
            ? $"{command[1..]} (pid {id[1..]})"
            : null;
    }
}
