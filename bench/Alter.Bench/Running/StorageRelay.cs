using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Alter.Bench.Running;

/// <summary>One request to storage; the times are timestamps of <see cref="TimeProvider.System"/>.</summary>
/// <param name="What">Method and table or queue: <c>PUT grants</c>.</param>
public sealed record StorageOperation(string What, long Began, long Ended);

/// <summary>What becomes of a request to storage.</summary>
public enum RelayFault
{
    /// <summary>It is passed on.</summary>
    None,

    /// <summary>503, and nothing was done.</summary>
    Refused,

    /// <summary>503, although it was done.</summary>
    AnswerLost,
}

/// <summary>Stands between a vault and its storage and passes every byte on; counts what was asked, or answers 503 where it is told to.</summary>
/// <remarks>The host's polling of queues goes through it too, uncounted and undisturbed: it is the platform's, not the vault's.</remarks>
public sealed partial class StorageRelay : IAsyncDisposable
{
    // With it, requests that are sent together overlap, and those that wait for each other do not.
    private static readonly TimeSpan DelayToCount = TimeSpan.FromMilliseconds(50);
    private static readonly string[] OfTheConnection = ["Host", "Connection", "Transfer-Encoding", "Keep-Alive", "Expect"];

    private readonly List<WebApplication> fronts = [];
    private readonly ConcurrentQueue<StorageOperation> operations = new();
    private readonly HttpMessageInvoker wire = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None });
    private bool counts;
    private int underWay;
    private int faults;
    private long lastSeen = TimeProvider.System.GetTimestamp();

    /// <summary>The same account, by way of this relay.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>Everything since the last <see cref="Clear"/>.</summary>
    public IReadOnlyList<StorageOperation> Operations => [.. operations];

    /// <summary>What becomes of the next request of the vault.</summary>
    public Func<RelayFault> Fault { get; set; } = () => RelayFault.None;

    /// <summary>How many requests were answered 503 by the relay itself.</summary>
    public int Faults => faults;

    /// <summary>The longest that storage itself took to answer.</summary>
    public TimeSpan Slowest { get; private set; }

    /// <summary>How long nothing was asked; zero while a request is under way.</summary>
    public TimeSpan QuietFor => Volatile.Read(ref underWay) > 0 ? TimeSpan.Zero : TimeProvider.System.GetElapsedTime(Volatile.Read(ref lastSeen));

    /// <summary>Starts one front for each endpoint in a connection string.</summary>
    /// <param name="connectionString">Of the storage behind it.</param>
    /// <param name="counts">True: every request is kept, and takes 50 ms longer.</param>
    public static async Task<StorageRelay> StartAsync(string connectionString, bool counts)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        var relay = new StorageRelay { counts = counts };
        var parts = new List<string>();
        foreach (var part in connectionString.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = part.Split('=', 2) is [var n, var v] ? (n, v) : (part, "");
            parts.Add(name.EndsWith("Endpoint", StringComparison.Ordinal) ? $"{name}={await relay.OpenAsync(new Uri(value))}" : part);
        }

        relay.ConnectionString = string.Join(';', parts) + ";";
        return relay;
    }

    /// <summary>Forgets what was asked so far.</summary>
    public void Clear() => operations.Clear();

    public async ValueTask DisposeAsync()
    {
        foreach (var front in fronts)
        {
            await front.DisposeAsync();
        }

        wire.Dispose();
    }

    private async Task<string> OpenAsync(Uri target)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var front = builder.Build();
        front.Run(context => RelayAsync(context, target));
        await front.StartAsync();
        fronts.Add(front);
        return front.Urls.First() + target.AbsolutePath;
    }

    private async Task RelayAsync(HttpContext context, Uri target)
    {
        var began = TimeProvider.System.GetTimestamp();
        var raw = context.Features.Get<IHttpRequestFeature>()!.RawTarget;

        // The signature covers the path byte by byte: nothing may be spelt anew.
        var url = new Uri(target.GetLeftPart(UriPartial.Authority) + raw, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), url);
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        request.Content = body.Length > 0 || context.Request.ContentType is not null ? new ByteArrayContent(body.ToArray()) : null;
        foreach (var (name, values) in context.Request.Headers.Where(header => !OfTheConnection.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values);
            }
        }

        if (IsPolling(context.Request))
        {
            await PassOnAsync(context, request, () => { });
            return;
        }

        Interlocked.Increment(ref underWay);
        try
        {
            var fault = Fault();
            if (fault is RelayFault.Refused)
            {
                Refuse(context);
                return;
            }

            await Task.Delay(counts ? DelayToCount : TimeSpan.Zero, TimeProvider.System, context.RequestAborted);
            await PassOnAsync(
                context,
                request,
                () =>
                {
                    if (counts)
                    {
                        operations.Enqueue(new StorageOperation(Name(context.Request, body), began, TimeProvider.System.GetTimestamp()));
                    }
                },
                fault is RelayFault.AnswerLost);
        }
        finally
        {
            Volatile.Write(ref lastSeen, TimeProvider.System.GetTimestamp());
            Interlocked.Decrement(ref underWay);
        }
    }

    // The answer is noted before the vault can have it, so that what the vault asks next begins later.
    private async Task PassOnAsync(HttpContext context, HttpRequestMessage request, Action answered, bool isLost = false)
    {
        var sent = TimeProvider.System.GetTimestamp();
        using var response = await wire.SendAsync(request, context.RequestAborted);
        var answer = await response.Content.ReadAsByteArrayAsync(context.RequestAborted);
        var took = TimeProvider.System.GetElapsedTime(sent);
        Slowest = took > Slowest ? took : Slowest;
        answered();
        if (isLost)
        {
            Refuse(context);
            return;
        }

        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(header => !OfTheConnection.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }

    private void Refuse(HttpContext context)
    {
        Interlocked.Increment(ref faults);
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers["x-ms-error-code"] = "ServerBusy";
    }

    // Receiving, deleting and updating messages; sending one is a POST and the vault's own.
    private static bool IsPolling(HttpRequest request) =>
        request.Path.Value!.Contains("/messages", StringComparison.Ordinal) && !HttpMethods.IsPost(request.Method);

    // A transaction names its table in its body alone.
    private static string Name(HttpRequest request, MemoryStream body)
    {
        var name = request.Path.Value!.Split('/')[2].Split('(')[0];
        return name is "$batch" && Encoding.ASCII.GetString(body.GetBuffer(), 0, (int)Math.Min(body.Length, 1000)) is var text && RecordTable().Match(text) is { Success: true } table
            ? $"{request.Method} {table.Groups["name"].Value}"
            : $"{request.Method} {name}";
    }

    [GeneratedRegex(@"/(?<name>(audit|activity)\d{6})[(/? ]", RegexOptions.ExplicitCapture)]
    private static partial Regex RecordTable();
}
