using Alter.Grants;
using Alter.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Cli;

/// <summary><c>alter grants retry</c>.</summary>
public sealed class RetryGrantsTests(OwnAzurite azurite) : GrantCommandFixture(azurite)
{
    [Fact]
    public async Task A_provider_that_had_a_bad_hour_has_its_failed_and_refused_grants_tried_again_and_no_others()
    {
        var failing = await GrantAsync(change: Failing);
        var refused = await GrantAsync(change: Refused, subject: "bob");
        await NotRetriableAsync();

        var output = await RunAsync("retry", "--provider", "google", "--since", "2h");

        Assert.Equivalent(new[] { failing, refused }.Select(Message), await SentAsync(), strict: true);
        Assert.Contains("2 grants asked for one more refresh. The vault's workers do it", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_names_them_and_sends_nothing()
    {
        var failing = await GrantAsync(change: Failing);
        var refused = await GrantAsync(change: Refused);
        await NotRetriableAsync();

        var output = await RunAsync("retry", "--provider", "google", "--dry-run");
        await RunAsync("retry", failing.Id.ToString("D"), "--dry-run");

        Assert.All([failing, refused], grant => Assert.Contains(grant.Id.ToString("D"), output, StringComparison.Ordinal));
        Assert.Contains("2 grants would be asked", output, StringComparison.Ordinal);
        Assert.Empty(await SentAsync());
    }

    [Fact]
    public async Task Since_leaves_out_what_failed_before()
    {
        var recent = await GrantAsync(change: Refused);
        await EditAsync(recent, "refused_at", Now.AddMinutes(-90));
        var old = await GrantAsync(change: Refused);
        await EditAsync(old, "refused_at", Now.AddHours(-3));

        await RunAsync("retry", "--provider", "google", "--since", "2h");

        Assert.Equal([recent.Id], (await SentAsync()).Select(message => message.Gid));
        await GrantAsync(change: Failing); // Written now, and the operator looks three hours later.
        Machine.Time = new FakeTimeProvider(Now.AddHours(3));
        Assert.Contains("nothing to try again", await RunAsync("retry", "--provider", "google", "--since", "2h"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hundreds_are_asked_once_each()
    {
        var grants = new System.Collections.Concurrent.ConcurrentBag<Guid>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 250), Cancellation, async (n, _) => grants.Add((await GrantAsync(change: Failing, subject: $"user{n % 100}")).Id));

        Assert.Contains("250 grants asked", await RunAsync("retry", "--provider", "google"), StringComparison.Ordinal);

        Assert.Equal(grants.Order(), (await SentAsync()).Select(message => message.Gid).Order());
    }

    [Fact]
    public async Task One_grant_is_asked_by_its_id()
    {
        var grant = await GrantAsync(change: Refused);
        await GrantAsync(change: Refused);

        await RunAsync("retry", grant.Id.ToString("D"));

        Assert.Equal([Message(grant)], await SentAsync());
    }

    [Fact]
    public async Task A_grant_that_another_try_cannot_help_is_not_asked_and_the_reason_is_said()
    {
        foreach (var (state, grant) in await NotRetriableAsync())
        {
            var (exit, output) = await Machine.RunAsync(["grants", "retry", grant.Id.ToString("D")]);
            Assert.Equal(1, exit);
            Assert.Contains($"Nothing to try again: the grant is {state}", output, StringComparison.Ordinal);
        }

        Assert.Empty(await SentAsync());
    }

    [Fact]
    public async Task A_queue_that_is_not_there_yet_is_made()
    {
        await Queue.DeleteAsync(Cancellation);
        var grant = await GrantAsync(change: Failing);

        await RunAsync("retry", grant.Id.ToString("D"));

        Assert.Equal([Message(grant)], await SentAsync());
    }

    [Fact]
    public async Task A_queue_that_does_not_answer_is_said_and_nothing_is_claimed()
    {
        await GrantAsync(change: Failing);
        var setting = Machine.Environment["AlterStorage"];
        Machine.Environment["AlterStorage"] = System.Text.RegularExpressions.Regex.Replace(setting, "QueueEndpoint=[^;]+", "QueueEndpoint=http://127.0.0.1:9/devstoreaccount1");

        var (exit, output) = await Machine.RunAsync(["grants", "retry", "--provider", "google"]);

        Assert.Equal(1, exit);
        Assert.Contains("Storage does not answer.", output, StringComparison.Ordinal);
        Assert.DoesNotContain("asked", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("--app", "shop")]
    [InlineData("0b0c6c1e-9d5f-8a31-b0c4-6a0e2f6d7c11", "--provider", "google")]
    [InlineData("0b0c6c1e-9d5f-8a31-b0c4-6a0e2f6d7c11", "--since", "2h")]
    [InlineData("everything")]
    public async Task What_is_meant_has_to_be_said(params string[] arguments)
    {
        await GrantAsync(change: Failing);

        Assert.Equal(1, (await Machine.RunAsync(["grants", "retry", .. arguments])).Exit);

        Assert.Empty(await SentAsync());
    }

    private static GrantMessage Message(Grant grant) => new(GrantMessage.Version, "retry", grant.Key.Partition, grant.Key.Row, grant.Id, 0);

    private async Task<IReadOnlyList<(string State, Grant Grant)>> NotRetriableAsync() =>
    [
        ("ok", await GrantAsync()),
        ("refreshing", await GrantAsync(change: grant => Failing(grant) with { Lease = new RefreshLease("op", Now.AddMinutes(5), 1) })),
        ("interrupted", await GrantAsync(change: grant => Failing(grant) with { Lease = new RefreshLease("op", Now.AddMinutes(-5), 1) })),
        ("retrying and holds no refresh token", await GrantAsync(change: Failing, refresh: null)),
        ("credential_revoked and holds no refresh token", await GrantAsync(change: grant => grant.Ended(GrantStatus.CredentialRevoked, "invalid_grant", Now) with { Secrets = grant.Secrets with { RefreshToken = null } })),
        ("expired", await GrantAsync(change: grant => Failing(grant) with { ExpiresAt = Now.AddMinutes(-1) })),
        ("credential_revoked", await GrantAsync(change: grant => Refused(grant) with { ExpiresAt = Now.AddMinutes(-1) })),
        ("revoked", await GrantAsync(change: grant => Failing(grant).Ended(GrantStatus.Revoked, null, Now))),
        ("orphaned", await GrantAsync("slack", Failing)),
        ("orphaned", await GrantAsync("slack", grant => grant with { LastError = "provider_timeout", Fails = 1 })),
    ];
}
