using System.Collections.Concurrent;
using System.Diagnostics;
using Alter.Storage;
using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Alter.Bench.InsideWorker;

/// <summary>
/// Storage that answers in the worker's own process, at once: what is left of a call is the vault's own. It lies under the vault's table client, which makes,
/// signs, serialises and parses as always.
/// </summary>
/// <remarks>
/// What is read is read from the real storage once and answered with the same bytes from then on; whatever is written is said to be done. A table is really made. So it
/// serves calls of grants that do not change, and nothing else.
/// </remarks>
internal sealed class CannedStorage : HttpPipelineTransport, IDisposable
{
    [ThreadStatic]
    private static MemoryStream? written;

    private readonly HttpClientTransport wire = new();
    private readonly ConcurrentDictionary<string, CannedAnswer> read = new(StringComparer.Ordinal);

    /// <summary>Puts it under the storage of the host that is about to be built.</summary>
    internal static void Install() => DiagnosticListener.AllListeners.Subscribe(new BuildingHost());

    public override Request CreateRequest() => wire.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException("The vault never blocks.");

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var request = message.Request;
        if (request.Method == RequestMethod.Get)
        {
            message.Response = await ReadAsync(message);
        }
        else if (request.Uri.Path.EndsWith("/Tables", StringComparison.Ordinal))
        {
            await wire.ProcessAsync(message);
        }
        else
        {
            message.Response = await WrittenAsync(request, message.CancellationToken);
        }

        message.Response.ClientRequestId = request.ClientRequestId;
    }

    public void Dispose() => wire.Dispose();

    private async ValueTask<CannedAnswer> ReadAsync(HttpMessage message)
    {
        var asked = message.Request.Uri.PathAndQuery;
        if (!read.TryGetValue(asked, out var answer))
        {
            await wire.ProcessAsync(message);
            using var first = message.Response;
            answer = await CannedAnswer.OfAsync(first, message.CancellationToken);
            if (answer.Status < 500)
            {
                read[asked] = answer;
            }
        }

        return answer.Again();
    }

    private static async ValueTask<CannedAnswer> WrittenAsync(Request request, CancellationToken cancellationToken)
    {
        // What would go over the wire is made all the same.
        var body = (written ??= new MemoryStream()); // As a connection writes into a buffer it has.
        body.SetLength(0);
        if (request.Content is { } content)
        {
            await content.WriteToAsync(body, cancellationToken);
        }

        return request.Uri.Path.EndsWith("/$batch", StringComparison.Ordinal)
            ? CannedAnswer.OfTransaction(CountOperations(body.GetBuffer().AsSpan(0, (int)body.Length)))
            : CannedAnswer.Done;
    }

    // Each operation of a transaction is a request of its own in the body; text of a row never holds a line end as it is.
    private static int CountOperations(ReadOnlySpan<byte> body)
    {
        var line = " HTTP/1.1\r\n"u8;
        var count = 0;
        for (var at = body.IndexOf(line); at >= 0; at = body.IndexOf(line))
        {
            count++;
            body = body[(at + line.Length)..];
        }

        return count;
    }

    // The host tells that it is about to be built, and takes further services from whoever listens.
    private sealed class BuildingHost : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting")
            {
                value.Subscribe(this);
            }
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: "HostBuilding", Value: IHostBuilder host })
            {
                host.ConfigureServices((context, services) => services.Replace(ServiceDescriptor.Singleton(_ =>
                    AlterStorageOptions.From(context.Configuration)! with { Transport = new CannedStorage() })));
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
