using System.Collections.Concurrent;
using System.Net;
using Alter.FunctionsHost.Protocol;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Alter.FunctionsHost;

/// <summary>The gRPC endpoint the workers call, on the loopback interface alone.</summary>
internal sealed class WorkerGateway : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, (WorkerChannel Channel, TaskCompletionSource Connected)> expected = new();
    private readonly WebApplication server;

    private WorkerGateway()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore().AddSingleton(this);
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = grpc.MaxSendMessageSize = int.MaxValue);
        builder.Logging.ClearProviders();
        server = builder.Build();
        server.UseRouting();
        server.MapGrpcService<EventStreamService>();
    }

    public Uri Address => new(server.Urls.Single());

    public static async Task<WorkerGateway> StartAsync(CancellationToken cancellationToken)
    {
        var gateway = new WorkerGateway();
        await gateway.server.StartAsync(cancellationToken);
        return gateway;
    }

    /// <summary>Announces a worker; the task ends when it has connected under this id. Anyone else is turned away.</summary>
    public Task ExpectAsync(string workerId, WorkerChannel channel)
    {
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        expected[workerId] = (channel, connected);
        return connected.Task;
    }

    public void Forget(string workerId) => expected.TryRemove(workerId, out _);

    public async ValueTask DisposeAsync() => await server.DisposeAsync();

    private sealed class EventStreamService(WorkerGateway gateway) : FunctionRpc.FunctionRpcBase
    {
        public override async Task EventStream(
            IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream, ServerCallContext context)
        {
            if (!await requestStream.MoveNext(context.CancellationToken)
                || requestStream.Current.StartStream is not { } start
                || !gateway.expected.TryRemove(start.WorkerId, out var worker))
            {
                throw new RpcException(new Status(StatusCode.PermissionDenied, "Unknown worker."));
            }

            worker.Connected.TrySetResult();
            await worker.Channel.RunAsync(requestStream, responseStream, context.CancellationToken);
        }
    }
}
