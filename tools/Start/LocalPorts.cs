using System.Net;
using System.Net.Sockets;

namespace Alter.Start;

/// <summary>The TCP ports of this machine.</summary>
internal static class LocalPorts
{
    /// <summary>That many different ports nobody listens on.</summary>
    public static int[] Free(int count)
    {
        var listeners = new List<TcpListener>();
        try
        {
            // Open at the same time, so that they differ.
            for (var i = 0; i < count; i++)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                listeners.Add(listener);
            }

            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }

    /// <summary>Refuses when one of the ports is taken, naming all that are and who has them.</summary>
    public static async Task DemandFreeAsync(IEnumerable<(string Name, int Port)> ports, CancellationToken cancellationToken)
    {
        var busy = new List<string>();
        foreach (var (name, port) in ports.Where(row => IsBusy(row.Port)))
        {
            var holder = await PortHolder.FindAsync(port, cancellationToken);
            busy.Add($"Port {port} ({name}) is held by {holder ?? "another process"}");
        }

        if (busy is not [])
        {
            throw new StartFailure($"{string.Join("; ", busy)}. Stop that and run ./start again.");
        }
    }

    // Kestrel takes both loopback addresses for "localhost"; a machine without IPv6 has the one.
    private static bool IsBusy(int port) => IsTaken(IPAddress.Loopback, port) || (Socket.OSSupportsIPv6 && IsTaken(IPAddress.IPv6Loopback, port));

    private static bool IsTaken(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied;
        }
    }
}
