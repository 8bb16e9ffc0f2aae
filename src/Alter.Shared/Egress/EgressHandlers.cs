namespace Alter.Egress;

/// <summary>
/// The connections of the vault to everything outside but Azure. Each purpose and scope has its own, so a connection
/// made for one scope never serves the other, and provider calls never starve token calls.
/// </summary>
public sealed class EgressHandlers : IDisposable
{
    private readonly HttpMessageInvoker publicProviderCalls = Guarded(EgressScope.Public);
    private readonly HttpMessageInvoker localProviderCalls = Guarded(EgressScope.LoopbackToo);
    private readonly HttpMessageInvoker publicVault = Guarded(EgressScope.Public);
    private readonly HttpMessageInvoker localVault = Guarded(EgressScope.LoopbackToo);

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

    private static HttpMessageInvoker Guarded(EgressScope scope) => new(new GuardedRequests(scope, new SocketsHttpHandler
    {
        // With a proxy the callback below would judge the proxy's address, and nothing would be checked at all.
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = GuardedConnection.Timeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2), // DNS is asked again at least that often.
        EnableMultipleHttp2Connections = true,
        ConnectCallback = (context, cancellationToken) => GuardedConnection.OpenAsync(context, scope, cancellationToken),
    }));
}
