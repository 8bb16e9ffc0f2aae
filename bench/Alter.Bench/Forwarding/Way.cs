using System.Net;

namespace Alter.Bench.Forwarding;

/// <summary>One way from a caller to the provider.</summary>
/// <param name="Name">As the table has it.</param>
/// <param name="Request">A new call for an answer of this length.</param>
/// <param name="ProcessId">What stands between and is watched; null: nothing does.</param>
/// <param name="ProbePort">Where that process tells what it allocates; null: it does not.</param>
internal sealed record Way(string Name, Func<ForwardedAnswer, HttpRequestMessage> Request, int? ProcessId = null, int? ProbePort = null) : IDisposable
{
    public const string Direct = "direct";
    public const string Nginx = "nginx";
    public const string Bare = "bare forwarder";
    public const string Canned = "vault, storage in process";
    public const string Azurite = "vault, Azurite";

    /// <summary>The caller's connections.</summary>
    public HttpMessageInvoker Client { get; } = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
    });

    public void Dispose() => Client.Dispose();
}
