using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Alter.Sdk;
using Alter.Testing;
using Microsoft.AspNetCore.Http;
using static Alter.Tests.Sdk.SdkFixture;

namespace Alter.Tests.Sdk;

public sealed class HandlerTests
{
    private static readonly CancellationToken Now = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_goes_to_the_vault_with_everything_it_needs()
    {
        await using var fixture = await StartAsync();
        using var app = fixture.App(options => options.Caller = "tests");
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://api.example.com/v1/bücher?q=a b#part") { Content = new StringContent("hello") };
        request.Headers.Add("X-Own", "kept");

        using var answer = await app.SendAsync(
            request,
            GrantSelector.Provider("google", "ada@example.com"),
            new CallOptions { Reason = "nightly", Context = new Dictionary<string, string> { ["run"] = "ü1" } },
            Now);

        var call = Assert.Single(fixture.Vault.Calls);
        Assert.Equal(("POST", "/sdk/proxy", "hello"), (call.Method, call.Path, Encoding.UTF8.GetString(call.Body)));
        Assert.Equal("https://api.example.com/v1/b%C3%BCcher?q=a%20b", call["X-Alter-Url"]);
        Assert.Equal(("google", "ada@example.com", AdasToken), (call["X-Alter-Provider"], call["X-Alter-Account"], call["X-Alter-User-Token"]));
        Assert.Equal(("nightly", "tests", "kept"), (call["X-Alter-Reason"], call["X-Alter-Caller"], call["X-Own"]));
        Assert.Equal("""{"run":"\u00FC1"}""", call["X-Alter-Context"]);
        Assert.Equal("text/plain; charset=utf-8", call["Content-Type"]);
        Assert.Null(call["X-Alter-Grant-Id"]);
    }

    [Fact]
    public async Task The_callers_host_authorization_and_cookies_stay_behind()
    {
        await using var fixture = await StartAsync();
        using var app = fixture.App();
        using var request = new HttpRequestMessage(HttpMethod.Get, Url);
        request.Headers.Host = "evil.example.com";
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "the callers own");
        request.Headers.Add("Cookie", "a=b");

        using var answer = await app.SendAsync(request, "google", null, Now);

