using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Azure;

namespace Alter.Storage.Wire;

/// <summary>The body of an entity group transaction, and of its answer: a request, and an answer, for each row, as parts of one change set.</summary>
/// <remarks>Every line of a row's part is the vault's own or a JSON object on one line, so that no row's text can be taken for a boundary, and the boundaries may be fixed.</remarks>
internal sealed class TransactionBody
{
    internal const string ContentType = "multipart/mixed; boundary=" + Batch;

    private const string Batch = "batch_alter";
    private const string ChangeSet = "changeset_alter";

    private static readonly byte[] Beginning = Ascii($"--{Batch}\r\nContent-Type: multipart/mixed; boundary={ChangeSet}\r\n\r\n");
    private static readonly byte[] End = Ascii($"--{ChangeSet}--\r\n\r\n--{Batch}--\r\n");

    // One large body does not stay in every thread.
    private const int MostKept = 256 * 1024;

    [ThreadStatic]
    private static TransactionBody? spare;

    [ThreadStatic]
    private static Utf8JsonWriter? writer;

    private readonly ArrayBufferWriter<byte> buffer = new(8 * 1024);

    /// <summary>What is sent.</summary>
    internal ReadOnlyMemory<byte> Written => buffer.WrittenMemory;

    /// <summary>What stands before a row, the same for all of a table.</summary>
    internal sealed class Heads
    {
        private const string Part = $"--{ChangeSet}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n";

        internal Heads(Uri endpoint, string table)
        {
            var url = $"{endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{table}";
            var request = $"?{TableRequests.Format} HTTP/1.1\r\nHost: {endpoint.Host}\r\nx-ms-version: {TableRequests.Version}\r\nDataServiceVersion: 3.0\r\n";
            Add = Ascii($"{Part}POST {url}{request}Prefer: return-no-content\r\nAccept: {TableRequests.JsonRows}\r\nContent-Type: application/json;odata=nometadata\r\n\r\n");
            Put = Ascii($"{Part}PUT {url}(PartitionKey='");
            PutEnd = Ascii($"'){request}Accept: application/json\r\nContent-Type: application/json\r\n\r\n");
        }

        internal byte[] Add { get; }

        internal byte[] Put { get; }

        internal byte[] PutEnd { get; }
    }

    /// <summary>Makes one, where this thread has one to spare in its memory.</summary>
    internal static TransactionBody Of(Heads heads, IReadOnlyList<RowWrite> rows)
    {
        var body = spare ?? new TransactionBody();
        spare = null;
        body.Write(heads, rows);
        return body;
    }

    /// <summary>Nobody reads <see cref="Written"/> any more: its memory serves the next.</summary>
    internal void GiveBack()
    {
        if (buffer.Capacity <= MostKept)
        {
            spare = this;
        }
    }

    private void Write(Heads heads, IReadOnlyList<RowWrite> rows)
    {
        var json = writer ??= new Utf8JsonWriter(buffer, TableRowJson.Writing);
        json.Reset(buffer);
        buffer.ResetWrittenCount();
        buffer.Write(Beginning);
        foreach (var write in rows)
        {
            if (write.Replaces)
            {
                buffer.Write(heads.Put);
                WriteQuoted(write.Row.PartitionKey);
                buffer.Write("',RowKey='"u8);
                WriteQuoted(write.Row.RowKey);
                buffer.Write(heads.PutEnd);
            }
            else
            {
                buffer.Write(heads.Add);
            }

            json.Reset();
            TableRowJson.Write(json, write.Row);
            json.Flush();
            buffer.Write("\r\n"u8);
        }

        buffer.Write(End);
        if (buffer.Capacity > MostKept)
        {
            writer = null; // It would hold the buffer until the thread's next one.
        }
    }

    /// <summary>Reads the answer.</summary>
    /// <exception cref="RequestFailedException">The service says that nothing was written, and why; or does not say that all was.</exception>
    internal static void Expect(int rows, ReadOnlySpan<byte> body)
    {
        var line = "HTTP/1.1 "u8;
        var written = 0;
        for (var at = body.IndexOf(line); at >= 0; at = body.IndexOf(line))
        {
            body = body[(at + line.Length)..];
            if (!Utf8Parser.TryParse(body, out int status, out _) || status is < 200 or >= 300)
            {
                throw TableFault.Of(status, body[Math.Max(0, body.IndexOf((byte)'{'))..]);
            }

            written++;
        }

        if (written != rows)
        {
            throw new RequestFailedException($"The tables answered {written} of {rows} rows.");
        }
    }

    private void WriteQuoted(string key)
    {
        Span<char> place = stackalloc char[256]; // Most keys are short.
        var escaped = new EscapedText(place);
        escaped.AddQuoted(key);
        buffer.Advance(Encoding.ASCII.GetBytes(escaped.Text, buffer.GetSpan(escaped.Text.Length)));
    }

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
