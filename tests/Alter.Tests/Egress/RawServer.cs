using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Alter.Tests.Egress;

/// <summary>A loopback server that answers the bytes it was given, so that answers no web server would send can be sent.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopped = new();
    private readonly Func<int, byte[]?> answers;
    private readonly Task accepting;

    /// <param name="answers">From the request's number, starting at 1: the answer's bytes; empty: close; null: keep silent.</param>
    public RawServer(Func<int, byte[]?> answers)
    {
        this.answers = answers;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public int Connections { get; private set; }

    public ConcurrentQueue<string> Requests { get; } = new();

    public TaskCompletionSource FirstRequest { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static RawServer Answering(string answer) => new(_ => Encoding.Latin1.GetBytes(answer));

    public async ValueTask DisposeAsync()
    {
        await stopped.CancelAsync();
        await accepting; // Before the listener stops: one that was asked to accept after that throws.
        listener.Stop();
        stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await listener.AcceptSocketAsync(stopped.Token);
                Connections++;
                connections.Add(ServeAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var _ = socket;
        try
        {
            var buffer = new byte[16 * 1024];
            for (int read; (read = await socket.ReceiveAsync(buffer, stopped.Token)) > 0;)
            {
                Requests.Enqueue(Encoding.Latin1.GetString(buffer, 0, read));
                FirstRequest.TrySetResult();
                switch (answers(Requests.Count))
                {
                    case null:
                        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stopped.Token);
                        break;
                    case []:
                        return;
                    case var answer:
                        await socket.SendAsync(answer, stopped.Token);
                        break;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The test is over, or the client has hung up, as some tests want.
        }
    }
}
