using System.Net;
using Alter.Egress;

namespace Alter.Tests.Egress;

/// <summary>Alone, because the proxy is the whole process's.</summary>
[Collection("Alone")]
[CollectionDefinition("Alone", DisableParallelization = true)]
public sealed class EgressProxyTests
{
    [Fact]
    public async Task A_proxy_of_the_environment_is_not_used()
    {
        await using var proxy = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var server = RawServer.Answering("HTTP/1.1 204 No Content\r\n\r\n");
        var before = HttpClient.DefaultProxy;
        try
        {
            // What .NET makes of HTTPS_PROXY and its like, once, at the first call of the process.
            HttpClient.DefaultProxy = new WebProxy($"http://127.0.0.1:{proxy.Port}");
            using var handlers = new EgressHandlers();
            var client = new EgressClient(handlers, TimeProvider.System);
            using var plain = new HttpRequestMessage(HttpMethod.Get, $"http://localhost:{server.Port}/");
            Assert.Equal(204, (await client.SendAsync(plain, EgressScope.LoopbackToo, null, TestContext.Current.CancellationToken)).Status);
            using var secure = new HttpRequestMessage(HttpMethod.Get, $"https://localhost:{server.Port}/");
            var e = await Assert.ThrowsAsync<EgressException>(() => client.SendAsync(secure, EgressScope.Public, null, TestContext.Current.CancellationToken));
            Assert.Equal(EgressFault.ForbiddenAddress, e.Fault);
            Assert.Equal(0, proxy.Connections);
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }
    }
}
