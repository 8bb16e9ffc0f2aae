using System.Collections.Concurrent;
using System.Threading.Channels;
using Alter.FunctionsHost.Protocol;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Alter.FunctionsHost;

/// <summary>The conversation with one worker process, from its first word to the end of its stream.</summary>
/// <remarks>
/// <code>
/// worker ── StartStream ─────────────► host     (1) the worker names itself
///        ◄─ WorkerInitRequest ────────          (2) capabilities, among them HttpUri: where it takes HTTP
///        ◄─ FunctionsMetadataRequest ─          (3) which functions there are
///        ◄─ FunctionLoadRequest × n ──          (4) each is loaded
///        ◄─ InvocationRequest ────────          (5) any number at a time; logs come whenever they like
///        ◄─ WorkerTerminate ──────────          (6) the worker exits by itself
/// </code>
/// Replies are paired with requests by request id, invocations by invocation id. When the stream ends, all that is pending fails.
/// </remarks>
internal sealed class WorkerChannel(int number, HostLog log)
{
    private readonly Channel<StreamingMessage> outgoing = Channel.CreateUnbounded<StreamingMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamingMessage>> pending = new();
    private readonly ConcurrentDictionary<string, string> faultyFunctions = new();
    private volatile bool closed;

    /// <summary>Where the worker takes HTTP; known once it is initialised.</summary>
    public string HttpUri { get; private set; } = "";

    /// <summary>Runs the stream until the worker leaves. The first message, StartStream, has been read already (1).</summary>
    public async Task RunAsync(IAsyncStreamReader<StreamingMessage> incoming, IServerStreamWriter<StreamingMessage> writer, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = WriteAsync(writer, ended.Token);
        try
        {
            while (await incoming.MoveNext(cancellationToken))
            {
                Receive(incoming.Current);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or RpcException)
        {
            // A killed worker ends its stream without a farewell; Close below tells everyone who waits.
        }
        finally
        {
            Close();
            await ended.CancelAsync();
            await writing;
        }
    }

    /// <summary>Initialises the worker and loads its functions (2, 3, 4).</summary>
    public async Task<IReadOnlyList<FunctionDefinition>> PrepareAsync(AppFolder app, CancellationToken cancellationToken)
    {
        var init = (await AskAsync(new() { WorkerInitRequest = new() { HostVersion = "4.1048.0", WorkerDirectory = app.Directory, FunctionAppDirectory = app.Directory } }, cancellationToken)).WorkerInitResponse;
        Demand(init.Result, "The worker could not be initialised");
        HttpUri = init.Capabilities.TryGetValue("HttpUri", out var uri)
            ? uri
            : throw new HostStartException("The worker has no HttpUri capability: it must use ConfigureFunctionsWebApplication().");

        var listing = (await AskAsync(new() { FunctionsMetadataRequest = new() { FunctionAppDirectory = app.Directory } }, cancellationToken)).FunctionMetadataResponse;
        Demand(listing.Result, "The worker could not list its functions");
        await Task.WhenAll(listing.Metadata.Select(f => LoadAsync(f, cancellationToken)));
        return [.. listing.Metadata.Select(FunctionDefinition.From)];
    }

    /// <exception cref="InvocationFailedException">The worker could not load the function.</exception>
    public void DemandLoaded(FunctionDefinition function)
    {
        if (faultyFunctions.TryGetValue(function.Id, out var fault))
        {
            throw new InvocationFailedException(fault);
        }
    }

    /// <summary>Runs a function (5); returns when it succeeded.</summary>
    /// <exception cref="InvocationFailedException">It failed, or its worker is gone.</exception>
    public async Task InvokeAsync(InvocationRequest request, CancellationToken cancellationToken)
    {
        var answer = Expect(request.InvocationId);
        Send(new() { InvocationRequest = request });
        // A caller who gives up is told so by the function itself, which then ends: the answer is always awaited.
        await using var cancelling = cancellationToken.Register(() => Send(new() { InvocationCancel = new() { InvocationId = request.InvocationId } }));
        var result = (await answer).InvocationResponse.Result;
        if (result?.Status is not StatusResult.Types.Status.Success)
        {
            throw new InvocationFailedException(Describe(result));
        }
    }

    /// <summary>Asks the worker to leave (6).</summary>
    public void Terminate() => Send(new() { WorkerTerminate = new() { GracePeriod = new() { Seconds = 5 } } });

    /// <summary>Fails everything that still waits for this worker.</summary>
    public void Close()
    {
        closed = true;
        outgoing.Writer.TryComplete();
        foreach (var id in pending.Keys)
        {
            if (pending.TryRemove(id, out var waiting))
            {
                waiting.TrySetException(Lost());
            }
        }
    }

    private async Task LoadAsync(RpcFunctionMetadata function, CancellationToken cancellationToken)
    {
        var response = (await AskAsync(new() { FunctionLoadRequest = new() { FunctionId = function.FunctionId, Metadata = function } }, cancellationToken)).FunctionLoadResponse;
        if (response.Result?.Status is not StatusResult.Types.Status.Success)
        {
            var fault = $"{function.Name} could not be loaded: {Describe(response.Result)}";
            faultyFunctions[function.FunctionId] = fault;
            log.Host(LogLevel.Error, fault, "Host.Startup");
        }
    }

    private async Task<StreamingMessage> AskAsync(StreamingMessage question, CancellationToken cancellationToken)
    {
        question.RequestId = Guid.NewGuid().ToString();
        var answer = Expect(question.RequestId);
        Send(question);
        return await answer.WaitAsync(cancellationToken);
    }

    private Task<StreamingMessage> Expect(string id)
    {
        var waiting = new TaskCompletionSource<StreamingMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        pending[id] = waiting;
        // Close sets the flag before it empties the table, so whoever enters too late sees the flag.
        if (closed && pending.TryRemove(id, out _))
        {
            waiting.TrySetException(Lost());
        }

        return waiting.Task;
    }

    private void Receive(StreamingMessage message)
    {
        switch (message.ContentCase)
        {
            case StreamingMessage.ContentOneofCase.RpcLog:
                var entry = message.RpcLog;
                log.Worker(number, (LogLevel)Math.Clamp(entry.Level, 0, 5), entry.Category, entry.Message, entry.Exception is { } e ? $"{e.Message}\n{e.StackTrace}".Trim() : null);
                break;
            case StreamingMessage.ContentOneofCase.InvocationResponse:
                Answer(message.InvocationResponse.InvocationId, message);
                break;
            default:
                Answer(message.RequestId, message);
                break;
        }
    }

    private void Answer(string id, StreamingMessage message)
    {
        if (pending.TryRemove(id, out var waiting))
        {
            waiting.TrySetResult(message);
        }
    }

    private void Send(StreamingMessage message) => outgoing.Writer.TryWrite(message);

    // A gRPC stream takes one write at a time.
    private async Task WriteAsync(IServerStreamWriter<StreamingMessage> writer, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in outgoing.Reader.ReadAllAsync(cancellationToken))
            {
                await writer.WriteAsync(message, cancellationToken);
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException or RpcException)
        {
            // The stream is gone; RunAsync sees the same and closes.
        }
    }

    private WorkerLostException Lost() => new($"Worker {number} is gone.");

    private static void Demand(StatusResult? result, string complaint)
    {
        if (result is { Status: not StatusResult.Types.Status.Success })
        {
            throw new HostStartException($"{complaint}: {Describe(result)}");
        }
    }

    private static string Describe(StatusResult? result) => result?.Exception is { } e ? $"{e.Type} {e.Message}".Trim().ReplaceLineEndings(" ") : "no reason given";
}
