using System.Buffers.Binary;
using System.Text;

namespace Alter.Functions.Tests.Telemetry;

/// <summary>A protobuf message by field numbers, as far as reading OTLP needs it.</summary>
internal sealed class ProtoMessage
{
    private readonly List<(int Field, ulong Number, ReadOnlyMemory<byte> Bytes)> fields = [];

    private ProtoMessage()
    {
    }

    public static ProtoMessage Read(ReadOnlyMemory<byte> bytes)
    {
        var (message, at) = (new ProtoMessage(), 0);
        while (at < bytes.Length)
        {
            var tag = Varint(bytes.Span, ref at);
            var (field, number, content) = ((int)(tag >> 3), 0UL, ReadOnlyMemory<byte>.Empty);
            switch (tag & 7)
            {
                case 0:
                    number = Varint(bytes.Span, ref at);
                    break;
                case 1:
                    number = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span[at..]);
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(bytes.Span, ref at);
                    content = bytes.Slice(at, length);
                    at += length;
                    break;
                case 5:
                    number = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span[at..]);
                    at += 4;
                    break;
                default:
                    throw new FormatException($"Wire type {tag & 7} at {at}.");
            }

            message.fields.Add((field, number, content));
        }

        return message;
    }

    public IEnumerable<ProtoMessage> All(int field) => fields.Where(one => one.Field == field).Select(one => Read(one.Bytes));

    public ReadOnlyMemory<byte> Bytes(int field) => fields.LastOrDefault(one => one.Field == field).Bytes;

    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field).Span);

    public string Hex(int field) => Convert.ToHexStringLower(Bytes(field).Span);

    public ulong Number(int field) => fields.LastOrDefault(one => one.Field == field).Number;

    /// <summary>The key-value pairs of a field, values as text.</summary>
    public IReadOnlyDictionary<string, string> Attributes(int field) => All(field).ToDictionary(pair => pair.Text(1), pair => ValueOf(Read(pair.Bytes(2))));

    // AnyValue: string, bool, int, double.
    private static string ValueOf(ProtoMessage value) => value.fields switch
    {
        [{ Field: 1, Bytes: var text }] => Encoding.UTF8.GetString(text.Span),
        [{ Field: 4, Number: var bits }] => $"{BitConverter.UInt64BitsToDouble(bits)}",
        [{ Number: var number }] => $"{number}",
        _ => "",
    };

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var one = bytes[at++];
            value |= (ulong)(one & 0x7f) << shift;
            if (one < 0x80)
            {
                return value;
            }
        }
    }
}
