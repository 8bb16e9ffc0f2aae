using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Alter.Testing;

/// <summary>An OpenID provider on loopback: discovery, keys, and whatever tokens a test wants.</summary>
public sealed class FakeIdentityProvider : IAsyncDisposable
{
    private readonly WebApplication web;
    private readonly List<FakeSigningKey> made = [];
    private readonly TimeProvider time;
    private int discoveryFetches;
    private int keyFetches;

    private FakeIdentityProvider(WebApplication web, TimeProvider time)
    {
        this.web = web;
        this.time = time;
        Key = Made(FakeSigningKey.Usual());
        Keys = () => KeySet(Key);
    }

    /// <summary>What its tokens and discovery say; tests append a slash to be like Auth0.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>Its origin.</summary>
    public string Url => web.Urls.First();

    /// <summary>Where its keys are.</summary>
    public Uri JwksUri => new($"{Url}/keys");

    /// <summary>What tokens are signed with.</summary>
    public FakeSigningKey Key { get; private set; }

    /// <summary>Answers 503 to everything.</summary>
    public bool IsDown { get; set; }

    /// <summary>The discovery document; null: the right one.</summary>
    public Func<JsonObject, string>? Discovery { get; set; }

    /// <summary>The JWK set's text; at first the one key.</summary>
    public Func<string> Keys { get; set; }

    /// <summary>Awaited before keys are answered, so that tests can hold a fetch.</summary>
    public Func<Task>? BeforeKeys { get; set; }

    public int DiscoveryFetches => discoveryFetches;

    public int KeyFetches => keyFetches;

    /// <summary>Starts on a free port.</summary>
    /// <param name="time">The clock of its tokens.</param>
    public static async Task<FakeIdentityProvider> StartAsync(TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var web = builder.Build();
        var provider = new FakeIdentityProvider(web, time);
        web.Use((context, next) =>
        {
            if (provider.IsDown)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return Task.CompletedTask;
            }

            return next(context);
        });
        web.MapGet("/{**path}", provider.AnswerAsync);
        await web.StartAsync();
        provider.Issuer = web.Urls.First();
        return provider;
    }

    /// <summary>A JWK set of these keys.</summary>
    public static string KeySet(params FakeSigningKey[] keys) => new JsonObject { ["keys"] = new JsonArray([.. keys.Select(key => key.Jwk())]) }.ToJsonString();

    /// <summary>Signs with another key from now on; the old one leaves the set.</summary>
    public void Rotate(FakeSigningKey key) => Key = Made(key);

    /// <summary>The claims of an ordinary access token for <c>https://api.acme.com</c>, of user <c>ada</c>, living an hour.</summary>
    public JsonObject Claims()
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return new JsonObject { ["iss"] = Issuer, ["sub"] = "ada", ["aud"] = "https://api.acme.com", ["iat"] = now, ["exp"] = now + 3600 };
    }

    /// <summary>An ordinary token, changed.</summary>
    public string Token(Action<JsonObject>? claims = null, Action<JsonObject>? header = null)
    {
        var (payload, head) = (Claims(), Key.Header());
        claims?.Invoke(payload);
        header?.Invoke(head);
        return Key.Sign(head.ToJsonString(), payload.ToJsonString());
    }

    public async ValueTask DisposeAsync()
    {
        await web.DisposeAsync();
        made.ForEach(key => key.Dispose());
    }

    private FakeSigningKey Made(FakeSigningKey key)
    {
        made.Add(key);
        return key;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        context.Response.ContentType = "application/json";
        if (path.EndsWith("/.well-known/openid-configuration", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref discoveryFetches);
            var tenant = path.Split('/') is ["", var first, "v2.0", ..] ? $"{Url}/{first}/v2.0" : Issuer;
            var document = new JsonObject { ["issuer"] = tenant, ["jwks_uri"] = JwksUri.ToString() };
            await context.Response.WriteAsync(Discovery?.Invoke(document) ?? document.ToJsonString());
            return;
        }

        if (path == "/keys")
        {
            Interlocked.Increment(ref keyFetches);
            await (BeforeKeys?.Invoke() ?? Task.CompletedTask);
            await context.Response.WriteAsync(Keys());
            return;
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
    }
}
