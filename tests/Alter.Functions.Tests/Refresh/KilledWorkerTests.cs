using System.Diagnostics;
using System.Net.Http.Json;
using Alter.Functions.Tests.Running;
using Alter.Testing;

namespace Alter.Functions.Tests.Refresh;

/// <summary>A worker that dies in the middle of a refresh, its lease fifteen seconds long. A vault of its own: workers are killed.</summary>
public sealed class KilledWorkerTests : IAsyncLifetime
{
    private RunningVault vault = null!;

    public async ValueTask InitializeAsync() => vault = await RunningVault.StartAsync(new RunningSetup { LeaseSeconds = 15, CalendarTokenLifetime = TimeSpan.FromSeconds(3) });

    public ValueTask DisposeAsync() => vault?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task A_worker_killed_before_the_provider_redeems_costs_a_lease_and_no_grant()
    {
        await using var lender = await FakeTokens.StaleAsync(vault);
        vault.Crm.Token = async request =>
        {
            if (request.RefreshToken is not null && lender.Refreshes == 1)
            {
                await vault.Host.KillAsync(0); // Dies while its request is at the provider, nothing redeemed.
                return new FakeAnswer(503, "late");
            }

            return null;
        };
        Assert.Equal(503, (await lender.Backend.CallAsync("crm", vault.Upstream.Echo())).Status);
        Assert.Equal(200, (await UntilDecidedAsync(() => lender.Backend.CallAsync("crm", vault.Upstream.Echo()))).Status);
        Assert.Equal(2, lender.Refreshes);
        Assert.True(vault.Host.Workers[0].RestartCount > 0);
    }

    [Fact]
    public async Task A_worker_killed_after_the_provider_redeemed_leaves_a_grant_that_says_to_connect_again()
    {
        var browser = new Browser(vault);
        var backend = vault.Backend(vault.Keys.Shop, await SignIn.AsAsync(browser, vault, "ada"));
        await browser.ConnectCalendarAsync(await backend.SessionAsync("calendar"), "ada@calendar.example");
        using var controls = new HttpRequestMessage(HttpMethod.Post, new Uri(vault.CalendarUrl, "/demo/controls")) { Content = JsonContent.Create(new { token_answer_delay_seconds = 30 }) };
        (await browser.SendAsync(controls)).Is(200);
        var events = new Uri(vault.CalendarUrl, "/api/events");
        var calls = new List<Task<Answer>>();
        await Eventually.TrueAsync(
            async () =>
            {
                calls.Add(backend.CallAsync("calendar", events));
                await Task.WhenAny(calls[^1], Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, TestContext.Current.CancellationToken));
                return (int)(await browser.GoAsync(new Uri(vault.CalendarUrl, "/demo/stats"))).Json["refreshes"]! > 0;
            },
            "the calendar redeems the refresh token");
        await vault.Host.KillAsync(0, TestContext.Current.CancellationToken);
        await Task.WhenAll(calls);
        using var usual = new HttpRequestMessage(HttpMethod.Post, new Uri(vault.CalendarUrl, "/demo/controls")) { Content = JsonContent.Create(new { }) };
        (await browser.SendAsync(usual)).Is(200);

        // The rotated token died with the worker. The old one presented once more ends its family (RFC 9700 §4.14.2), and the vault says so instead of hanging.
        var decided = await UntilDecidedAsync(() => backend.CallAsync("calendar", events));
        decided.IsRefusal(403, "credential_revoked");
        var again = await browser.ConnectCalendarAsync(await backend.SessionAsync("calendar"), "ada@calendar.example");
        Assert.Equal("complete", (string?)again["status"]);
        (await backend.CallAsync("calendar", events)).Is(200);
    }

    // While the lease of the dead worker runs, calls wait or are told to repeat; then one decides.
    private async Task<Answer> UntilDecidedAsync(Func<Task<Answer>> call)
    {
        await vault.Host.Workers[0].WhenReadyAsync(TestContext.Current.CancellationToken);
        var clock = Stopwatch.StartNew();
        Answer answer;
        do
        {
            answer = await call();
            Assert.True(answer.Status is 200 or 403 or 503 || answer["Retry-After"] is not null, $"{answer.Status} {answer.Text}");
        }
        while (answer.Status is not (200 or 403) && clock.Elapsed < TimeSpan.FromSeconds(60));
        return answer;
    }
}
