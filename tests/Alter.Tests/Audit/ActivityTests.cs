using Alter.Audit;
using Alter.Grants;
using Alter.Testing;
using Azure.Core;

namespace Alter.Tests.Audit;

public sealed class ActivityTests(OwnAzurite azurite) : RecordFixture(azurite), IClassFixture<OwnAzurite>
{
    [Fact]
    public async Task Pages_are_the_newest_first_and_miss_nothing_across_months()
    {
        var owner = await OwnerAsync("ada");
        for (var count = 0; count < 25; count++)
        {
            await AppendAsync(Entry(id: $"{count:D2}", user: owner.Hash));
            Time.Advance(TimeSpan.FromDays(1));
        }

        await Vault.Record.DrainAsync(Cancellation);
        var (seen, after) = (new List<string>(), (string?)null);
        do
        {
            var page = await Vault.Activity.ListAsync(owner, new ActivityFilter(), after, 10, Cancellation);
            seen.AddRange(page.Entries.Select(entry => entry.Id));
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal(Enumerable.Range(0, 25).Reverse().Select(count => $"{count:D2}"), seen);
    }

    [Fact]
    public async Task What_comes_soon_after_a_write_shares_the_next_one()
    {
        var owner = await OwnerAsync("ada");
        var writes = 0;
        Vault.Network.Before = request =>
        {
            if (request.Method != RequestMethod.Get && FakeNetwork.Concerns(request, "activity"))
            {
                Interlocked.Increment(ref writes);
            }

            return Task.CompletedTask;
        };
        await AppendAsync(Entry(id: "first", user: owner.Hash));
        await Eventually.TrueAsync(() => AreThereAsync(1), "the first was written at once, in both places");
        var ofFirst = writes; // The first rows make their table, too.
        await AppendAsync(Entry(id: "a", user: owner.Hash), Entry(id: "b", user: owner.Hash), Entry(AuditKinds.Call, "c", owner.Hash), Entry(id: "c", user: owner.Hash));
        Assert.Equal(ofFirst, writes);

        await Eventually.TrueAsync(
            async () =>
            {
                Time.Advance(TimeSpan.FromMilliseconds(500));
                return await AreThereAsync(4);
            },
            "the others were written together");
        Assert.Equal(ofFirst + 2, writes); // One under the user, one under the app.

        async Task<bool> AreThereAsync(int count) => (await ReadAsync(owner, new ActivityFilter())).Entries.Count == count && (await ReadAsync(null, new ActivityFilter())).Entries.Count == count;
    }

    [Fact]
    public async Task What_several_lanes_wrote_shares_a_write_too()
    {
        var owner = await OwnerAsync("ada");
        await AppendAsync(Entry(id: "first", user: owner.Hash));
        await Vault.Record.DrainAsync(Cancellation);
        var (busy, writes, release, appending) = (0, 0, new TaskCompletionSource(), new List<Task<bool>>());
        Vault.Network.Before = async request =>
        {
            if (request.Method != RequestMethod.Get && FakeNetwork.Concerns(request, "activity"))
            {
                Interlocked.Increment(ref writes);
            }
            else if (request.Method != RequestMethod.Get)
            {
                Interlocked.Increment(ref busy);
                await release.Task;
            }
        };
        foreach (var id in (string[])["a", "b", "c"])
        {
            appending.Add(Vault.Record.AppendAsync(Entry(id: id, user: owner.Hash)));
            await Eventually.TrueAsync(() => busy == appending.Count, "its lane is busy, and the next entry goes to another");
        }

        release.SetResult();
        Assert.All(await Task.WhenAll(appending), Assert.True);
        await Vault.Record.DrainAsync(Cancellation);

        Assert.Equal(3, (await RowsAsync()).DistinctBy(row => row.PartitionKey).Count());
        Assert.Equal(4, (await Vault.Activity.ListAsync(owner, new ActivityFilter(), null, 10, Cancellation)).Entries.Count);
        Assert.InRange(writes, 2, 4); // Whatever came first may have been written alone, under the user and under the app; the rest together.
    }

    [Fact]
    public async Task What_storage_refuses_of_one_user_keeps_nobody_elses_back()
    {
        var owners = await Task.WhenAll(Enumerable.Range(0, 40).Select(number => OwnerAsync($"user-{number}")));
        await AppendAsync(Entry());
        await Eventually.TrueAsync(async () => (await ReadAsync(null, new ActivityFilter())).Entries.Count is 1, "the first is written, and what follows waits for company");
        Vault.Network.LosesRequest = request => FakeNetwork.Concerns(request, "activity") && FakeNetwork.Body(request).Contains(Uri.EscapeDataString(owners[0].Partition), StringComparison.Ordinal);

        Assert.All(await Task.WhenAll(owners.Select(owner => Vault.Record.AppendAsync(Entry(user: owner.Hash)))), Assert.True);
        await Vault.Record.DrainAsync(Cancellation);

        Assert.Empty(await OfAsync(owners[0]));
        foreach (var owner in owners[1..])
        {
            Assert.Single(await OfAsync(owner));
        }

        Vault.Network.LosesRequest = _ => false;
        Time.Advance(TimeSpan.FromHours(2));
        await Vault.Seal.RunAsync(Cancellation);
        Assert.Single(await OfAsync(owners[0]));

        async Task<IReadOnlyList<AuditEntry>> OfAsync(GrantOwner owner) => (await Vault.Activity.ListAsync(owner, new ActivityFilter(), null, 10, Cancellation)).Entries;
    }

    [Fact]
    public async Task Answers_that_break_off_leave_the_rest_of_the_lane_to_the_sealer()
    {
        var owner = await OwnerAsync("ada");
        await AppendAsync(Entry(id: "first", user: owner.Hash));
        await Eventually.TrueAsync(async () => (await ListAsync()).Count is 1, "the first was written");
        Vault.Network.CutsAnswer = request => request.Method != RequestMethod.Get && FakeNetwork.Concerns(request, "activity");
        await AppendAsync(Entry(id: "second", user: owner.Hash));
        await Vault.Record.DrainAsync(Cancellation); // Ends, and throws nothing.
        Vault.Network.CutsAnswer = _ => false;

        await AppendAsync(Entry(id: "third", user: owner.Hash));
        await Vault.Record.DrainAsync(Cancellation);
        Time.Advance(TimeSpan.FromHours(2));
        await Vault.Seal.RunAsync(Cancellation);
        Assert.Equal(["first", "second", "third"], (await ListAsync()).Order(StringComparer.Ordinal));

        async Task<List<string>> ListAsync() => [.. (await Vault.Activity.ListAsync(owner, new ActivityFilter(), null, 10, Cancellation)).Entries.Select(entry => entry.Id)];
    }

    [Fact]
    public async Task An_app_sees_all_of_its_own_and_nothing_of_another()
    {
        await AppendAsync(
            Entry(id: "a", user: (await OwnerAsync("ada")).Hash), Entry(id: "b", user: (await OwnerAsync("bob")).Hash), Entry(id: "nobody"), Entry(id: "other") with { App = App + "x" });
        await Vault.Record.DrainAsync(Cancellation);
        Assert.Equal(["a", "b", "nobody"], (await ReadAsync(null, new ActivityFilter())).Entries.Select(entry => entry.Id).Order());
        Assert.Equal(["a"], (await ReadAsync(await OwnerAsync("ada"), new ActivityFilter())).Entries.Select(entry => entry.Id));
    }

    [Fact]
    public async Task Filters_narrow_by_provider_grant_outcome_and_time()
    {
        var grant = Guid.NewGuid();
        var start = Time.GetUtcNow();
        await AppendAsync(Entry(id: "a") with { Provider = "crm" });
        Time.Advance(TimeSpan.FromSeconds(1));
        await AppendAsync(Entry(id: "b") with { GrantId = grant });
        Time.Advance(TimeSpan.FromSeconds(1));
        await AppendAsync(Entry(id: "c", outcome: "grant_expired"));
        await Vault.Record.DrainAsync(Cancellation);

        await FindsAsync(new(Provider: "crm"), "a");
        await FindsAsync(new(GrantId: grant), "b");
        await FindsAsync(new(Outcome: "grant_expired"), "c");
        await FindsAsync(new(Since: start.AddSeconds(1)), "b", "c");
        await FindsAsync(new(Until: start.AddSeconds(1)), "a");
        await FindsAsync(new(Since: start.AddSeconds(1), Until: start.AddSeconds(2)), "b");
        await FindsAsync(new(Since: start.AddYears(5)));
        await FindsAsync(new(Provider: "crm' or provider ne '"));
    }

    [Fact]
    public async Task A_cursor_of_another_user_app_or_filter_leads_nowhere()
    {
        var (ada, bob) = (await OwnerAsync("ada"), await OwnerAsync("bob"));
        await AppendAsync(Entry(user: ada.Hash), Entry(user: ada.Hash), Entry(user: bob.Hash));
        await Vault.Record.DrainAsync(Cancellation);
        var next = (await Vault.Activity.ListAsync(ada, new ActivityFilter(), null, 1, Cancellation)).Next;
        Assert.NotNull(next);
        Assert.Single((await Vault.Activity.ListAsync(ada, new ActivityFilter(), next, 1, Cancellation)).Entries);

        Assert.Empty((await Vault.Activity.ListAsync(bob, new ActivityFilter(), next, 1, Cancellation)).Entries);
        foreach (var (owner, filter, cursor) in new (GrantOwner?, ActivityFilter, string)[] { (bob, new(), next), (null, new(), next), (ada, new(Provider: "erp"), next), (ada, new(), "junk"), (ada, new(), next[..^2] + "AA") })
        {
            Assert.False((await Vault.Activity.ReadAsync(App, owner, filter, cursor, 1, Cancellation)).Succeeded(out _, out var refusal));
            Assert.IsType<InvalidRequest>(refusal);
        }
    }

    [Fact]
    public async Task What_became_of_a_grant_is_recorded_and_shown()
    {
        var owner = await OwnerAsync("ada");
        var grant = await Vault.GrantAsync(draft =>
        {
            (draft.Owner, draft.CreatedAt) = (owner, Time.GetUtcNow().AddHours(-2));
            (draft.Access, draft.Refresh) = Provider.Issue("ada");
        });
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await Vault.AccessTokens.GetAsync(grant, Vault.App.Providers["erp"], Cancellation)).Succeeded(out var token, out _));
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await Vault.Revocation.RevokeAsync(token.Grant, Cancellation)).Succeeded(out _, out _));
        Time.Advance(TimeSpan.FromSeconds(1));
        await Vault.AtProvider.RunAsync(GrantRevocation.MessageFor(await Vault.ReadAsync(grant)), Cancellation);
        await Vault.Record.DrainAsync(Cancellation);

        var recorded = (await RowsAsync()).Select(Read).Where(entry => entry.Kind is AuditKinds.Grant).OrderBy(entry => entry.At).ToList();
        Assert.Equal(
            [(GrantEvents.Created, 1, "active", null), (GrantEvents.Refreshed, 2, "active", null), (GrantEvents.Revoked, 2, "revoked", null), (GrantEvents.ProviderTold, 2, "revoked", "confirmed")],
            recorded.Select(entry => (entry.Outcome!, entry.Generation!.Value, entry.GrantStatus!, entry.Detail)));
        Assert.All(recorded, entry => Assert.Equal((owner.Hash, grant.Id), (entry.User, entry.GrantId)));

        var shown = (await Vault.Activity.ListAsync(owner, new ActivityFilter(GrantId: grant.Id), null, 10, Cancellation)).Entries;
        Assert.Equal([GrantEvents.ProviderTold, GrantEvents.Revoked, GrantEvents.Created], shown.Select(entry => entry.Outcome));
        Assert.Equal("The provider was told of the connection's end and confirmed it.", shown[0].Explanation);
    }

    [Fact]
    public async Task An_erased_users_activity_goes_and_the_record_keeps_their_hash_alone()
    {
        var (ada, bob) = (await OwnerAsync("ada"), await OwnerAsync("bob"));
        await AppendAsync(Entry(user: ada.Hash), Entry(user: ada.Hash), Entry(user: bob.Hash));
        await Vault.Record.DrainAsync(Cancellation);
        Assert.Equal(2, await new ActivityErasure(Vault.Tables).RunAsync(ada, Cancellation));

        Assert.Empty((await Vault.Activity.ListAsync(ada, new ActivityFilter(), null, 10, Cancellation)).Entries);
        Assert.Single((await Vault.Activity.ListAsync(bob, new ActivityFilter(), null, 10, Cancellation)).Entries);
        Assert.Equal(2, (await RowsAsync()).Select(Read).Count(entry => entry.User == ada.Hash));
        Assert.Empty((await VerifyAsync()).Faults);
        Assert.Equal(0, await new ActivityErasure(Vault.Tables).RunAsync(ada, Cancellation));
    }

    private async Task FindsAsync(ActivityFilter filter, params string[] ids) =>
        Assert.Equal(ids, (await ReadAsync(null, filter)).Entries.Select(entry => entry.Id).Order());

    private async Task<ActivityPage> ReadAsync(GrantOwner? owner, ActivityFilter filter) =>
        (await Vault.Activity.ReadAsync(App, owner, filter, null, 100, Cancellation)).Succeeded(out var page, out var refusal) ? page : throw new InvalidOperationException(refusal.Detail);
}
