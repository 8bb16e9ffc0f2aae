using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Alter.Bench.InsideWorker;

/// <summary>Tells whoever connects how many bytes the process has allocated so far: eight bytes, little-endian. Costs nothing between two questions.</summary>
internal static class AllocationProbe
{
    internal static void Start(int port) => new Thread(() => Answer(port)) { IsBackground = true, Name = "allocation probe" }.Start();

    private static void Answer(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        Span<byte> told = stackalloc byte[sizeof(long)];
        while (true)
        {
            using var client = listener.AcceptTcpClient();
            BinaryPrimitives.WriteInt64LittleEndian(told, GC.GetTotalAllocatedBytes(precise: true));
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
