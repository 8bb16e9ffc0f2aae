using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Alter.FunctionsHost;

/// <summary>The address the world calls: admin paths first, then the functions, then the home page, else a bare 404.</summary>
internal sealed class HttpFront : IAsyncDisposable
{
    private readonly WebApplication server;
    private readonly Settings settings;
    private readonly HttpInvoker invoker;
    private volatile RouteTable? routes;
    private volatile AdminEndpoint? admin;

    private HttpFront(FunctionsHostOptions options, Settings settings, WorkerPool pool, HostLog log)
    {
        this.settings = settings;
        var bodyLimit = HttpInvoker.BodyLimit(settings);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(Address(options.Host), options.Port);
            kestrel.AddServerHeader = false;
            // Kestrel's defaults, which Azure's host leaves alone; spelt out because tests rely on them.
            kestrel.Limits.MaxRequestLineSize = 8 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
            kestrel.Limits.MaxRequestBodySize = bodyLimit;
        });
        builder.Services.AddRouting().AddHttpForwarder();
        builder.Logging.ClearProviders();
        server = builder.Build();
        invoker = new HttpInvoker(server.Services.GetRequiredService<IHttpForwarder>(), pool, log);
        server.Run(HandleAsync);
    }

    public Uri Url => new(server.Urls.Single());

    public IInlineConstraintResolver Constraints => server.Services.GetRequiredService<IInlineConstraintResolver>();

    /// <summary>Takes the address at once, so that a busy port is known before any worker starts; until <see cref="Open"/> it answers 503.</summary>
    public static async Task<HttpFront> StartAsync(FunctionsHostOptions options, Settings settings, WorkerPool pool, HostLog log, CancellationToken cancellationToken)
    {
        var front = new HttpFront(options, settings, pool, log);
        try
        {
            await front.server.StartAsync(cancellationToken);
            return front;
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            await front.DisposeAsync();
            throw new HostStartException($"Port {options.Port} on {options.Host} is in use; stop its owner or choose another with --port.");
        }
        catch (SocketException e)
        {
            await front.DisposeAsync();
            throw new HostStartException($"Cannot listen on {options.Host}:{options.Port}: {e.Message}");
        }
    }

    public void Open(RouteTable table, AdminEndpoint endpoint) => (admin, routes) = (endpoint, table);

    public Task StopAsync(CancellationToken cancellationToken) => server.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        invoker.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (routes is not { } table || admin is not { } endpoint)
        {
            await HttpInvoker.NotRunningAsync(context);
        }
        else if (context.Request.Path.StartsWithSegments("/admin", out var rest))
        {
            endpoint.Handle(context, rest);
        }
        else if (context.Request.Path.StartsWithSegments("/runtime/webhooks"))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (table.Match(context) is { } match)
        {
            await invoker.InvokeAsync(context, match);
        }
        else if (context.Request.Path == "/")
        {
            await HomeAsync(context);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    private Task HomeAsync(HttpContext context)
    {
        if (settings.IsTrue("AzureWebJobsDisableHomepage"))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }

        return context.Response.WriteAsync("The local Functions host is running. Azure shows a page of its own here unless AzureWebJobsDisableHomepage is true.\n");
    }

    private static IPAddress Address(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        ? IPAddress.Loopback
        : IPAddress.TryParse(host, out var address) ? address : throw new HostStartException($"\"{host}\" is no IP address.");
}
