using System.Text;
using Alter.Storage;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Alter.Testing;

/// <summary>The network between the vault and its tables and queues: counts requests, and loses them or their answers where a test says so.</summary>
public sealed class FakeNetwork : HttpPipelineTransport, IDisposable
{
    private readonly HttpClientTransport wire = new();
    private int requests;

    /// <summary>Requests sent so far, retries included.</summary>
    public int Requests => requests;

    /// <summary>True: the request never arrives.</summary>
    public Func<Request, bool> LosesRequest { get; set; } = _ => false;

    /// <summary>True: storage does what was asked, and the answer never arrives.</summary>
    public Func<Request, bool> LosesAnswer { get; set; } = _ => false;

    /// <summary>True: storage does what was asked, and its answer breaks off behind the head.</summary>
    public Func<Request, bool> CutsAnswer { get; set; } = _ => false;

    /// <summary>Awaited before a request is sent, so that tests can come between.</summary>
    public Func<Request, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Loses the answer of the next request that fits, and of that one alone.</summary>
    public void LoseNextAnswer(Func<Request, bool> fits)
    {
        var left = 1;
        LosesAnswer = request => fits(request) && Interlocked.Decrement(ref left) >= 0;
    }

    /// <summary>A change of one row by key, or of several by transaction, in a table.</summary>
    public static bool IsWrite(Request request, string table)
    {
        ArgumentNullException.ThrowIfNull(request);
        var path = request.Uri.Path;
        return request.Method != RequestMethod.Get
            && (path.Contains($"/{table}(", StringComparison.Ordinal)
                || path.EndsWith($"/{table}", StringComparison.Ordinal)
                || (IsTransaction(request) && Body(request) is var body && ((string[])[$"/{table}(", $"/{table}?", $"/{table} "]).Any(name => body.Contains(name, StringComparison.Ordinal))));
    }

    /// <summary>Rows of a table whose name begins so are read or written, by whatever request.</summary>
    public static bool Concerns(Request request, string table)
    {
        ArgumentNullException.ThrowIfNull(request);
        return (IsTransaction(request) ? Body(request) : request.Uri.Path).Contains($"/{table}", StringComparison.Ordinal);
    }

    /// <summary>What is sent, as text; empty where nothing is.</summary>
    public static string Body(Request request)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var body = new MemoryStream();
        request.Content?.WriteTo(body, CancellationToken.None);
        return Encoding.UTF8.GetString(body.ToArray());
    }

    /// <summary>A request to tables, not to a queue.</summary>
    public static bool IsTables(Request request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var path = request.Uri.Path;
        return !path.Contains("/messages", StringComparison.Ordinal) && !path.EndsWith($"/{AlterQueues.Refresh}", StringComparison.Ordinal) && !path.EndsWith($"/{AlterQueues.Revoke}", StringComparison.Ordinal);
    }

    public override Request CreateRequest() => wire.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException("The vault never blocks.");

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        Interlocked.Increment(ref requests);
        await Before(message.Request);
        if (LosesRequest(message.Request))
        {
            throw Lost();
        }

        var losesAnswer = LosesAnswer(message.Request);
        var cutsAnswer = CutsAnswer(message.Request);
        await wire.ProcessAsync(message);
        if (cutsAnswer)
        {
            message.Response.ContentStream?.Dispose();
            message.Response.ContentStream = new CutStream();
        }

        if (losesAnswer)
        {
            message.Response.Dispose();
            throw Lost();
        }
    }

    public void Dispose() => wire.Dispose();

    // What the real transport makes of a broken connection: the client tries again by itself.
    private static RequestFailedException Lost() => new("The connection broke.", new IOException("The connection broke."));

    private static bool IsTransaction(Request request) => request.Uri.Path.EndsWith("/$batch", StringComparison.Ordinal);

    // Ends as a connection does that was closed before the length it announced.
    private sealed class CutStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new HttpIOException(HttpRequestError.ResponseEnded, "The connection broke.");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
