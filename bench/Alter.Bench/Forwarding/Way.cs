using System.Net;

namespace Alter.Bench.Forwarding;

/// <summary>One way from a caller to the provider.</summary>
/// <param name="Name">As the table has it.</param>
/// <param name="Instances">What may be called on it, one in each round: processes of the same kind differ for as long as they live.</param>
internal sealed record Way(string Name, params IReadOnlyList<Instance> Instances) : IDisposable
{
    public const string Direct = "direct";
    public const string Nginx = "nginx";
    public const string Bare = "bare forwarder";
    public const string Canned = "vault, storage in process";
    public const string Azurite = "vault, Azurite";

    public Instance In(int round) => Instances[round % Instances.Count];

    public void Dispose()
    {
        foreach (var one in Instances)
        {
            one.Dispose();
        }
    }
}

/// <summary>One of what stands between.</summary>
/// <param name="Request">A new call for an answer of this length.</param>
/// <param name="ProcessId">The process, which is watched; null: there is none.</param>
/// <param name="ProbePort">Where that process tells what it allocates; null: it does not.</param>
internal sealed record Instance(Func<ForwardedAnswer, HttpRequestMessage> Request, int? ProcessId = null, int? ProbePort = null) : IDisposable
{
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
