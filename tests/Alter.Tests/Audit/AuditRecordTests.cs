using Alter.Audit;
using Alter.Testing;
using Azure.Core;

namespace Alter.Tests.Audit;

public sealed class AuditRecordTests(OwnAzurite azurite) : RecordFixture(azurite), IClassFixture<OwnAzurite>
{
    [Fact]
    public async Task Five_hundred_entries_written_side_by_side_make_lanes_without_a_hole()
    {
        var before = Vault.Network.Requests;
        var written = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(() => Vault.Record.AppendAsync(Entry()))));
        Assert.All(written, Assert.True);
        var requests = Vault.Network.Requests - before;
        await Vault.Record.DrainAsync(Cancellation);

        var verdict = await VerifyAsync();
        Assert.Empty(verdict.Faults);
        Assert.InRange(verdict.Lanes, 1, 4);
        Assert.Equal(500 + verdict.Lanes, verdict.Entries);
        Assert.True(requests < 250, $"{requests} requests for 500 entries: they were hardly grouped.");
    }

    [Fact]
    public async Task What_a_lane_writes_for_others_runs_in_nobodys_context()
    {
        await AppendAsync(Entry(AuditKinds.Call)); // The lane is there.
        var (held, asked, context) = (new TaskCompletionSource(), new TaskCompletionSource(), new AsyncLocal<string?>());
        string? seen = "nothing";
        Vault.Network.Before = _ =>
        {
            asked.TrySetResult();
            return held.Task;
        };
        context.Value = "ada";
        var call = Entry(AuditKinds.Call);
        var first = Vault.Record.AppendAsync(call);
        context.Value = null;
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        var second = Vault.Record.AppendAsync(call with { Kind = AuditKinds.End }); // It waits behind its call, in the same lane.
        Vault.Network.Before = _ =>
        {
            seen = context.Value;
            return Task.CompletedTask;
        };
        held.SetResult();
        Assert.True(await first);
        Assert.True(await second);
        Assert.Null(seen);
    }

    [Fact]
    public async Task An_idle_lane_writes_at_once_and_little_traffic_needs_one()
    {
        for (var count = 0; count < 10; count++)
        {
            await AppendAsync(Entry(AuditKinds.Call));
        }

        var rows = await RowsAsync();
        Assert.Equal(11, rows.Count);
        Assert.Single(rows.DistinctBy(row => row.PartitionKey));
    }

    [Fact]
    public async Task What_nobody_waits_for_waits_fifty_milliseconds_for_company()
    {
        Vault.Record.Note(Entry());
        Assert.True(await Vault.Record.AppendAsync(Entry(AuditKinds.Call)));
        Assert.Equal(3, (await RowsAsync()).Count); // The beginning, and both in one transaction.

        Vault.Record.Note(Entry());
        await Eventually.TrueAsync(
            async () =>
            {
                Time.Advance(AuditLane.LingerTime);
                return (await RowsAsync()).Count == 4;
            },
            "it was written by itself");
    }

    [Fact]
    public async Task An_answer_that_is_lost_writes_nothing_twice()
    {
        await AppendAsync(Entry());
        Vault.Network.LoseNextAnswer(request => request.Uri.Path.EndsWith("/$batch", StringComparison.Ordinal));
        await AppendAsync(Entry());
        await AppendAsync(Entry());

        var verdict = await VerifyAsync();
        Assert.Empty(verdict.Faults);
        Assert.Equal((4, 1), (verdict.Entries, verdict.Lanes));
    }

    [Fact]
    public async Task A_batch_that_cannot_be_written_fails_and_the_next_lane_names_the_one_before()
    {
        await AppendAsync(Entry());
        Vault.Network.LosesRequest = IsBatch;
        Assert.All(await Task.WhenAll(Vault.Record.AppendAsync(Entry()), Vault.Record.AppendAsync(Entry())), Assert.False);
        Vault.Network.LosesRequest = _ => false;
        await AppendAsync(Entry());

        var rows = await RowsAsync();
        // Both began in the same instant, so their names do not say which was first.
        var beginnings = rows.Where(row => row.RowKey == "000000000000").OrderBy(row => Read(row).Predecessor is not null).ToList();
        Assert.Equal(2, beginnings.Count);
        Assert.Null(Read(beginnings[0]).Predecessor);
        Assert.Equal(beginnings[0].PartitionKey, Read(beginnings[1]).Predecessor);
        Assert.Equal("0123456789ab", Read(beginnings[1]).Configuration);
        Assert.Empty((await VerifyAsync()).Faults);
    }

    // Killed between the writing and the hearing of it: storage has the whole batch and its head, or nothing of either.
    [Fact]
    public async Task A_writer_that_dies_behind_its_batch_leaves_a_lane_that_verifies()
    {
        await AppendAsync(Entry());
        Vault.Network.LosesAnswer = IsBatch;
        Vault.Network.LosesRequest = request => request.Method == RequestMethod.Get && request.Uri.Path.Contains("/audit", StringComparison.Ordinal);
        Assert.False(await Vault.Record.AppendAsync(Entry(AuditKinds.Call, id: Lost)));
        Vault.Network.LosesAnswer = Vault.Network.LosesRequest = _ => false;

        Assert.Contains(await RowsAsync(), row => Read(row).Id == Lost);
        using var other = NewVault();
        Assert.True(await other.Record.AppendAsync(Entry()));
        Assert.Empty((await VerifyAsync()).Faults);
    }

    [Fact]
    public async Task What_nobody_waits_for_is_tried_again_until_storage_is_back()
    {
        await AppendAsync(Entry());
        Vault.Network.LosesRequest = IsBatch;
        Vault.Record.Note(Entry(id: "kept"));
        Assert.False(await Vault.Record.AppendAsync(Entry()));
        Vault.Network.LosesRequest = _ => false;
        await Eventually.TrueAsync(
            async () =>
            {
                Time.Advance(TimeSpan.FromSeconds(1));
                return (await RowsAsync()).Any(row => Read(row).Id == "kept");
            },
            "the entry came through");
        Assert.Empty((await VerifyAsync()).Faults);
    }

    [Fact]
    public async Task What_storage_does_not_take_is_counted_and_its_age_is_the_lag()
    {
        await AppendAsync(Entry());
        using var measured = new Measurements("alter.audit.failures", "alter.audit.lag") { HearsOthers = true };
        Assert.Equal(TimeSpan.Zero, Vault.Record.Lag);
        Vault.Network.LosesRequest = IsBatch;
        Vault.Record.Note(Entry(id: "kept"));
        for (var others = 0; others < 35; others++)
        {
            Vault.Record.Note(Entry()); // So many as no other test writes at once.
        }

        Assert.False(await Vault.Record.AppendAsync(Entry()));
        Time.Advance(TimeSpan.FromMilliseconds(200)); // Within the pause before the next try.

        Assert.Equal(TimeSpan.FromMilliseconds(200), Vault.Record.Lag);
        measured.Observe();
        Assert.Contains(measured.All, one => one is { Instrument: "alter.audit.lag", Value: >= 0.2 });
        Assert.Single(measured.All, new Measured("alter.audit.failures", 37, "outcome=not_written"));
        Vault.Network.LosesRequest = _ => false;
        await Eventually.TrueAsync(
            () =>
            {
                Time.Advance(TimeSpan.FromSeconds(1));
                return Vault.Record.Lag == TimeSpan.Zero;
            },
            "nothing waits any more");
    }

    [Fact]
    public async Task Without_a_key_nothing_is_recorded()
    {
        Keys.IsDown = true;
        Assert.False(await Vault.Record.AppendAsync(Entry()));
        Keys.IsDown = false;
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(await Vault.Record.AppendAsync(Entry()));
    }

    [Fact]
    public async Task No_writer_crosses_a_month()
    {
        await AppendAsync(Entry());
        Time.SetUtcNow(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));
        await AppendAsync(Entry());

        var (november, december) = (await RowsAsync(Azurite.Table("audit202611")), await RowsAsync());
        Assert.Equal((2, 2), (november.Count, december.Count));
        Assert.Equal(november[0].PartitionKey, Read(december[0]).Predecessor);
        Assert.Empty((await VerifyAsync()).Faults);
    }

    [Fact]
    public async Task A_lane_that_was_silent_for_half_an_hour_is_over()
    {
        await AppendAsync(Entry());
        Time.Advance(AuditLane.Silence);
        await AppendAsync(Entry());
        Assert.Single((await RowsAsync()).DistinctBy(row => row.PartitionKey));
        Time.Advance(AuditLane.Silence + TimeSpan.FromTicks(1));
        await AppendAsync(Entry());
        Assert.Equal(2, (await RowsAsync()).DistinctBy(row => row.PartitionKey).Count());
    }

    [Fact]
    public async Task The_largest_entries_fit_into_their_rows_and_transactions()
    {
        var context = Enumerable.Range(0, 16).ToDictionary(number => $"k{number}", _ => string.Concat(Enumerable.Repeat("\U0001F600", 128)));
        var large = Entry() with { Url = "https://api.erp.acme.com/" + new string('x', 8100), Reason = new string('"', 500), Caller = new string('é', 200), Context = context };
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 99).Select(number => Vault.Record.AppendAsync(large with { Id = $"{number}" }))), Assert.True);
        Assert.Empty((await VerifyAsync()).Faults);
    }

    private static bool IsBatch(Request request) => request.Uri.Path.EndsWith("/$batch", StringComparison.Ordinal);
}
