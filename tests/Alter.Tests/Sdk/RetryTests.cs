using Alter.Sdk;
using Alter.Testing;
using Microsoft.Extensions.Time.Testing;
using static Alter.Tests.Sdk.SdkFixture;

namespace Alter.Tests.Sdk;

public sealed class RetryTests
{
    private static readonly CancellationToken Now = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refresh_under_way_is_waited_for_as_long_as_the_vault_says()
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = _ => fixture.Vault.Calls.Count < 3 ? FakeVault.Problem(409, "token_refresh_in_progress", "retry", retryAfter: 2) : null;
        using var app = fixture.App();
        using var request = new HttpRequestMessage(HttpMethod.Post, Url) { Content = new StringContent("once") };

        using var answer = await app.SendAsync(request, "google", null, Now);

        Assert.True(answer.IsSuccessStatusCode);
        Assert.Equal(3, fixture.Vault.Calls.Count(call => call.Body.Length == 4));
        Assert.Equal([TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2)], fixture.Time.Waits);
    }

    [Fact]
    public async Task After_three_tries_the_refusal_is_thrown()
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = _ => FakeVault.Problem(409, "token_refresh_in_progress", "retry", retryAfter: 1);
        using var app = fixture.App();

        await Assert.ThrowsAsync<TokenRefreshInProgressException>(() => app.RequestAsync(HttpMethod.Get, Url, "google", Now));

        Assert.Equal(3, fixture.Vault.Calls.Count);
    }

    [Fact]
    public async Task A_wait_of_more_than_ten_seconds_is_the_callers_to_decide()
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = _ => FakeVault.Problem(409, "token_refresh_in_progress", "retry", retryAfter: 60);
        using var app = fixture.App();

        var thrown = await Assert.ThrowsAsync<TokenRefreshInProgressException>(() => app.RequestAsync(HttpMethod.Get, Url, "google", Now));

        Assert.Equal(TimeSpan.FromSeconds(60), thrown.RetryAfter);
        Assert.Single(fixture.Vault.Calls);
    }

    [Theory]
    [InlineData("GET", 3)]
    [InlineData("HEAD", 3)]
    [InlineData("OPTIONS", 3)]
    [InlineData("POST", 1)]
    [InlineData("PUT", 1)]
    [InlineData("DELETE", 1)]
    public async Task The_vaults_own_503_is_tried_again_for_safe_methods_alone(string method, int tries)
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = _ => FakeVault.Problem(503, "vault_unavailable", "retry", retryAfter: 1);
        using var app = fixture.App();

        await Assert.ThrowsAsync<BackendException>(() => app.RequestAsync(new HttpMethod(method), Url, "google", Now));

        Assert.Equal(tries, fixture.Vault.Calls.Count);
    }

    [Fact]
    public async Task A_stream_that_was_read_is_not_sent_a_second_time()
    {
        await using var fixture = await StartAsync();
        fixture.Vault.Instead = _ => FakeVault.Problem(409, "token_refresh_in_progress", "retry", retryAfter: 1);
        using var app = fixture.App();
        using var request = new HttpRequestMessage(HttpMethod.Post, Url) { Content = new StreamContent(new MemoryStream(new byte[100])) };

        await Assert.ThrowsAsync<TokenRefreshInProgressException>(() => app.SendAsync(request, "google", null, Now));

        Assert.Single(fixture.Vault.Calls);
    }

    [Fact]
    public async Task An_answer_that_does_not_begin_in_time_is_a_provider_timeout()
    {
        await using var fixture = await StartAsync();
        var time = new FakeTimeProvider();
        var never = new TaskCompletionSource();
        fixture.Vault.BeforeAnswer = _ => never.Task;
        using var app = fixture.App(options => options.TimeProvider = time);

        var call = app.RequestAsync(HttpMethod.Get, Url, "google", Now);
        await Eventually.TrueAsync(() => fixture.Vault.Calls.Count == 1, "the vault has the call");
        time.Advance(TimeSpan.FromSeconds(119));
        Assert.False(call.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal("provider_timeout", (await Assert.ThrowsAsync<ProviderUnreachableException>(() => call)).Code);
        never.SetResult();
    }

    [Fact]
    public async Task A_long_upload_is_no_silence()
    {
        await using var fixture = await StartAsync();
        var time = new FakeTimeProvider();
        var (begun, mayEnd) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var app = fixture.App(options => options.TimeProvider = time);
        using var request = new HttpRequestMessage(HttpMethod.Post, Url) { Content = new SlowContent(begun, mayEnd.Task) };

        var call = app.SendAsync(request, "google", null, Now);
        await begun.Task;
        time.Advance(TimeSpan.FromMinutes(10));
        mayEnd.SetResult();

        using var answer = await call;
        Assert.True(answer.IsSuccessStatusCode);
    }

    [Fact]
    public async Task Who_cancels_gets_a_cancellation()
    {
        await using var fixture = await StartAsync();
        var never = new TaskCompletionSource();
        fixture.Vault.BeforeAnswer = _ => never.Task;
        using var app = fixture.App();
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Now);

        var call = app.RequestAsync(HttpMethod.Get, Url, "google", source.Token);
        await Eventually.TrueAsync(() => fixture.Vault.Calls.Count == 1, "the vault has the call");
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        never.SetResult();
    }

    private sealed class SlowContent(TaskCompletionSource begun, Task mayEnd) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            begun.SetResult();
            await mayEnd;
            await stream.WriteAsync("slow"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
