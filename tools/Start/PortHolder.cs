using System.Globalization;

namespace Alter.Start;

/// <summary>Who listens on a port: <c>/proc</c> on Linux, <c>lsof</c> on macOS, nobody's name elsewhere.</summary>
internal static class PortHolder
{
    private const string Listening = "0A"; // TCP_LISTEN, linux/include/net/tcp_states.h

    /// <summary>Such as <c>node server.js (pid 4711)</c>; null where it cannot be seen.</summary>
    public static Task<string?> FindAsync(int port, CancellationToken cancellationToken) =>
        OperatingSystem.IsLinux() ? Task.FromResult(InProc(port)) : OperatingSystem.IsMacOS() ? ByLsofAsync(port, cancellationToken) : Task.FromResult<string?>(null);

    private static string? InProc(int port)
    {
        var sockets = Inodes(port).Select(inode => $"socket:[{inode}]").ToHashSet();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            try
            {
                if (Directory.EnumerateFiles(Path.Combine(folder, "fd")).Any(fd => sockets.Contains(new FileInfo(fd).LinkTarget ?? "")))
                {
                    return $"{NameOf(folder)} (pid {Path.GetFileName(folder)})";
                }
            }
            catch (Exception e) when (e is UnauthorizedAccessException or IOException)
            {
                // Another user's process, or one that has just left.
            }
        }

        return null;
    }

    // proc(5), /proc/net/tcp: "sl local_address rem_address st … uid timeout inode", addresses as hex with the port behind the colon.
    private static IEnumerable<string> Inodes(int port)
    {
        var suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return from table in (string[])["/proc/net/tcp", "/proc/net/tcp6"]
               where File.Exists(table)
               from line in File.ReadLines(table).Skip(1)
               let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
               where fields.Length > 9 && fields[3] == Listening && fields[1].EndsWith(suffix, StringComparison.Ordinal)
               select fields[9];
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
