using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Alter.Egress;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Egress;

public sealed class EgressClientTests : IDisposable
{
    private readonly EgressHandlers handlers = new();
    private readonly FakeTimeProvider time = new();

    public void Dispose() => handlers.Dispose();

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("[::1]")]
    public async Task A_host_that_leads_to_loopback_is_refused_before_anything_is_sent(string host)
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        var e = await Assert.ThrowsAsync<EgressException>(() => Get($"https://{host}:{server.Port}/", EgressScope.Public));
        Assert.Equal(EgressFault.ForbiddenAddress, e.Fault);
        Assert.Equal(0, server.Connections);
    }

    [Fact]
    public async Task Provider_calls_are_guarded_like_the_vaults_own()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://localhost:{server.Port}/");
        var e = await Assert.ThrowsAsync<HttpRequestException>(
            () => handlers.ForProviderCalls(EgressScope.Public).SendAsync(request, TestContext.Current.CancellationToken));
        Assert.Equal(EgressFault.ForbiddenAddress, EgressException.From(e, "localhost").Fault);
        Assert.Equal(0, server.Connections);
    }

    [Theory]
    [InlineData("http://localhost:{0}/", EgressScope.Public)]
    [InlineData("http://127.0.0.1:{0}/", EgressScope.Public)]
    [InlineData("http://example.com/", EgressScope.Public)]
    [InlineData("http://example.com/", EgressScope.LoopbackToo)]
    [InlineData("http://10.0.0.1/", EgressScope.LoopbackToo)]
    [InlineData("http://0.0.0.0:{0}/", EgressScope.LoopbackToo)]
    [InlineData("http://[::127.0.0.1]:{0}/", EgressScope.LoopbackToo)]
    [InlineData("https://10.0.0.1/", EgressScope.LoopbackToo)]
    [InlineData("https://169.254.169.254/", EgressScope.LoopbackToo)]
    [InlineData("ftp://localhost/", EgressScope.LoopbackToo)]
    [InlineData("file:///etc/passwd", EgressScope.LoopbackToo)]
    public async Task Plain_http_and_private_addresses_are_refused(string url, EgressScope scope)
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        var e = await Assert.ThrowsAsync<EgressException>(() => Get(url.Replace("{0}", $"{server.Port}", StringComparison.Ordinal), scope));
        Assert.Equal(EgressFault.ForbiddenAddress, e.Fault);
        Assert.Equal(0, server.Connections);
    }

    [Theory]
    [InlineData("127.0.0.1", EgressScope.LoopbackToo, true, true)]
    [InlineData("::1", EgressScope.LoopbackToo, true, true)]
    [InlineData("127.0.0.1", EgressScope.Public, false, false)]
    [InlineData("8.8.8.8", EgressScope.LoopbackToo, false, true)]
    [InlineData("8.8.8.8", EgressScope.LoopbackToo, true, false)] // A "localhost" somebody gave a public address.
    [InlineData("192.168.0.1", EgressScope.LoopbackToo, false, false)]
    [InlineData("0.0.0.0", EgressScope.LoopbackToo, true, false)]
    public void Only_loopback_joins_the_public_addresses_in_development(string address, EgressScope scope, bool isPlain, bool permitted) =>
        Assert.Equal(permitted, GuardedConnection.Permits(IPAddress.Parse(address), scope, isPlain));

    [Fact]
    public async Task Loopback_answers_in_development()
    {
        await using var server = RawServer.Answering(
            "HTTP/1.1 429 Slow\r\nContent-Type: application/json; charset=utf-8\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\n{}");
        var answer = await Get($"http://localhost:{server.Port}/", EgressScope.LoopbackToo);
        Assert.Equal((429, "application/json", TimeSpan.FromSeconds(7), "{}"), (answer.Status, answer.ContentType, answer.RetryAfter, Encoding.UTF8.GetString(answer.Body)));
    }

    [Fact]
    public async Task Retry_after_as_a_date_counts_from_now()
    {
        var at = time.GetUtcNow().AddSeconds(90);
        await using var server = RawServer.Answering($"HTTP/1.1 503 Down\r\nRetry-After: {at:R}\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(TimeSpan.FromSeconds(90), (await Get($"http://localhost:{server.Port}/", EgressScope.LoopbackToo)).RetryAfter);
    }

    [Fact]
    public async Task Redirects_are_answers()
    {
        await using var target = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var server = RawServer.Answering($"HTTP/1.1 307 Gone\r\nLocation: http://localhost:{target.Port}/\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(307, (await Get($"http://localhost:{server.Port}/", EgressScope.LoopbackToo)).Status);
        Assert.Equal(0, target.Connections);
    }

    [Fact]
    public async Task Cookies_are_not_kept_and_nothing_is_added_to_a_request()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n");
        await Get($"http://localhost:{server.Port}/", EgressScope.LoopbackToo);
        await Get($"http://localhost:{server.Port}/", EgressScope.LoopbackToo);
        Assert.All(server.Requests, request => Assert.Equal($"GET / HTTP/1.1\r\nHost: localhost:{server.Port}\r\n\r\n", request));
    }

    [Fact]
    public async Task The_url_alone_says_which_host_is_called()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://localhost:{server.Port}/") { Headers = { Host = "evil.example" } };
        await Send(request, EgressScope.LoopbackToo);
        Assert.Contains($"Host: localhost:{server.Port}", Assert.Single(server.Requests), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(256 * 1024, true)]
    [InlineData((256 * 1024) + 1, false)]
    public async Task An_answer_over_the_limit_is_refused_whether_its_length_is_announced_or_not(int length, bool fits)
    {
        var body = new string('x', length);
        foreach (var answer in new[] { $"Content-Length: {length}\r\n\r\n{body}", $"Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n" })
        {
            await using var server = RawServer.Answering($"HTTP/1.1 200 OK\r\n{answer}");
            if (fits)
            {
                Assert.Equal(length, (await Get($"http://localhost:{server.Port}/", EgressScope.LoopbackToo)).Body.Length);
            }
            else
            {
                var e = await Assert.ThrowsAsync<EgressException>(() => Get($"http://localhost:{server.Port}/?code=secret", EgressScope.LoopbackToo));
                Assert.Equal(EgressFault.TooLarge, e.Fault);
                Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Silence_ends_at_the_deadline()
    {
        await using var server = new RawServer(_ => null);
        var answer = Get($"http://localhost:{server.Port}/?code=secret", EgressScope.LoopbackToo);
        await server.FirstRequest.Task.WaitAsync(TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(19));
        Assert.False(answer.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        var e = await Assert.ThrowsAsync<EgressException>(() => answer);
        Assert.Equal(EgressFault.Timeout, e.Fault);
        Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_never_ends_meets_the_same_deadline()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        var answer = Get($"http://localhost:{server.Port}/", EgressScope.LoopbackToo, TimeSpan.FromSeconds(5));
        await server.FirstRequest.Task.WaitAsync(TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(EgressFault.Timeout, (await Assert.ThrowsAsync<EgressException>(() => answer)).Fault);
    }

    [Fact]
    public async Task A_caller_who_hangs_up_cancels_the_call()
    {
        await using var server = new RawServer(_ => null);
        using var caller = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://localhost:{server.Port}/");
        var answer = new EgressClient(handlers, time).SendAsync(request, EgressScope.LoopbackToo, null, caller.Token);
        await server.FirstRequest.Task.WaitAsync(TestContext.Current.CancellationToken);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    [Fact]
    public async Task A_broken_answer_and_a_closed_port_are_told_apart()
    {
        await using var server = RawServer.Answering("220 smtp ready, token=secret\r\n\r\n");
        var broken = await Assert.ThrowsAsync<EgressException>(() => Get($"http://localhost:{server.Port}/", EgressScope.LoopbackToo));
        Assert.Equal(EgressFault.BrokenAnswer, broken.Fault);
        Assert.DoesNotContain("secret", broken.ToString(), StringComparison.Ordinal);

        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        var unreachable = await Assert.ThrowsAsync<EgressException>(() => Get($"http://127.0.0.1:{port}/", EgressScope.LoopbackToo));
        Assert.Equal(EgressFault.Unreachable, unreachable.Fault);
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_is_unreachable() =>
        Assert.Equal(EgressFault.Unreachable, (await Assert.ThrowsAsync<EgressException>(() => Get("https://nowhere.invalid/", EgressScope.Public))).Fault);

    [Theory]
    [InlineData("POST", "refresh_token=1")]
    [InlineData("POST", null)]
    [InlineData("PATCH", null)]
    public async Task A_call_that_changes_things_is_sent_once_though_a_kept_connection_broke(string method, string? body)
    {
        var ok = Encoding.Latin1.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var server = new RawServer(number => number == 1 ? ok : []);
        await Get($"http://localhost:{server.Port}/", EgressScope.LoopbackToo);
        using var request = new HttpRequestMessage(new HttpMethod(method), $"http://localhost:{server.Port}/");
        request.Content = body is null ? null : new StringContent(body);
        var e = await Assert.ThrowsAsync<EgressException>(() => Send(request, EgressScope.LoopbackToo));
        Assert.Equal(EgressFault.BrokenAnswer, e.Fault);
        Assert.Single(server.Requests, sent => sent.StartsWith(method, StringComparison.Ordinal));
    }

    [Fact]
    public async Task TLS_asks_for_the_urls_host_and_trusts_no_certificate_of_its_own_making()
    {
        using var key = System.Security.Cryptography.ECDsa.Create();
        var certificateRequest = new CertificateRequest("CN=localhost", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        using var certificate = certificateRequest.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var asked = "";
        var accepting = Task.Run(async () =>
        {
            using var socket = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
            await using var tls = new SslStream(new NetworkStream(socket));
            await tls.AuthenticateAsServerAsync(
                (_, hello, _, _) =>
                {
                    asked = hello.ServerName;
                    return ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificate = certificate });
                },
                null,
                TestContext.Current.CancellationToken);
        }, TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/") { Headers = { Host = "evil.example" } };
        var e = await Assert.ThrowsAsync<EgressException>(() => Send(request, EgressScope.LoopbackToo));
        Assert.Equal(EgressFault.Unreachable, e.Fault);
        await Record.ExceptionAsync(() => accepting); // The client hangs up on the certificate.
        Assert.Equal("localhost", asked);
    }

    private async Task<EgressAnswer> Get(string url, EgressScope scope, TimeSpan? timeout = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        return await Send(request, scope, timeout);
    }

    private Task<EgressAnswer> Send(HttpRequestMessage request, EgressScope scope, TimeSpan? timeout = null) =>
        new EgressClient(handlers, time).SendAsync(request, scope, timeout, TestContext.Current.CancellationToken);
}
