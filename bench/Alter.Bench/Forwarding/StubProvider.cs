using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Alter.Bench.Forwarding;

/// <summary>A provider that answers whoever shows any token with as many bytes as the path says, <c>/sized/{bytes}</c> or <c>/chunked/{bytes}</c>.</summary>
internal sealed class StubProvider : IAsyncDisposable
{
    private static readonly byte[] Block = new byte[64 * 1024];

    private readonly WebApplication web;

    private StubProvider(WebApplication web) => this.web = web;

    public Uri Url => new(web.Urls.First());

    /// <summary>Starts on a free port.</summary>
    public static async Task<StubProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var web = builder.Build();
        web.Run(AnswerAsync);
        await web.StartAsync();
        return new StubProvider(web);
    }

    public ValueTask DisposeAsync() => web.DisposeAsync();

    private static async Task AnswerAsync(HttpContext context)
    {
        // A forwarder that adds no header would be compared for what it does not do.
        if (!context.Request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.Ordinal)
            || context.Request.Path.Value!.Split('/') is not ["", ("sized" or "chunked") and var form, var length]
            || !long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var left))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = form is "sized" ? left : null;
        while (left > 0)
        {
            var part = (int)Math.Min(left, Block.Length);
            await context.Response.Body.WriteAsync(Block.AsMemory(0, part), context.RequestAborted);
            left -= part;
        }
    }
}
