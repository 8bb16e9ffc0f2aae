using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Alter.Testing;

/// <summary>What the vault, or a provider through it, answers.</summary>
public sealed record FakeVaultAnswer(int Status, string Body = "", string ContentType = "application/json")
{
    /// <summary>Further headers.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The platform in front answered instead: without the request id.</summary>
    public bool IsFromPlatform { get; init; }

    /// <summary>Instead of the body: writes it.</summary>
    public Func<HttpContext, Task>? Write { get; init; }
}

/// <summary>
/// Speaks the vault's side of the wire for tests of clients that need answers the real one gives rarely: app key, exactly one of provider and grant id,
/// allowed hosts, problem documents, redirects in <c>X-Alter-Location</c>.
/// </summary>
public sealed class FakeVault : IAsyncDisposable
{
    /// <summary>The one key it knows.</summary>
    public const string ApiKey = "alter_key_app_fake0123456789";

    private readonly FakeHost host;
    private int requests;

    private FakeVault(FakeHost host) => this.host = host;

    /// <summary>Its public URL.</summary>
    public Uri Url => host.Url;

    /// <summary>What it was asked, in order.</summary>
    public IReadOnlyList<FakeCall> Calls => host.Calls;

    /// <summary>Whose URLs may be called.</summary>
    public ISet<string> AllowedHosts { get; } = new HashSet<string> { "api.example.com" };

    /// <summary>What a provider answers, by the URL called; null: 200 with <c>{"ok":true}</c>.</summary>
    public Func<FakeCall, FakeVaultAnswer?> Provider { get; set; } = _ => null;

    /// <summary>What the vault answers instead of everything else; null: as the contract says.</summary>
    public Func<FakeCall, FakeVaultAnswer?> Instead { get; set; } = _ => null;

    /// <summary>Awaited before an answer.</summary>
    public Func<FakeCall, Task> BeforeAnswer { get; set; } = _ => Task.CompletedTask;

    /// <summary>Starts on a free port.</summary>
    public static async Task<FakeVault> StartAsync()
    {
        var host = await FakeHost.StartAsync();
        var vault = new FakeVault(host);
        host.Serve = vault.ServeAsync;
        return vault;
    }

    /// <summary>An error of the contract.</summary>
    public static FakeVaultAnswer Problem(int status, string code, string action, JsonObject? members = null, int? retryAfter = null)
    {
        var body = members?.DeepClone().AsObject() ?? [];
        body["type"] = $"urn:alter:error:{code}";
        body["title"] = "A title";
        body["status"] = status;
        body["detail"] = $"What to do about {code}.";
        body["code"] = code;
        body["action"] = action;
        var headers = new Dictionary<string, string> { ["X-Alter-Error"] = code };
        if (retryAfter is { } seconds)
        {
            headers["Retry-After"] = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return new FakeVaultAnswer(status, body.ToJsonString(), "application/problem+json") { Headers = headers };
    }

    /// <summary>A provider's redirect, as the vault passes it on.</summary>
    public static FakeVaultAnswer Redirect(int status, string location) =>
        new(status) { Headers = new Dictionary<string, string> { ["X-Alter-Location"] = location } };

    public ValueTask DisposeAsync() => host.DisposeAsync();

    private async Task ServeAsync(FakeHost _, HttpContext context)
    {
        // As the real one, it refuses before it reads a body.
        var head = context.Request.Headers;
        var refusal = context.Request.Path == "/sdk/proxy" ? Refuse(head) : null;
        var call = await host.RecordAsync(context, withBody: refusal is null);
        await BeforeAnswer(call);
        var answer = Instead(call) ?? refusal ?? (context.Request.Path == "/sdk/proxy" ? Provider(call) ?? new FakeVaultAnswer(200, """{"ok":true}""") : Problem(404, "not_found", "fix_call"));
        context.Response.StatusCode = answer.Status;
        if (!answer.IsFromPlatform)
        {
            context.Response.Headers["X-Alter-Request-Id"] = $"request-{Interlocked.Increment(ref requests)}";
        }

        foreach (var (name, value) in answer.Headers)
        {
            context.Response.Headers[name] = value;
        }

        if (answer.Write is { } write)
        {
            await write(context);
        }
        else if (!HttpMethods.IsHead(context.Request.Method) && answer.Body.Length > 0)
        {
            context.Response.ContentType = answer.ContentType;
            await context.Response.WriteAsync(answer.Body);
        }
    }

    private FakeVaultAnswer? Refuse(IHeaderDictionary headers)
    {
        if (headers.Authorization != $"Bearer {ApiKey}")
        {
            return Problem(401, "invalid_api_key", "fix_configuration");
        }

        if (headers.ContainsKey("X-Alter-Provider") == headers.ContainsKey("X-Alter-Grant-Id") || !Uri.TryCreate(headers["X-Alter-Url"], UriKind.Absolute, out var target))
        {
            return Problem(400, "invalid_request", "fix_call");
        }

        return AllowedHosts.Contains(target.Host)
            ? null
            : Problem(400, "url_not_allowed", "fix_call", new JsonObject { ["url_host"] = target.Host, ["allowed_hosts"] = new JsonArray([.. AllowedHosts.Select(name => JsonValue.Create(name))]) });
    }
}
