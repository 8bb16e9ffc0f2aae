using System.Net;

namespace Alter.Egress;

/// <summary>
/// The connections of the vault to everything outside but Azure. Each purpose and scope has its own, so a connection
/// made for one scope never serves the other, and provider calls never starve token calls.
/// </summary>
public sealed class EgressHandlers : IDisposable
{
    private readonly HttpMessageInvoker publicProviderCalls;
    private readonly HttpMessageInvoker localProviderCalls;
    private readonly HttpMessageInvoker publicVault;
    private readonly HttpMessageInvoker localVault;

    /// <summary>With the system's names.</summary>
    public EgressHandlers()
        : this(Dns.GetHostAddressesAsync)
    {
    }

    /// <summary>With names resolved in another way.</summary>
    /// <param name="names">Asked once for every connection.</param>
    internal EgressHandlers(NameResolution names)
    {
        publicProviderCalls = Guarded(EgressScope.Public, names);
        localProviderCalls = Guarded(EgressScope.LoopbackToo, names);
        publicVault = Guarded(EgressScope.Public, names);
        localVault = Guarded(EgressScope.LoopbackToo, names);
    }

    /// <summary>For calls of applications that are forwarded to providers: streamed, without a limit of size or time.</summary>
    public HttpMessageInvoker ForProviderCalls(EgressScope scope) =>
        scope is EgressScope.LoopbackToo ? localProviderCalls : publicProviderCalls;

    /// <summary>For the vault's own calls: tokens, discovery, keys, accounts. Use <see cref="EgressClient"/>, which bounds them.</summary>
    public HttpMessageInvoker ForVault(EgressScope scope) =>
        scope is EgressScope.LoopbackToo ? localVault : publicVault;

    public void Dispose()
    {
        publicProviderCalls.Dispose();
        localProviderCalls.Dispose();
        publicVault.Dispose();
        localVault.Dispose();
    }

    private static HttpMessageInvoker Guarded(EgressScope scope, NameResolution names) => new(new GuardedRequests(scope, new SocketsHttpHandler
    {
        // With a proxy the callback below would judge the proxy's address, and nothing would be checked at all.
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = GuardedConnection.Timeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2), // DNS is asked again at least that often.
        EnableMultipleHttp2Connections = true,
        ConnectCallback = (context, cancellationToken) => GuardedConnection.OpenAsync(context, scope, names, cancellationToken),
    }));
}
