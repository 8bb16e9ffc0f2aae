using System.Collections.Concurrent;
using System.Net;
using Alter.Egress;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Egress;

/// <summary>A name server in the attacker's hand, which answers each question in another way (security A16).</summary>
public sealed class RebindingTests
{
    private readonly ConcurrentQueue<string> asked = new();

    [Fact]
    public async Task A_connection_goes_to_the_address_that_was_judged_and_nobody_asks_again()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        using var handlers = Handlers(["127.0.0.1"], ["169.254.169.254"]);

        Assert.Equal(200, (await GetAsync(handlers, server.Port)).Status);
        Assert.Equal(200, (await GetAsync(handlers, server.Port)).Status); // On the connection that is open.

        Assert.Single(asked);
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task A_new_connection_is_judged_anew()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        using var handlers = Handlers(["127.0.0.1"], ["169.254.169.254"]);
        Assert.Equal(200, (await GetAsync(handlers, server.Port)).Status);

        var refused = await Assert.ThrowsAsync<EgressException>(() => GetAsync(handlers, server.Port));

        Assert.Equal(EgressFault.ForbiddenAddress, refused.Fault);
        Assert.Equal(2, asked.Count);
        Assert.Equal(1, server.Connections);
    }

    [Theory]
    [InlineData("127.0.0.1", "10.0.0.1")]
    [InlineData("10.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1", "::ffff:192.168.0.1")]
    [InlineData("127.0.0.1", "64:ff9b::a00:1")]
    [InlineData("127.0.0.1", "fd00::1")]
    public async Task One_private_address_among_others_condemns_the_name(params string[] addresses)
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        using var handlers = Handlers(addresses);

        var refused = await Assert.ThrowsAsync<EgressException>(() => GetAsync(handlers, server.Port));

        Assert.Equal(EgressFault.ForbiddenAddress, refused.Fault);
        Assert.Equal(0, server.Connections);
    }

    [Fact]
    public async Task A_name_without_any_address_is_unreachable()
    {
        using var handlers = Handlers([]);

        Assert.Equal(EgressFault.Unreachable, (await Assert.ThrowsAsync<EgressException>(() => GetAsync(handlers, 443))).Fault);
    }

    // The last answer is the one to all further questions.
    private EgressHandlers Handlers(params string[][] answers) => new((host, _) =>
    {
        asked.Enqueue(host);
        return Task.FromResult(answers[Math.Min(asked.Count, answers.Length) - 1].Select(IPAddress.Parse).ToArray());
    });

    private static async Task<EgressAnswer> GetAsync(EgressHandlers handlers, int port)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://localhost:{port}/");
        return await new EgressClient(handlers, new FakeTimeProvider()).SendAsync(request, EgressScope.LoopbackToo, null, TestContext.Current.CancellationToken);
    }
}
