using System.Net;
using System.Net.Sockets;

namespace Alter.Egress;

/// <summary>Every address a name stands for.</summary>
internal delegate Task<IPAddress[]> NameResolution(string host, CancellationToken cancellationToken);

/// <summary>Resolves a name, judges every address it stands for, and connects to exactly what was judged: no second look-up, no rebinding.</summary>
internal static class GuardedConnection
{
    /// <summary>For name, TCP and TLS together.</summary>
    internal static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    // An address that swallows packets must leave time for the next one.
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(3);

    internal static async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, EgressScope scope, NameResolution names, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var isPlain = context.InitialRequestMessage.RequestUri?.Scheme != Uri.UriSchemeHttps;
        var addresses = await names(host, cancellationToken);

        // One forbidden address condemns the name: no honest host mixes, and which one is tried would be the attacker's choice.
        if (!addresses.All(address => Permits(address, scope, isPlain)))
        {
            throw new EgressException(EgressFault.ForbiddenAddress, $"{host} leads to an address that is not public.");
        }

        SocketException? last = null;
        for (var i = 0; i < addresses.Length; i++)
        {
            try
            {
                return await ConnectAsync(new IPEndPoint(addresses[i], port), isLast: i == addresses.Length - 1, cancellationToken);
            }
            catch (SocketException e)
            {
                last = e;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    internal static bool Permits(IPAddress address, EgressScope scope, bool isPlain) =>
        (!isPlain && PublicAddress.IsPublic(address)) || (scope is EgressScope.LoopbackToo && IPAddress.IsLoopback(address));

    private static async Task<Stream> ConnectAsync(IPEndPoint endPoint, bool isLast, CancellationToken cancellationToken)
    {
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (!isLast)
        {
            attempt.CancelAfter(AttemptTimeout);
        }

        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, attempt.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
