using Alter.Grants;
using Alter.Storage;
using Alter.Testing;
using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Refresh;

/// <summary>The due index, its timer, its worker and its sweep, in tables of their own: they look at everything there is.</summary>
public sealed class DueGrantsTests(OwnAzurite azurite) : IClassFixture<OwnAzurite>, IAsyncLifetime
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private FakeProvider provider = null!;
    private Vault vault = null!;

    public async ValueTask InitializeAsync()
    {
        provider = await FakeProvider.StartAsync();
        vault = new Vault(new VaultSetup(azurite.ConnectionString, A.App(A.AppId(), A.Provider(provider))) { Time = time });
        foreach (var table in new[] { "due", "grants", "connect", "jobs" })
        {
            await EmptyAsync(azurite.Table(table));
        }
    }

    public async ValueTask DisposeAsync()
    {
        vault.Dispose();
        await provider.DisposeAsync();
    }

    [Fact]
    public async Task What_is_due_is_sent_once_and_hidden_for_five_minutes()
    {
        await vault.GrantAsync(DueAt(1, "later@example.com"));
        await Parallel.ForEachAsync(Enumerable.Range(0, 250), Cancellation, async (n, _) => await vault.GrantAsync(DueAt(-1, $"a{n}@example.com")));
        var before = vault.Network.Requests;

        Assert.Equal(250, await DispatchAsync());

        Assert.InRange(vault.Network.Requests - before, 16, 33); // A query a shard, a transaction a shard: the stored grants do not count.
        Assert.Equal(0, await DispatchAsync());
        time.Advance(TimeSpan.FromSeconds(299));
        Assert.Equal(1, await DispatchAsync()); // The later one, meanwhile due.
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(250, await DispatchAsync()); // Nobody did anything: they come again.
    }

    [Fact]
    public async Task The_minutes_timer_measures_what_waits_and_how_long_whether_or_not_it_was_queued_before()
    {
        using var measured = new Measurements("alter.refresh.backlog", "alter.refresh.oldest_due");
        await vault.DueGrants.DispatchAsync(Cancellation);
        await vault.GrantAsync(DueAt(-90, "first@example.com"));
        await vault.GrantAsync(DueAt(-30, "second@example.com"));
        await vault.GrantAsync(DueAt(600, "later@example.com"));
        await vault.DueGrants.DispatchAsync(Cancellation);
        time.Advance(TimeSpan.FromMinutes(1));
        await vault.DueGrants.DispatchAsync(Cancellation); // Both are hidden, and nobody looked at them.

        Assert.Equal(
            [
                ("alter.refresh.backlog", 0), ("alter.refresh.oldest_due", 0),
                ("alter.refresh.backlog", 2), ("alter.refresh.oldest_due", 90),
                ("alter.refresh.backlog", 2), ("alter.refresh.oldest_due", 150),
            ],
            measured.All.Select(one => (one.Instrument, one.Value)));
    }

    [Fact]
    public async Task A_dispatch_that_dies_before_it_hides_sends_again()
    {
        var grant = await vault.GrantAsync(DueAt(-1));
        await Assert.ThrowsAnyAsync<Exception>(() => vault.Due.DispatchAsync((_, _) => throw new InvalidOperationException("dies"), TimeSpan.FromMinutes(5), Cancellation));

        Assert.Equal(grant.Id, Assert.Single(await DispatchedAsync()).Gid);
    }

    [Fact]
    public async Task A_due_grant_is_refreshed_through_the_queue()
    {
        var grant = await vault.GrantAsync(draft =>
        {
            DueAt(-1)(draft);
            (draft.Access, draft.Refresh) = provider.Issue("ada");
        });
        await vault.DueGrants.DispatchAsync(Cancellation);
        var queue = new Azure.Storage.Queues.QueueClient(azurite.ConnectionString, AlterQueues.Refresh);
        var text = (await queue.ReceiveMessagesAsync(32, cancellationToken: Cancellation)).Value.Select(message => message.MessageText).Single(message => GrantMessage.Parse(message)!.Gid == grant.Id);

        await vault.DueGrants.RunAsync(GrantMessage.Parse(text)!, 1, Cancellation);

        var refreshed = await vault.ReadAsync(grant);
        Assert.Equal(2, refreshed.Generation);
        Assert.False(await vault.Due.ContainsAsync(grant.Id, grant.DueAt!.Value, Cancellation));
        Assert.True(await vault.Due.ContainsAsync(grant.Id, refreshed.DueAt!.Value, Cancellation));
        await vault.DueGrants.RunAsync(GrantMessage.Parse(text)!, 1, Cancellation); // Delivered twice.
        Assert.Single(provider.Requests);
    }

    [Fact]
    public async Task A_row_the_grant_does_not_point_to_is_dropped_and_does_nothing()
    {
        var grant = await vault.GrantAsync(DueAt(60));
        var stale = time.GetUtcNow().AddSeconds(-61);
        await vault.Due.AddAsync(grant, stale, Cancellation);

        await vault.DueGrants.RunAsync(Assert.Single(await DispatchedAsync()), 1, Cancellation);

        Assert.False(await vault.Due.ContainsAsync(grant.Id, stale, Cancellation));
        Assert.Equal(grant.ETag, (await vault.ReadAsync(grant)).ETag);
        Assert.True(await vault.Due.ContainsAsync(grant.Id, grant.DueAt!.Value, Cancellation));
    }

    [Fact]
    public async Task A_row_whose_writer_has_not_reached_the_grant_yet_is_not_taken_for_stale()
    {
        var (access, refresh) = provider.Issue("ada");
        var grant = await vault.GrantAsync(draft => (draft.Access, draft.Refresh) = (access, refresh));
        var ended = grant.Ended(GrantStatus.Revoked, null, time.GetUtcNow());
        await vault.Due.AddAsync(ended, ended.DueAt!.Value, Cancellation);
        time.Advance(Grant.MessageMayTake + TimeSpan.FromSeconds(1));
        await vault.DueGrants.RunAsync(Assert.Single(await DispatchedAsync()), 1, Cancellation); // Between row and grant.
        await vault.Store.TryReplaceAsync(ended, Cancellation);
        // Dies here: no message, so the row is all there is.
        time.Advance(TimeSpan.FromMinutes(6));

        await vault.DueGrants.RunAsync(Assert.Single(await DispatchedAsync()), 1, Cancellation);

        Assert.Equal([refresh], provider.Revocations);
    }

    [Fact]
    public async Task A_minute_that_turns_right_after_a_revocation_leaves_telling_to_its_message()
    {
        var (access, refresh) = provider.Issue("ada");
        var grant = await vault.GrantAsync(draft => (draft.Access, draft.Refresh) = (access, refresh));
        await vault.Revocation.RevokeAsync(grant, Cancellation);

        Assert.Empty(await DispatchedAsync());

        // The message got lost: one minute later the row stands in.
        time.Advance(Grant.MessageMayTake + TimeSpan.FromSeconds(1));
        await vault.DueGrants.RunAsync(Assert.Single(await DispatchedAsync()), 1, Cancellation);
        Assert.Equal([refresh], provider.Revocations);
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public async Task A_message_of_no_time_is_harmless(long ticks)
    {
        var grant = await vault.GrantAsync(DueAt(60));

        await vault.DueGrants.RunAsync(new GrantMessage(1, "due", grant.Key.Partition, grant.Key.Row, grant.Id, ticks), 1, Cancellation);

        Assert.Equal(grant.ETag, (await vault.ReadAsync(grant)).ETag);
    }

    [Fact]
    public async Task A_lifetime_that_passed_ends_the_grant_and_tells_the_provider()
    {
        var (access, refresh) = provider.Issue("ada");
        var grant = await vault.GrantAsync(draft =>
        {
            (draft.Access, draft.Refresh) = (access, refresh);
            draft.Change = row => row with { ExpiresAt = time.GetUtcNow().AddDays(1), DueAt = time.GetUtcNow().AddDays(1) };
        });
        time.Advance(TimeSpan.FromDays(1));
        Assert.IsType<GrantExpired>(grant.RefusalAt(time.GetUtcNow())); // At once, whatever the timer does.
        time.Advance(TimeSpan.FromSeconds(1));

        await vault.DueGrants.RunAsync(Assert.Single(await DispatchedAsync()), 1, Cancellation);

        var ended = await vault.ReadAsync(grant);
        Assert.Equal((GrantStatus.Expired, null, RevocationOutcomes.Confirmed), (ended.Status, ended.DueAt, ended.RevocationOutcome));
        Assert.Equal((null, null), await vault.TokensAsync(ended));
        Assert.Equal([refresh], provider.Revocations);
        Assert.Empty(await RowsAsync("due"));
    }

    [Fact]
    public async Task A_grant_that_keeps_failing_is_left_alone_for_a_day()
    {
        var grant = await vault.GrantAsync(DueAt(-1));

        await vault.DueGrants.RunAsync(Assert.Single(await DispatchedAsync()), 5, Cancellation);

        Assert.Equal(time.GetUtcNow().AddDays(1), (await vault.ReadAsync(grant)).DueAt);
        Assert.Empty(provider.Requests);
        Assert.Single(await RowsAsync("due"));
    }

    [Fact]
    public async Task The_sweep_adds_a_due_row_that_a_crash_left_out_past_a_broken_row()
    {
        var grant = await vault.GrantAsync(DueAt(60));
        await vault.Due.DeleteAsync(grant.Id, grant.DueAt!.Value, Cancellation);
        await azurite.Table("grants").AddEntityAsync(new TableEntity("!", "!") { ["gid"] = 5, ["due"] = "x" }, Cancellation);
        await azurite.Table("grants").AddEntityAsync(new TableEntity("", "") { ["gid"] = 5 }, Cancellation);
        await azurite.Table("grants").AddEntityAsync(new TableEntity("!", "~s|a|b") { ["marked"] = 5, ["at_time"] = "x" }, Cancellation);

        await vault.Sweep.RunAsync(Cancellation);

        Assert.True(await vault.Due.ContainsAsync(grant.Id, grant.DueAt.Value, Cancellation));
    }

    [Fact]
    public async Task The_sweep_runs_once_a_day_and_drops_what_is_past()
    {
        await vault.GrantAsync(draft => draft.Change = row => row with { Key = row.Key with { Row = $"~g|{row.Id:D}" }, Status = GrantStatus.Revoked, RevokedAt = time.GetUtcNow() });
        await vault.Sweep.RunAsync(Cancellation);
        Assert.Equal(3, (await RowsAsync("grants")).Count); // Tombstone, marker and the user's own row.

        time.Advance(TimeSpan.FromHours(23.9));
        await vault.Sweep.RunAsync(Cancellation);
        Assert.Equal(3, (await RowsAsync("grants")).Count);

        time.Advance(TimeSpan.FromHours(0.2));
        await vault.Sweep.RunAsync(Cancellation);
        Assert.StartsWith("~g|", Assert.Single(await RowsAsync("grants")).RowKey, StringComparison.Ordinal);

        time.Advance(TimeSpan.FromDays(90));
        await vault.Sweep.RunAsync(Cancellation);
        Assert.Empty(await RowsAsync("grants"));
    }

    private static async Task EmptyAsync(TableClient table)
    {
        await table.CreateIfNotExistsAsync(Cancellation);
        await foreach (var row in table.QueryAsync<TableEntity>(cancellationToken: Cancellation))
        {
            await table.DeleteEntityAsync(row, Azure.ETag.All, Cancellation);
        }
    }

    private Action<GrantDraft> DueAt(int seconds, string account = "ada@example.com") => draft =>
    {
        draft.Account = account;
        draft.Change = row => row with { DueAt = time.GetUtcNow().AddSeconds(seconds) };
    };

    private async Task<int> DispatchAsync() => (await DispatchedAsync()).Count;

    private async Task<IReadOnlyCollection<GrantMessage>> DispatchedAsync()
    {
        var sent = new System.Collections.Concurrent.ConcurrentQueue<GrantMessage>();
        await vault.Due.DispatchAsync(
            (message, _) =>
            {
                sent.Enqueue(message);
                return Task.CompletedTask;
            },
            TimeSpan.FromMinutes(5),
            Cancellation);
        return sent;
    }

    private async Task<IReadOnlyList<TableEntity>> RowsAsync(string table)
    {
        var rows = new List<TableEntity>();
        await foreach (var row in azurite.Table(table).QueryAsync<TableEntity>(cancellationToken: Cancellation))
        {
            rows.Add(row);
        }

        return rows;
    }
}
