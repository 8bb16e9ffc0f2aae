using System.Buffers;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features;

namespace Quickstart.Calendar.Api;

/// <summary>Calls that show how a request and its answer travel: streamed up, streamed down, redirected, echoed.</summary>
internal static class TransportApi
{
    private const int Chunk = 16 * 1024;
    private const long LargestDownload = 1L << 30;

    public static void MapTransportApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").RequireAuthorization();
        api.MapGet("/stream", StreamAsync);
        api.Map("/echo", EchoAsync);
        api.MapGet("/download", DownloadAsync);
        api.MapPost("/upload", async (HttpContext context) => new { bytes = await CountAsync(context) });
        api.MapGet("/redirect", (string to, int? status, HttpContext context) =>
        {
            context.Response.StatusCode = status is 301 or 303 or 307 or 308 ? status.Value : StatusCodes.Status302Found;
            context.Response.Headers.Location = to;
        });
        api.MapGet("/status", (int code) => code is >= 200 and <= 599
            ? Results.Json(new { status = code }, statusCode: code)
            : Results.BadRequest(new { error = "code is 200 to 599" }));
    }

    /// <summary>Five server-sent events, 300 ms apart: whoever sees them all at once was buffered.</summary>
    private static async Task StreamAsync(HttpContext context, TimeProvider time)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        for (var i = 1; i <= 5; i++)
        {
            await context.Response.WriteAsync($"id: {i}\nevent: tick\ndata: {{\"tick\":{i}}}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (i < 5)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(300), time, context.RequestAborted);
            }
        }
    }

    /// <summary>Says what arrived. Never the token itself: an API that echoes tokens is the attack, not the tool.</summary>
    private static async Task<IResult> EchoAsync(HttpContext context, ClaimsPrincipal caller)
    {
        var request = context.Request;
        var headers = request.Headers
            .Where(header => !header.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(header => header.Key, header => header.Value.ToString());
        return Results.Json(new
        {
            method = request.Method,
            path = request.Path.Value,
            query = request.QueryString.Value,
            headers,
            body_bytes = await CountAsync(context),
            authorized = true,
            account = caller.Account().Email,
        });
    }

    private static async Task DownloadAsync(HttpContext context, long bytes)
    {
        if (bytes is < 0 or > LargestDownload)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        context.Response.ContentType = "application/octet-stream"; // No Content-Length: the answer is chunked.
        var block = new byte[Chunk];
        for (var i = 0; i < Chunk; i++)
        {
            block[i] = (byte)('a' + (i % 26));
        }

        for (var left = bytes; left > 0; left -= Chunk)
        {
            await context.Response.Body.WriteAsync(block.AsMemory(0, (int)Math.Min(left, Chunk)), context.RequestAborted);
        }
    }

    private static async Task<long> CountAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(Chunk);
        var total = 0L;
        for (int read; (read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
        {
            total += read;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return total;
    }
}
