using System.Globalization;

namespace Alter.FunctionsHost;

/// <summary>Who listens on a TCP port, as Linux tells it in <c>/proc</c>.</summary>
internal static class ListeningSockets
{
    private const string Listening = "0A"; // TCP_LISTEN, linux/include/net/tcp_states.h

    /// <summary>The sockets that listen on a port, on any address, as links under <c>/proc/[pid]/fd</c> name them; none where the system does not tell.</summary>
    // proc(5), /proc/net/tcp: "sl local_address rem_address st … uid timeout inode", addresses as hex with the port behind the colon.
    public static HashSet<string> On(int port)
    {
        var suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return [.. from table in (string[])["/proc/net/tcp", "/proc/net/tcp6"]
                   where File.Exists(table)
                   from line in File.ReadLines(table).Skip(1)
                   let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                   where fields.Length > 9 && fields[3] == Listening && fields[1].EndsWith(suffix, StringComparison.Ordinal)
                   select $"socket:[{fields[9]}]"];
    }

    /// <summary>Whether a process has one of the sockets; never one of another user's, nor one that has just left.</summary>
    /// <param name="folder">The process's, such as <c>/proc/4711</c>.</param>
    public static bool IsHolder(string folder, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(folder, "fd")).Any(fd => sockets.Contains(new FileInfo(fd).LinkTarget ?? ""));
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }
}
