using System.Net;

namespace Alter.Bench.BareForwarder;

/// <summary>Where everything is forwarded to, and the connections that lead there, which are of the same kind as the vault's to a provider.</summary>
/// <param name="url">Its origin.</param>
public sealed class Destination(Uri url) : IDisposable
{
    /// <summary>The setting that names it; without it nothing is forwarded.</summary>
    public const string Setting = "BARE_DESTINATION";

    /// <summary>Its origin.</summary>
    public Uri Url => url;

    /// <summary>The connections.</summary>
    public HttpMessageInvoker Invoker { get; } = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        EnableMultipleHttp2Connections = true,
    });

    public void Dispose() => Invoker.Dispose();
}
