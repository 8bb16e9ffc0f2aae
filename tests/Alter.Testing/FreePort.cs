using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Alter.Testing;

/// <summary>Ports of this machine for those who are told where to listen.</summary>
public static class FreePort
{
    // Below the ports the system gives to outgoing connections and to whoever asks for any.
    private const int First = 20_000;
    private const int Parts = 24;
    private const int PartSize = 500;

    // Processes that run side by side draw from parts of their own: whoever holds a part's file has it, until the end of the process.
    private static readonly (int Number, FileStream Hold) Part = Take();

    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A port nobody has, given once: it is still free when its taker comes to it.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = First + (Part.Number * PartSize) + Random.Shared.Next(PartSize);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                if (Given.TryAdd(port, true))
                {
                    return port;
                }
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }

    private static (int Number, FileStream Hold) Take()
    {
        for (var part = 0; part < Parts; part++)
        {
            try
            {
                return (part, new FileStream(Path.Combine(Path.GetTempPath(), $"alter-test-ports-{part}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody has it.
            }
        }

        throw new InvalidOperationException($"{Parts} processes draw ports already.");
    }
}
