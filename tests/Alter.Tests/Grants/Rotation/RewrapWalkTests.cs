using System.Collections.Concurrent;
using Alter.Grants;
using Alter.Keys;
using Alter.Testing;
using Alter.Tests.Refresh;
using Azure.Core;

namespace Alter.Tests.Grants.Rotation;

/// <summary>How the walk gets on: killed, raced, cut off, and when it says that an old version may go.</summary>
public sealed class RewrapWalkTests(OwnAzurite azurite) : RewrapFixture(azurite)
{
    [Fact]
    public async Task Every_grant_can_be_used_at_every_moment_of_the_walk_on_every_instance()
    {
        var grants = await GrantsAsync(5);
        await RotateAsync();
        using var another = Vault.Another();
        using var walking = Vault.Another();
        var looks = new ConcurrentDictionary<string, bool>(); // A request that took long is sent again.
        walking.Network.Before = async request =>
        {
            if (FakeNetwork.IsWrite(request, "grants"))
            {
                looks[request.Uri.ToString()] = true;
                Assert.All(await Task.WhenAll(grants.SelectMany(grant => new[] { TokenAsync(grant), TokenAsync(grant, another) })), Assert.NotNull);
            }
        };

        await Walker(walking).RunAsync(Cancellation);

        Assert.Equal(5, looks.Count);
        Assert.Equal([Current.Version], (await Task.WhenAll(grants.Select(RowAsync))).Select(row => row.GetString("kek")).Distinct());
        Assert.All(await Task.WhenAll(grants.Select(grant => TokenAsync(grant, another))), Assert.NotNull);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_walk_killed_at_any_storage_operation_goes_on_where_it_stood(bool isWritten)
    {
        var grants = await GrantsAsync(5);
        for (var last = 1; ; last++)
        {
            KeySource.Versions.Add(A.Key());
            Time.Advance(KeyRing.Lifetime);
            using (var dying = Vault.Another())
            {
                var (operations, isDead) = (0, false);
                await dying.Store.ScanAsync(null, Cancellation); // Its tables are made.
                dying.Network.Before = _ => isDead || (!isWritten && Interlocked.Increment(ref operations) >= last) ? throw new KilledException() : Task.CompletedTask;
                dying.Network.LosesAnswer = _ => isWritten && !isDead && (isDead = Interlocked.Increment(ref operations) >= last);
                var killed = await Record.ExceptionAsync(async () =>
                {
                    await Walker(dying).RunAsync(Cancellation);
                    Time.Advance(KeyRing.Lifetime);
                    await Walker(dying).RunAsync(Cancellation);
                });
                if (killed is null)
                {
                    Assert.True(last > 10, $"Only {last} operations.");
                    break;
                }
            }

            Assert.All(await Task.WhenAll(grants.Select(grant => TokenAsync(grant))), Assert.NotNull);
            await NoteAsync();
            await WalkAsync();

            var progress = await ProgressAsync();
            Assert.Equal((Current.Version, (RewrapPass?)null, 5), (progress.Last!.Version, progress.Running, progress.Last.Rows.Values.Sum(rows => rows.Met)));
            Assert.Equal([Current.Version], (await Task.WhenAll(grants.Select(RowAsync))).Select(row => row.GetString("kek")).Distinct());
            Assert.All(await Task.WhenAll(grants.Select(grant => TokenAsync(grant))), Assert.NotNull);
        }
    }

    [Fact]
    public async Task A_write_whose_answer_got_lost_is_no_conflict()
    {
        var old = Current;
        var grants = await GrantsAsync(3);
        await RotateAsync();
        using var unlucky = Vault.Another();
        var lost = new System.Collections.Concurrent.ConcurrentDictionary<string, bool>();
        unlucky.Network.LosesAnswer = request =>
            request.Method != RequestMethod.Get && !request.Uri.Path.EndsWith("/Tables", StringComparison.Ordinal) && lost.TryAdd($"{request.Uri} {request.ClientRequestId}", true);

        await Walker(unlucky).RunAsync(Cancellation);

        Assert.Equal(3 + 1 + 4, lost.Count); // Three grants; the beginning of the walk and its pages of two, on which their markers and their user's own row lie as well.
        var last = (await ProgressAsync()).Last!;
        Assert.Equal(new RewrapRows(3, Rewrapped: 3), last.Rows[old.Version]);
        Assert.All(await Task.WhenAll(grants.Select(grant => TokenAsync(grant))), Assert.NotNull);
    }

    [Fact]
    public async Task Two_walkers_at_once_do_no_harm_and_come_to_one_end()
    {
        var grants = await GrantsAsync(9);
        await RotateAsync();
        using var another = Vault.Another();

        await Task.WhenAll(Walker(Vault).RunAsync(Cancellation), Walker(another).RunAsync(Cancellation));
        await NoteAsync();
        await WalkAsync();
        Settle();
        await WalkAsync();

        var progress = await ProgressAsync();
        Assert.Equal(9, progress.Last!.Rows.Values.Sum(rows => rows.Met));
        Assert.All(await Task.WhenAll(grants.Select(grant => TokenAsync(grant))), Assert.NotNull);
        Assert.Equal([Current.Version], (await Task.WhenAll(grants.Select(RowAsync))).Select(row => row.GetString("kek")).Distinct());
    }

    [Fact]
    public async Task An_old_version_is_safe_to_disable_only_once_no_instance_writes_under_it_any_more()
    {
        var old = Current;
        await GrantsAsync(3);
        KeySource.Versions.Add(A.Key());
        using var walking = Vault.Another();
        var walker = Walker(walking);
        Assert.False(await IsSafeAsync());
        await walker.RunAsync(Cancellation); // Notes the new version.
        Time.Advance(KeyRing.Lifetime);
        await walker.RunAsync(Cancellation);
        Assert.Equal(new RewrapRows(3, Rewrapped: 3), (await ProgressAsync()).Last!.Rows[old.Version]);
        Assert.False(await IsSafeAsync());

        // A refresh that began with the key in memory is stored late.
        var late = A.Grant(old, draft => (draft.Owner, draft.CreatedAt) = (new GrantOwner("shop", new string('c', 64)), Time.GetUtcNow()));
        await Rows.AddEntityAsync(GrantRow.From(late, "test"), Cancellation);
        await walker.RunAsync(Cancellation);
        Assert.False(await IsSafeAsync());

        Time.Advance(RewrapProgress.SettleTime - KeyRing.Lifetime);
        await walker.RunAsync(Cancellation);
        Assert.Equal(new RewrapRows(1, Rewrapped: 1), (await ProgressAsync()).Last!.Rows[old.Version]);
        Assert.False(await IsSafeAsync()); // It met one.

        Time.Advance(TimeSpan.FromMinutes(5));
        await walker.RunAsync(Cancellation);
        Assert.True(await IsSafeAsync());
        Assert.Equal(Current.Version, (await RowAsync(late)).GetString("kek"));

        // An instance that was cut off from its key source all the while: found within a day.
        var straggler = A.Grant(old, draft => (draft.Owner, draft.CreatedAt) = (new GrantOwner("shop", new string('b', 64)), Time.GetUtcNow()));
        await Rows.AddEntityAsync(GrantRow.From(straggler, "test"), Cancellation);
        Time.Advance(TimeSpan.FromDays(1));
        await walker.RunAsync(Cancellation);
        Assert.False(await IsSafeAsync());
        Time.Advance(TimeSpan.FromMinutes(5));
        await walker.RunAsync(Cancellation);
        Assert.True(await IsSafeAsync());

        Time.Advance(TimeSpan.FromDays(2.1)); // Nobody walks any more: what was true then proves nothing now.
        Assert.False(await IsSafeAsync());

        async Task<bool> IsSafeAsync() => (await Vault.Rewraps.FindAsync(Cancellation))?.IsSafeToDisable(old.Version, Time.GetUtcNow()) is true;
    }

    [Fact]
    public async Task A_walk_begun_before_every_instance_wrote_under_the_new_version_proves_nothing_though_it_met_no_old_row()
    {
        var old = Current;
        await RotateAsync();
        await GrantsAsync(2);
        await WalkAsync();
        var early = await ProgressAsync();
        Assert.Equal([Current.Version], early.Last!.Rows.Keys);

        Assert.False(early.IsSafeToDisable(old.Version, Time.GetUtcNow()));
        Assert.Equal(early.SettlesAt, early.NextAt);
        Time.Advance(early.SettlesAt - Time.GetUtcNow());
        Assert.False(early.IsSafeToDisable(old.Version, Time.GetUtcNow()));
        await WalkAsync();
        Assert.True((await ProgressAsync()).IsSafeToDisable(old.Version, Time.GetUtcNow()));
    }

    [Fact]
    public async Task The_current_version_is_never_safe_to_disable()
    {
        await NoteAsync();
        await WalkAsync();
        Settle();
        await WalkAsync();

        Assert.False((await ProgressAsync()).IsSafeToDisable(Current.Version, Time.GetUtcNow()));
    }

    [Fact]
    public async Task Where_all_is_done_a_minute_costs_one_read_until_a_day_has_passed_or_another_version_comes()
    {
        await GrantsAsync(3);
        await NoteAsync();
        await WalkAsync();
        Settle();
        await WalkAsync();
        var started = (await ProgressAsync()).Last!.StartedAt;
        var before = Vault.Network.Requests;

        Time.Advance(TimeSpan.FromHours(23.9));
        await WalkAsync();
        Assert.Equal(before + 1, Vault.Network.Requests);

        Time.Advance(TimeSpan.FromHours(0.2));
        await WalkAsync();
        Assert.True((await ProgressAsync()).Last!.StartedAt > started);

        await RotateAsync();
        await WalkAsync();
        Assert.Equal(Current.Version, (await ProgressAsync()).Last!.Version);
    }

    [Fact]
    public async Task An_instance_with_the_old_key_in_memory_does_not_turn_the_walk_round()
    {
        await GrantsAsync(3);
        await Vault.Ring.CurrentAsync(Cancellation);
        KeySource.Versions.Add(A.Key());
        using var ahead = Vault.Another();
        await Walker(ahead).RunAsync(Cancellation);
        var seen = (await ProgressAsync()).FirstSeenAt;
        Time.Advance(TimeSpan.FromMinutes(1));

        await WalkAsync();

        Assert.Equal((Current.Version, seen), ((await ProgressAsync()).Version, (await ProgressAsync()).FirstSeenAt));
    }

    [Fact]
    public async Task A_version_that_comes_in_the_middle_of_a_walk_begins_another()
    {
        var grants = await GrantsAsync(5);
        await RotateAsync();
        var pages = 0;
        Vault.Network.Before = request =>
        {
            if (FakeNetwork.IsWrite(request, "jobs") && ++pages == 2)
            {
                KeySource.Versions.Add(A.Key());
                Time.Advance(TimeSpan.FromSeconds(20));
                Vault.Ring.NewestAsync(Cancellation).GetAwaiter().GetResult();
            }

            return Task.CompletedTask;
        };
        await WalkAsync();
        Assert.NotNull((await ProgressAsync()).Running);

        await NoteAsync();
        await WalkAsync();

        Assert.Equal([Current.Version], (await Task.WhenAll(grants.Select(RowAsync))).Select(row => row.GetString("kek")).Distinct());
        Assert.Equal(Current.Version, (await ProgressAsync()).Version);
    }

    [Fact]
    public async Task A_place_that_cannot_be_read_begins_the_walk_anew()
    {
        await GrantsAsync(3);
        var jobs = new Azure.Data.Tables.TableClient(Storage, "jobs");
        foreach (var text in new[] { "{", "null", "{}", """{"Version":"x","Running":{}}""" })
        {
            await jobs.UpsertEntityAsync(new Azure.Data.Tables.TableEntity("rewrap", "cursor") { ["progress"] = text }, Azure.Data.Tables.TableUpdateMode.Replace, Cancellation);
            Assert.Null(await Vault.Rewraps.FindAsync(Cancellation));

            await NoteAsync();
            await WalkAsync();

            Assert.Equal(3, (await ProgressAsync()).Last!.Rows[Current.Version].Met);
        }
    }

    private sealed class KilledException : Exception;
}
