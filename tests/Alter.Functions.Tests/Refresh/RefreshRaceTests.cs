using System.Diagnostics;
using System.Globalization;
using Alter.Functions.Tests.Running;
using Alter.Testing;

namespace Alter.Functions.Tests.Refresh;

/// <summary>Two workers, one refresh token that works once.</summary>
public sealed class RefreshRaceTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    [Fact]
    public async Task Of_fifty_concurrent_calls_on_two_workers_one_refreshes_and_all_are_served()
    {
        // Born stale: a token of one second is not fresh for long enough to be used twice.
        await using var lender = await FakeTokens.StaleAsync(vault);
        var backend = lender.Backend;
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lender.HoldRefresh(release.Task);
        var url = vault.Upstream.Echo();
        var calls = Enumerable.Range(0, 50).Select(_ => backend.CallAsync("crm", url)).ToArray();
        await Eventually.TrueAsync(() => lender.Refreshes > 0, "a worker asks the provider");
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, TestContext.Current.CancellationToken); // The provider is slow; nobody else may ask it meanwhile.
        release.SetResult();
        foreach (var answer in await Task.WhenAll(calls))
        {
            answer.Is(200);
        }

        Assert.Equal(1, lender.Refreshes);
        (await backend.CallAsync("crm", url)).Is(200);
        Assert.Equal(1, lender.Refreshes);
    }

    [Fact]
    public async Task A_refresh_goes_on_when_its_caller_leaves()
    {
        await using var lender = await FakeTokens.StaleAsync(vault);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lender.HoldRefresh(release.Task);
        using var leaving = new CancellationTokenSource();
        using var request = lender.Backend.Request(HttpMethod.Get, "/sdk/proxy");
        request.Headers.Add("X-Alter-Provider", "crm");
        request.Headers.Add("X-Alter-Url", vault.Upstream.Echo().AbsoluteUri);
        var call = Backend.Http.SendAsync(request, leaving.Token);
        await Eventually.TrueAsync(() => lender.Refreshes > 0, "a worker asks the provider");
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        release.SetResult();
        (await lender.Backend.CallAsync("crm", vault.Upstream.Echo())).Is(200);
        Assert.Equal(1, lender.Refreshes);
    }

    [Fact]
    public async Task A_refresh_the_provider_refuses_ends_the_grant_for_good()
    {
        await using var lender = await FakeTokens.StaleAsync(vault);
        lender.AnswerRefresh(new FakeAnswer(400, """{"error":"invalid_grant"}"""));
        var refused = (await lender.Backend.CallAsync("crm", vault.Upstream.Echo())).IsRefusal(403, "credential_revoked");
        Assert.Equal(("crm", "invalid_grant"), ((string?)refused.Json["provider"], (string?)refused.Json["cause"]));
        (await lender.Backend.CallAsync("crm", vault.Upstream.Echo())).IsRefusal(403, "credential_revoked");
        Assert.Equal(1, lender.Refreshes);
        Assert.Equal("credential_revoked", (string?)(await lender.Backend.ListAsync())["grants"]![0]!["status"]);
    }

    [Theory]
    [InlineData(503, "down", 502, "provider_unreachable")]
    [InlineData(401, """{"error":"invalid_client"}""", 502, "connect_config")]
    public async Task A_refresh_that_fails_for_now_leaves_the_grant_alone_and_is_not_repeated_at_once(int status, string body, int seen, string code)
    {
        await using var lender = await FakeTokens.StaleAsync(vault);
        lender.AnswerRefresh(new FakeAnswer(status, body));
        var first = (await lender.Backend.CallAsync("crm", vault.Upstream.Echo())).IsRefusal(seen, code);
        var pause = Stopwatch.StartNew();
        var retryAfter = TimeSpan.FromSeconds(int.Parse(first["Retry-After"]!, CultureInfo.InvariantCulture));
        Assert.DoesNotContain("refresh-", first.Text, StringComparison.Ordinal);
        var asked = lender.Refreshes;
        (await lender.Backend.CallAsync("crm", vault.Upstream.Echo())).IsRefusal(seen, code);
        Assert.True(lender.Refreshes == asked || pause.Elapsed >= retryAfter - TimeSpan.FromSeconds(1), "The provider was asked again before it was time.");
        Assert.Equal("active", (string?)(await lender.Backend.ListAsync())["grants"]![0]!["status"]);
    }
}
