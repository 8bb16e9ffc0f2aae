using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Yarp.ReverseProxy.Forwarder;

namespace Alter.Bench.BareForwarder;

/// <summary><c>/forward/…</c>: sends the request on with a fixed header, and streams the answer back.</summary>
public sealed class Forward(IHttpForwarder forwarder, Destination destination)
{
    private const string Prefix = "/forward";

    private static readonly FixedHeader Transformer = new();

    private static readonly ForwarderRequestConfig Config = new()
    {
        ActivityTimeout = TimeSpan.FromSeconds(100),
        Version = System.Net.HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
    };

    [Function(nameof(Forward))]
    public async Task Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "forward/{*path}")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var context = request.HttpContext;
        context.Request.Path = context.Request.Path.Value![Prefix.Length..];
        await forwarder.SendAsync(context, destination.Url.GetLeftPart(UriPartial.Authority), destination.Invoker, Config, Transformer, context.RequestAborted);
    }

    private sealed class FixedHeader : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.Headers.Host = null;
            proxyRequest.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "fixed");
        }
    }
}
