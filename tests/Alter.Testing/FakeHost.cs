using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Alter.Testing;

/// <summary>A request as it arrived.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Headers">By name, whatever its case.</param>
/// <param name="Body">Empty where nobody read it.</param>
public sealed record FakeCall(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>One header; null where it is not there.</summary>
    public string? this[string name] => Headers.GetValueOrDefault(name);

    /// <summary>Everything but the body, to look for what must not be there.</summary>
    public string Head => $"{Method} {Path}\n{string.Join('\n', Headers.Select(header => $"{header.Key}: {header.Value}"))}";
}

/// <summary>A web server on loopback that remembers what it was asked.</summary>
public sealed class FakeHost : IAsyncDisposable
{
    private readonly WebApplication web;
    private readonly ConcurrentQueue<FakeCall> calls = new();

    private FakeHost(WebApplication web) => this.web = web;

    /// <summary>Answers a request; records it when it wants to.</summary>
    public Func<FakeHost, HttpContext, Task> Serve { get; set; } = async (host, context) => await host.RecordAsync(context);

    /// <summary>Where it listens.</summary>
    public Uri Url => new(web.Urls.First());

    /// <summary>What was recorded, in order.</summary>
    public IReadOnlyList<FakeCall> Calls => [.. calls];

    /// <summary>Starts on a free port.</summary>
    public static async Task<FakeHost> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestHeadersTotalSize = 64 * 1024);
        var web = builder.Build();
        var host = new FakeHost(web);
        web.Run(context => host.Serve(host, context));
        await web.StartAsync();
        return host;
    }

    /// <summary>Remembers a request, with its body unless told otherwise.</summary>
    public async Task<FakeCall> RecordAsync(HttpContext context, bool withBody = true)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var body = new MemoryStream();
        if (withBody)
        {
            await context.Request.Body.CopyToAsync(body);
        }

        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var call = new FakeCall(context.Request.Method, context.Request.Path + context.Request.QueryString, headers, body.ToArray());
        calls.Enqueue(call);
        return call;
    }

    public ValueTask DisposeAsync() => web.DisposeAsync();
}
