using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Alter.Tests.Cli;

/// <summary>A deployed vault as it shows from outside, the platform in front of it and the workspace that stores its logs, on one loopback address.</summary>
internal sealed class FakeDeployment : IAsyncDisposable
{
    private readonly WebApplication web;

    private FakeDeployment(WebApplication web) => this.web = web;

    public string Url => web.Urls.First();

    /// <summary>What <c>/health/ready</c> still has to say before it is ready, one text a look.</summary>
    public Queue<string> Reasons { get; } = new();

    /// <summary>What the reasons are about.</summary>
    public string Component { get; set; } = "keys";

    /// <summary>The platform answers unknown paths itself.</summary>
    public bool IsBareNotFound { get; set; }

    /// <summary>Bodies with a longer Content-Length never reach the vault.</summary>
    public long BodyLimit { get; set; } = 30 << 20;

    /// <summary>Where a marker goes: the table that logs the place it was sent in; the path alone, as it should be.</summary>
    public Dictionary<string, string> Logs { get; } = new() { ["path"] = "AppRequests" };

    /// <summary>Looks at the workspace before anything is there.</summary>
    public int Delay { get; set; }

    public int Searches { get; private set; }

    /// <summary>The status of every search.</summary>
    public int SearchStatus { get; set; } = StatusCodes.Status200OK;

    /// <summary>The headers a provider would be told, beside the caller's own.</summary>
    public string[] Told { get; set; } = [];

    /// <summary>Everything that was asked for, without bodies.</summary>
    public List<string> Requests { get; } = [];

    public static async Task<FakeDeployment> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var deployment = new FakeDeployment(builder.Build());
        deployment.web.Run(deployment.AnswerAsync);
        await deployment.web.StartAsync();
        return deployment;
    }

    public ValueTask DisposeAsync() => web.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        lock (Requests)
        {
            Requests.Add($"{request.Method} {request.Path}{request.QueryString}");
        }

        if (request.Path.StartsWithSegments("/v1/workspaces"))
        {
            await SearchAsync(context);
            return;
        }

        var received = await CountAsync(request);
        if (request.ContentLength > BodyLimit)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        context.Response.Headers["X-ARR-LOG-ID"] = "1";
        await (request.Path.Value switch
        {
            "/" => StatusAsync(context, StatusCodes.Status204NoContent, null),
            "/health/ready" => ReadinessAsync(context),
            "/health/live" when HttpMethods.IsGet(request.Method) => VaultAsync(context, 200, null, """{ "status": "live" }"""),
            "/health/live" => VaultAsync(context, 405, "method_not_allowed", ""),
            "/sdk/policies/evaluate" => VaultAsync(context, 200, null, """{ "caller_address": "203.0.113.7" }"""),
            "/sdk/proxy" when request.Headers.Authorization == "Bearer good" => ProviderAsync(context, received),
            "/sdk/proxy" => VaultAsync(context, 401, "invalid_api_key", ""),
            var path when path!.StartsWith("/oauth/callback/", StringComparison.Ordinal) => VaultAsync(context, 404, "not_found", ""),
            _ when IsBareNotFound => StatusAsync(context, StatusCodes.Status404NotFound, null),
            _ => VaultAsync(context, 404, "not_found", ""),
        });
    }

    private static async Task<long> CountAsync(HttpRequest request)
    {
        long received = 0;
        var buffer = new byte[64 * 1024];
        for (int read; (read = await request.Body.ReadAsync(buffer)) > 0;)
        {
            received += read;
        }

        return received;
    }

    private Task ProviderAsync(HttpContext context, long received) => context.Request.Headers["X-Alter-Url"].ToString() switch
    {
        var url when url.EndsWith("/stream", StringComparison.Ordinal) => VaultAsync(context, 200, null, new string('x', 1000)),
        var url when url.EndsWith("/upload", StringComparison.Ordinal) => VaultAsync(context, received == 1 << 20 ? 200 : 400, null, ""),
        _ => VaultAsync(context, 200, null, new JsonObject(Told.Select(name => new KeyValuePair<string, JsonNode?>(name, "1"))).ToJsonString()),
    };

    private Task ReadinessAsync(HttpContext context) => Reasons.TryDequeue(out var reason)
        ? VaultAsync(context, 503, null, new JsonObject { ["problems"] = new JsonArray(new JsonObject { ["component"] = Component, ["reason"] = reason }) }.ToJsonString())
        : VaultAsync(context, 200, null, """{ "status": "ready", "problems": [] }""");

    private static Task VaultAsync(HttpContext context, int status, string? code, string body)
    {
        context.Response.Headers["X-Alter-Request-Id"] = "r";
        if (code is not null)
        {
            context.Response.Headers["X-Alter-Error"] = code;
        }

        return StatusAsync(context, status, body);
    }

    private static Task StatusAsync(HttpContext context, int status, string? body)
    {
        context.Response.StatusCode = status;
        return string.IsNullOrEmpty(body) || HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(body);
    }

    private async Task SearchAsync(HttpContext context)
    {
        Searches++;
        context.Response.StatusCode = SearchStatus;
        var rows = Searches <= Delay ? new JsonArray() : new JsonArray([.. Logs.Select(log => new JsonArray(log.Value, log.Key, 3))]);
        await context.Response.WriteAsync(new JsonObject { ["tables"] = new JsonArray(new JsonObject { ["rows"] = rows }) }.ToJsonString());
    }
}
