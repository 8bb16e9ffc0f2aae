using System.Diagnostics;
using Alter.Functions.Tests.Running;
using Alter.Testing;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Tests.Proxy;

/// <summary>How requests and answers travel through the worker.</summary>
public sealed class StreamingTests(SharedVault shared) : IAsyncLifetime
{
    private readonly RunningVault vault = shared.Vault;
    private readonly Backend backend = shared.Vault.Shop("streaming");

    public async ValueTask InitializeAsync()
    {
        if ((int)(await backend.ListAsync())["total"]! == 0)
        {
            await backend.ConnectAsync("erp", "ada@erp.example");
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Each_event_arrives_before_the_next_is_sent()
    {
        using var arrived = new SemaphoreSlim(0);
        var url = vault.Upstream.On(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 1; i <= 5; i++)
            {
                await context.Response.WriteAsync($"data: {i}\n\n");
                await context.Response.Body.FlushAsync(context.RequestAborted);
                if (!await arrived.WaitAsync(TimeSpan.FromSeconds(20), context.RequestAborted)) // Held until the caller has it.
                {
                    context.Abort();
                }
            }
        });
        using var response = await StartAsync(HttpMethod.Get, url);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        for (var i = 1; i <= 5; i++)
        {
            Assert.Equal($"data: {i}", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
            Assert.Equal("", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
            arrived.Release();
        }

        Assert.Null(await reader.ReadLineAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_caller_that_leaves_during_the_answer_ends_the_providers_request()
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var url = vault.Upstream.On(async context =>
        {
            using var left = context.RequestAborted.Register(gone.SetResult);
            await context.Response.WriteAsync("begun");
            await context.Response.Body.FlushAsync();
            await gone.Task;
        });
        using (var response = await StartAsync(HttpMethod.Get, url))
        {
            Assert.Equal(200, (int)response.StatusCode);
        }

        await gone.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_caller_that_leaves_before_the_answer_ends_the_providers_request()
    {
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var url = vault.Upstream.On(async context =>
        {
            using var left = context.RequestAborted.Register(gone.SetResult);
            began.SetResult();
            await gone.Task;
        });
        using var leaving = new CancellationTokenSource();
        var call = StartAsync(HttpMethod.Get, url, leaving: leaving);
        await began.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_caller_that_leaves_during_its_upload_ends_the_providers_request()
    {
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var url = vault.Upstream.On(async context =>
        {
            var buffer = new byte[1024];
            try
            {
                while (await context.Request.Body.ReadAsync(buffer) > 0)
                {
                    began.TrySetResult();
                }
            }
            catch (Exception e) when (e is IOException or BadHttpRequestException or OperationCanceledException)
            {
                gone.TrySetResult();
                throw;
            }
        });
        using var leaving = new CancellationTokenSource();
        var upload = new Upload(long.MaxValue, leaving.Token);
        var call = StartAsync(HttpMethod.Post, url, upload, leaving);
        await began.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => call);
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_answer_the_provider_cuts_off_is_cut_off_and_not_complete()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var url = vault.Upstream.On(async context =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("half");
            await context.Response.Body.FlushAsync();
            await begun.Task;
            context.Abort();
        });
        using var response = await StartAsync(HttpMethod.Get, url);
        Assert.Equal(200, (int)response.StatusCode);
        begun.SetResult();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_provider_that_switches_protocols_unasked_leaves_nothing_of_its_answer_on_the_refusal()
    {
        var answer = (await backend.CallAsync("erp", vault.Upstream.On(context =>
        {
            context.Response.StatusCode = StatusCodes.Status101SwitchingProtocols;
            context.Response.Headers.Upgrade = "websocket";
            context.Response.Headers.ContentEncoding = "gzip";
            context.Response.Headers["X-Theirs"] = "1";
            return Task.CompletedTask;
        }))).IsRefusal(502, "provider_unreachable");
        Assert.Equal("nosniff", answer["X-Content-Type-Options"]);
        Assert.All(["X-Alter-Grant-Id", "X-Theirs", "Upgrade"], name => Assert.Null(answer[name]));
    }

    [Fact]
    public async Task A_provider_that_cannot_be_reached_is_said_so()
    {
        var answer = (await backend.CallAsync("erp", new Uri($"http://127.0.0.1:{vault.ClosedPort}/"))).IsRefusal(502, "provider_unreachable");
        Assert.Equal("erp", (string?)answer.Json["provider"]);
        (await backend.CallAsync("erp", vault.Upstream.On(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        }))).IsRefusal(502, "provider_unreachable");
    }

    [Fact]
    public async Task HEAD_OPTIONS_204_and_304_pass_as_they_are()
    {
        var url = vault.Upstream.On(context =>
        {
            var response = context.Response;
            response.Headers["X-Method"] = context.Request.Method;
            response.Headers.Allow = "GET, HEAD";
            response.StatusCode = context.Request.Method == "OPTIONS" ? 204 : context.Request.Headers.IfNoneMatch.Count > 0 ? 304 : 200;
            response.ContentLength = context.Request.Method == "HEAD" ? 1234 : null;
            return Task.CompletedTask;
        });
        var head = (await backend.ProxyAsync(HttpMethod.Head, url, request => request.Headers.Add("X-Alter-Provider", "erp"))).Is(200);
        Assert.Equal(("HEAD", ""), (head["X-Method"], head.Text));
        var options = (await backend.ProxyAsync(HttpMethod.Options, url, request => request.Headers.Add("X-Alter-Provider", "erp"))).Is(204);
        Assert.Equal("OPTIONS", options["X-Method"]);
        (await backend.CallAsync("erp", url, request => request.Headers.Add("If-None-Match", "\"v1\""))).Is(304);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public async Task Methods_with_a_body_carry_it(string method)
    {
        var answer = await backend.SendAsync(new HttpMethod(method), "/sdk/proxy", new { name = "Ada" }, request =>
        {
            request.Headers.Add("X-Alter-Provider", "erp");
            request.Headers.Add("X-Alter-Url", vault.Upstream.Echo().AbsoluteUri);
        });
        Assert.Equal((method, 14L), ((string?)answer.Is(200).Json["method"], (long)answer.Json["body_bytes"]!));
    }

    [Fact]
    public async Task A_hundred_megabytes_up_and_two_hundred_down_stay_out_of_the_workers_memory()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc.");
        const long Up = 100_000_000, Down = 200L << 20; // The host takes at most 104,857,600 bytes up.
        var download = vault.Upstream.On(async context =>
        {
            var block = new byte[64 * 1024];
            for (var left = Down; left > 0; left -= block.Length)
            {
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
            }
        });
        var before = WorkingSets();
        var peak = 0L;
        using var done = new CancellationTokenSource();
        var watching = WatchAsync();

        using (var response = await StartAsync(HttpMethod.Post, vault.Upstream.Echo(), new Upload(Up, TestContext.Current.CancellationToken)))
        {
            Assert.Contains($"\"body_bytes\":{Up}", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        var received = 0L;
        using (var response = await StartAsync(HttpMethod.Get, download))
        {
            await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            var buffer = new byte[64 * 1024];
            for (int read; (read = await body.ReadAsync(buffer, TestContext.Current.CancellationToken)) > 0;)
            {
                received += read;
            }
        }

        await done.CancelAsync();
        await watching;
        Assert.Equal(Down, received);

        // Either body held whole would show: buffers, heap growth and the other tests' calls are far below.
        Assert.True(peak - before < 80L << 20, $"The workers grew by {(peak - before) >> 20} MiB.");

        async Task WatchAsync()
        {
            while (!done.IsCancellationRequested)
            {
                peak = Math.Max(peak, WorkingSets());
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, done.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        long WorkingSets() => vault.Host.Workers.Sum(worker =>
        {
            using var process = Process.GetProcessById(worker.ProcessId);
            return process.WorkingSet64;
        });
    }

    private async Task<HttpResponseMessage> StartAsync(HttpMethod method, Uri url, HttpContent? body = null, CancellationTokenSource? leaving = null)
    {
        using var request = backend.Request(method, "/sdk/proxy", body);
        request.Headers.TransferEncodingChunked = body is not null;
        request.Headers.Add("X-Alter-Provider", "erp");
        request.Headers.Add("X-Alter-Url", url.AbsoluteUri);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(leaving?.Token ?? CancellationToken.None, TestContext.Current.CancellationToken);
        return await Backend.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
    }

    /// <summary>A body of unsaid length, made while it is sent.</summary>
    private sealed class Upload(long length, CancellationToken until) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            var block = new byte[64 * 1024];
            for (var left = length; left > 0; left -= block.Length)
            {
                await stream.WriteAsync(block.AsMemory(0, (int)Math.Min(left, block.Length)), until);
            }
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = 0;
            return false;
        }
    }
}
