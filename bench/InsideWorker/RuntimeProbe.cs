using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime;

namespace Alter.Bench.InsideWorker;

/// <summary>Tells whoever connects how many bytes the process has allocated and how many methods the runtime has compiled so far: eight bytes each, little-endian. Costs nothing between two questions.</summary>
internal static class RuntimeProbe
{
    internal static void Start(int port) => new Thread(() => Answer(port)) { IsBackground = true, Name = "runtime probe" }.Start();

    private static void Answer(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        Span<byte> told = stackalloc byte[2 * sizeof(long)];
        while (true)
        {
            using var client = listener.AcceptTcpClient();
            BinaryPrimitives.WriteInt64LittleEndian(told, GC.GetTotalAllocatedBytes(precise: true));
            BinaryPrimitives.WriteInt64LittleEndian(told[sizeof(long)..], JitInfo.GetCompiledMethodCount());
            try
            {
                client.GetStream().Write(told);
            }
            catch (IOException)
            {
                // It left without waiting.
            }
        }
    }
}
