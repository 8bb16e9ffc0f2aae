using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Azure;
using Azure.Core;

namespace Alter.Bench.InsideWorker;

/// <summary>An answer of storage that is in memory already.</summary>
internal sealed class CannedAnswer : Response
{
    // 100 operations is the most that storage takes in one transaction.
    private static readonly CannedAnswer?[] Transactions = new CannedAnswer?[101];

    private readonly Dictionary<string, string> headers;
    private readonly byte[] body;

    private CannedAnswer(int status, string reason, Dictionary<string, string> headers, byte[] body)
    {
        (Status, ReasonPhrase, this.headers, this.body) = (status, reason, headers, body);
        ContentStream = new MemoryStream(body, 0, body.Length, writable: false, publiclyVisible: true); // As one that came over the wire is kept.
    }

    /// <summary>A row was written.</summary>
    internal static CannedAnswer Done => new(204, "No Content", new(StringComparer.OrdinalIgnoreCase) { ["ETag"] = "W/\"canned\"" }, []);

    public override int Status { get; }

    public override string ReasonPhrase { get; }

    public override Stream? ContentStream { get; set; }

    public override string ClientRequestId { get; set; } = "";

    /// <summary>Keeps what was answered.</summary>
    internal static async Task<CannedAnswer> OfAsync(Response answer, CancellationToken cancellationToken)
    {
        using var copy = new MemoryStream();
        if (answer.ContentStream is { } stream)
        {
            await stream.CopyToAsync(copy, cancellationToken);
        }

        return new CannedAnswer(answer.Status, answer.ReasonPhrase, answer.Headers.ToDictionary(header => header.Name, header => header.Value, StringComparer.OrdinalIgnoreCase), copy.ToArray());
    }

    /// <summary>All operations of a transaction were carried out.</summary>
    internal static CannedAnswer OfTransaction(int operations) => (Transactions[operations] ??= Carried(operations)).Again();

    /// <summary>The same answer, to be read from its beginning.</summary>
    internal CannedAnswer Again() => new(Status, ReasonPhrase, headers, body);

    public override void Dispose() => ContentStream?.Dispose();

    protected override bool ContainsHeader(string name) => headers.ContainsKey(name);

    protected override IEnumerable<HttpHeader> EnumerateHeaders() => headers.Select(header => new HttpHeader(header.Key, header.Value));

    protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value) => headers.TryGetValue(name, out value);

    protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
    {
        values = TryGetHeader(name, out var value) ? [value] : null;
        return values is not null;
    }

    // "Performing entity group transactions": one part per operation inside the one part of the change set.
    private static CannedAnswer Carried(int operations)
    {
        const string Batch = "batchresponse_canned", Set = "changesetresponse_canned";
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"--{Batch}\r\nContent-Type: multipart/mixed; boundary={Set}\r\n\r\n");
        for (var operation = 0; operation < operations; operation++)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"--{Set}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nHTTP/1.1 204 No Content\r\nDataServiceVersion: 3.0;\r\nETag: W/\"canned\"\r\n\r\n\r\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"--{Set}--\r\n--{Batch}--\r\n");
        return new CannedAnswer(202, "Accepted", new(StringComparer.OrdinalIgnoreCase) { [HttpHeader.Names.ContentType] = $"multipart/mixed; boundary={Batch}" }, Encoding.ASCII.GetBytes(text.ToString()));
    }
}
