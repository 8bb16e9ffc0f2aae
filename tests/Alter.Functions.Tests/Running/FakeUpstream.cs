using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Alter.Functions.Tests.Running;

/// <summary>A provider's API on loopback that answers what a test wants.</summary>
public sealed class FakeUpstream : IAsyncDisposable
{
    private readonly WebApplication web;
    private readonly ConcurrentDictionary<string, RequestDelegate> handlers = new();
    private int made;

    private FakeUpstream(WebApplication web) => this.web = web;

    public Uri Url => new(web.Urls.First());

    public static async Task<FakeUpstream> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        var upstream = new FakeUpstream(builder.Build());
        upstream.web.Run(context =>
        {
            var name = context.Request.Path.Value!.Split('/')[1];
            if (upstream.handlers.TryGetValue(name, out var handler))
            {
                return handler(context);
            }

            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        await upstream.web.StartAsync();
        return upstream;
    }

    /// <summary>Answers this at a URL of its own.</summary>
    public Uri On(RequestDelegate handler)
    {
        var name = $"t{Interlocked.Increment(ref made)}";
        handlers[name] = handler;
        return new Uri(Url, $"/{name}");
    }

    /// <summary>Answers with what arrived: method, target as it was sent, headers (each with all its values), length of the body.</summary>
    public Uri Echo() => On(async context =>
    {
        var request = context.Request;
        var length = 0L;
        var buffer = new byte[16 * 1024];
        for (int read; (read = await request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
        {
            length += read;
        }

        var headers = new JsonObject();
        foreach (var (name, values) in request.Headers)
        {
            headers[name] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]);
        }

        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(
            new JsonObject { ["method"] = request.Method, ["target"] = target, ["headers"] = headers, ["body_bytes"] = length }.ToJsonString(), context.RequestAborted);
    });

    public ValueTask DisposeAsync() => web.DisposeAsync();
}
