using System.Diagnostics;
using System.Globalization;
using System.Net;
using Alter.FunctionsHost.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Alter.FunctionsHost;

/// <summary>Runs one HTTP function for one request.</summary>
/// <remarks>
/// <code>
/// client ──► (1) buffer a body that has a length ──► (2) InvocationRequest over gRPC ──► worker
///            (3) the request itself, forwarded over HTTP ─────────────────────────────► worker, joins both by x-ms-invocation-id
/// client ◄── (4) the response, streamed ◄─────────────────────────────────────────────  worker
///            (5) InvocationResponse: success leaves (4) as it is; failure makes it an empty 500, or cuts it if it has begun
/// </code>
/// </remarks>
internal sealed class HttpInvoker(IHttpForwarder forwarder, WorkerPool pool, HostLog log) : IDisposable
{
    private const string InvocationIdHeader = "x-ms-invocation-id";
    private const long DefaultBodyLimit = 104_857_600; // The Functions host's own.
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(1);

    // The host's time limit between two signs of life; longer than the front end's 230 s.
    private static readonly ForwarderRequestConfig Forwarding = new() { ActivityTimeout = TimeSpan.FromSeconds(240) };

    private readonly HttpMessageInvoker client = new(new ConnectRetryHandler(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
    }));

    public static long BodyLimit(Settings settings) =>
        settings["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"] is not { Length: > 0 } text
            ? DefaultBodyLimit
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
                ? limit
                : throw new HostStartException("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT must be a number of bytes.");

    public static Task NotRunningAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync("Function host is not running.");
    }

    public async Task InvokeAsync(HttpContext context, RouteMatch match)
    {
        var clock = Stopwatch.StartNew();
        if (pool.Next() is not { } worker)
        {
            await NotRunningAsync(context);
            return;
        }

        try
        {
            await RunAsync(context, match, worker);
            log.Host(LogLevel.Information, $"{match.Function.Name} succeeded with {context.Response.StatusCode} in {clock.ElapsedMilliseconds} ms.", "Host.Results");
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            log.Host(LogLevel.Information, $"{match.Function.Name} was left by its client after {clock.ElapsedMilliseconds} ms.", "Host.Results");
        }
        catch (WorkerLostException e)
        {
            log.Host(LogLevel.Error, $"{match.Function.Name} was cut off: {e.Message}", "Host.Results");
            Fail(context, StatusCodes.Status503ServiceUnavailable);
        }
        catch (Exception e) when (e is InvocationFailedException or BadHttpRequestException)
        {
            log.Host(LogLevel.Error, $"{match.Function.Name} failed: {e.Message}", "Host.Results");
            Fail(context, StatusCodes.Status500InternalServerError);
        }
    }

    public void Dispose() => client.Dispose();

    private async Task RunAsync(HttpContext context, RouteMatch match, WorkerChannel worker)
    {
        var request = context.Request;
        var body = await BufferAsync(context); // (1)

        worker.DemandLoaded(match.Function);

        // TryAdd, as Azure does it: a client that brings its own id gets a worker that waits in vain and says 500 after 5 s.
        var id = Guid.NewGuid().ToString();
        request.Headers.TryAdd(InvocationIdHeader, id);

        var metadata = TriggerMetadata.OfRequest(request, match.Values, body);
        var trace = new RpcTraceContext { TraceParent = request.Headers.TraceParent.ToString(), TraceState = request.Headers.TraceState.ToString() };
        var invocation = worker.InvokeAsync(
            Invocation.Create(id, match.Function, new TypedData { Http = new RpcHttp() }, metadata, trace), context.RequestAborted); // (2)

        using var cut = new CancellationTokenSource();
        var forwarding = forwarder.SendAsync(context, worker.HttpUri, client, Forwarding, HttpTransformer.Default, cut.Token).AsTask(); // (3, 4)
        if (await Task.WhenAny(invocation, forwarding) == invocation && !invocation.IsCompletedSuccessfully)
        {
            // Nothing good comes any more: a living worker gets a moment to end its half, a dead one none.
            cut.CancelAfter(invocation.Exception?.InnerException is WorkerLostException ? TimeSpan.Zero : FarewellLimit);
        }

        var error = await forwarding;
        await invocation; // (5)
        if (error is not ForwarderError.None)
        {
            throw new InvocationFailedException($"Failed to proxy the request: {error}.");
        }
    }

    // A body with a length is read whole before the function is invoked, and read again as binding data; a chunked one streams.
    private static async Task<ReadOnlyMemory<byte>> BufferAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.ContentLength is not > 0)
        {
            return default;
        }

        var copy = new MemoryStream();
        context.Response.RegisterForDispose(copy);
        await request.Body.CopyToAsync(copy, context.RequestAborted);
        copy.Position = 0;
        request.Body = copy;
        return copy.GetBuffer().AsMemory(0, (int)copy.Length);
    }

    private static void Fail(HttpContext context, int status)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.Clear();
        context.Response.StatusCode = status;
    }
}
