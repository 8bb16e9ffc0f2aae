using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Alter.Bench.Running;

/// <summary>What is put into a worker to see inside it: bench/InsideWorker, loaded by the runtime beside the worker as it is deployed.</summary>
public static class InsideWorker
{
    /// <summary>Settings of a host with one worker.</summary>
    /// <param name="probePort">A free port of loopback.</param>
    /// <param name="cansStorage">True: storage is answered in the worker's own process.</param>
    public static IReadOnlyDictionary<string, string> Settings(int probePort, bool cansStorage = false) => new Dictionary<string, string>
    {
        ["DOTNET_STARTUP_HOOKS"] = BenchVault.Metadata(nameof(InsideWorker)),
        ["ALTER_BENCH_PROBE_PORT"] = $"{probePort}",
        ["ALTER_BENCH_CANNED_STORAGE"] = cansStorage ? "true" : "false",
    };

    /// <summary>Bytes the worker has allocated, and methods its runtime has compiled, since it was started.</summary>
    public static async Task<(long Allocated, long Compiled)> AskAsync(int probePort, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, probePort, cancellationToken);
        var told = new byte[2 * sizeof(long)];
        await client.GetStream().ReadExactlyAsync(told, cancellationToken);
        return (BinaryPrimitives.ReadInt64LittleEndian(told), BinaryPrimitives.ReadInt64LittleEndian(told.AsSpan(sizeof(long))));
    }
}