        var call = Assert.Single(fixture.Vault.Calls);
        Assert.Equal($"Bearer {FakeVault.ApiKey}", call["Authorization"]);
        Assert.Equal(fixture.Vault.Url.Authority, call["Host"]);
        Assert.Null(call["Cookie"]);
    }

    [Fact]
    public async Task The_callers_message_is_as_it_was_afterwards()
    {
        await using var fixture = await StartAsync();
        using var app = fixture.App();
        using var request = new HttpRequestMessage(HttpMethod.Put, Url) { Content = new ByteArrayContent(new byte[2_000_000]) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "the callers own");

        using var answer = await app.SendAsync(request, "google", null, Now);

        Assert.Same(request, answer.RequestMessage);
        Assert.Equal(Url, request.RequestUri!.AbsoluteUri);
        Assert.Equal("the callers own", request.Headers.Authorization.Parameter);
        Assert.DoesNotContain(request.Headers, header => header.Key.StartsWith("X-Alter-", StringComparison.OrdinalIgnoreCase));
        Assert.Null(request.Headers.TransferEncodingChunked);
        Assert.Equal(2_000_000, request.Content.Headers.ContentLength);
        using var again = await app.SendAsync(request, "google", null, Now);
        Assert.Equal(2, fixture.Vault.Calls.Count(call => call.Body.Length == 2_000_000));
    }

    [Fact]
    public async Task Small_bodies_have_a_length_and_streams_and_large_ones_are_chunked()
    {
        await using var fixture = await StartAsync();
        using var app = fixture.App();
        using var client = app.CreateClient("google");

        foreach (var (content, isChunked) in new (HttpContent, bool)[]
        {
            (new ByteArrayContent(new byte[1024]), false),
            (new ByteArrayContent(new byte[1024 * 1024 + 1]), true),
            (new StreamContent(new EndlessLooking(5000)), true),
        })
        {
            using var answer = await client.PostAsync(new Uri(Url), content, Now);
            var call = fixture.Vault.Calls[^1];
            Assert.Equal((isChunked ? "chunked" : null, !isChunked), (call["Transfer-Encoding"], call.Headers.ContainsKey("Content-Length")));
        }

        using var told = new HttpRequestMessage(HttpMethod.Put, Url) { Content = new ByteArrayContent(new byte[1024 * 1024 + 1]) };
        told.Headers.TransferEncodingChunked = false; // For providers that want a length.
        using var plain = await client.SendAsync(told, Now);
        Assert.Equal("1048577", fixture.Vault.Calls[^1]["Content-Length"]);
    }

    [Fact]
    public async Task An_answer_arrives_while_the_provider_still_sends_it()
    {
        await using var fixture = await StartAsync();
        var mayEnd = new TaskCompletionSource();
        fixture.Vault.Provider = _ => new FakeVaultAnswer(200)
        {
            Write = async context =>
            {
                await context.Response.WriteAsync("first\n", Now);
                await context.Response.Body.FlushAsync(Now);
                await mayEnd.Task;
                await context.Response.WriteAsync("last\n", Now);
            },
        };
        using var app = fixture.App();

        using var answer = await app.RequestAsync(HttpMethod.Get, Url, "google", Now);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(Now));

        Assert.Equal("first", await lines.ReadLineAsync(Now));
        mayEnd.SetResult();
        Assert.Equal("last", await lines.ReadLineAsync(Now));
    }

    [Fact]
    public async Task A_compressed_answer_is_read_plain()
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Provider = _ => new FakeVaultAnswer(200)
        {
            Headers = new Dictionary<string, string> { ["Content-Encoding"] = "gzip" },
            Write = async context =>
            {
                await using var zip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
                await zip.WriteAsync("plain"u8.ToArray(), Now);
            },
        };
        using var app = fixture.App();
        using var client = app.CreateClient("google");

        Assert.Equal("plain", await client.GetStringAsync(new Uri(Url), Now));
    }

    [Fact]
    public async Task A_cookie_of_one_users_answer_is_not_sent_with_anothers_call()
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Provider = _ => new FakeVaultAnswer(200) { Headers = new Dictionary<string, string> { ["Set-Cookie"] = "session=ada; Path=/" } };
        using var app = fixture.App();

        using var first = await app.RequestAsync(HttpMethod.Get, Url, "google", Now);
        using var second = await app.RequestAsync(HttpMethod.Get, Url, "google", Now);

        Assert.Null(fixture.Vault.Calls[^1]["Cookie"]);
    }

    [Fact]
    public async Task The_trace_goes_on_in_the_vault()
    {
        await using var fixture = await StartAsync();
        using var app = fixture.App();
        using var activity = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();

        using var answer = await app.RequestAsync(HttpMethod.Get, Url, "google", Now);

        Assert.Contains(activity.TraceId.ToHexString(), Assert.Single(fixture.Vault.Calls)["traceparent"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_providers_error_is_an_answer_and_no_exception()
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Provider = _ => new FakeVaultAnswer(503, "down");
        using var app = fixture.App();

        using var answer = await app.RequestAsync(HttpMethod.Get, Url, "google", Now);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Single(fixture.Vault.Calls);
    }

    [Fact]
    public async Task What_cannot_be_meant_is_refused_before_it_is_sent()
    {
        await using var fixture = await StartAsync();
        using var app = fixture.App();
        using var client = app.CreateClient("google");
        using var byHand = new HttpRequestMessage(HttpMethod.Get, Url);
        byHand.Headers.Add("X-Alter-Acount", "ada@example.com");

        await Assert.ThrowsAsync<AlterValueException>(() => client.SendAsync(byHand, Now));
        await Assert.ThrowsAsync<AlterValueException>(() => app.RequestAsync(HttpMethod.Get, "/relative", "google", Now));
        await Assert.ThrowsAsync<AlterValueException>(() => app.RequestAsync(HttpMethod.Get, "https://user:secret@api.example.com/", "google", Now));
        await Assert.ThrowsAsync<ArgumentException>(() => app.RequestAsync(HttpMethod.Get, Url, default, Now));
        var tooLong = await Assert.ThrowsAsync<AlterValueException>(() => app.RequestAsync(HttpMethod.Get, $"{Url}?q={new string('a', 9000)}", "google", Now));
        Assert.Equal("request_too_large", tooLong.Code);
        Assert.Throws<NotSupportedException>(() => client.Send(new HttpRequestMessage(HttpMethod.Get, Url), Now));
        await Assert.ThrowsAsync<AlterValueException>(() => app.RequestAsync(HttpMethod.Get, Url, GrantSelector.Provider("google", "Ädä"), Now));

        Assert.Empty(fixture.Vault.Calls);
    }

    [Fact]
    public async Task A_vault_that_is_not_there_is_a_transient_error_of_ours()
    {
        using var app = new AlterApp(FakeVault.ApiKey, new Uri("http://127.0.0.1:9/"));

        var thrown = await Assert.ThrowsAsync<BackendException>(() => app.RequestAsync(HttpMethod.Get, Url, "google", Now));

        Assert.Equal(("vault_unreachable", true), (thrown.Code, thrown.IsTransient));
        Assert.IsType<HttpRequestException>(thrown.InnerException);
    }

    private sealed class EndlessLooking(int length) : Stream
    {
        private int left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var taken = Math.Min(count, left);
            left -= taken;
            return taken;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
