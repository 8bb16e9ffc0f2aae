using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Alter.Testing;

/// <summary>Ports of this machine for those who are told where to listen.</summary>
public static class FreePort
{
    // Below the ports the system gives to outgoing connections and to whoever asks for any; processes that run side by side draw from parts of their own, but for one pair in eight.
    private const int First = 20_000;
    private const int Parts = 8;
    private const int PartSize = 1_500;

    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A port nobody has, given once: it is still free when its taker comes to it.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = First + (Environment.ProcessId % Parts * PartSize) + Random.Shared.Next(PartSize);
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
}
