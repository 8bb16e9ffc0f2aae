using Alter.Audit;
using Alter.Testing;
using Azure.Data.Tables;

namespace Alter.Tests.Audit;

public sealed class SealRecordTests(OwnAzurite azurite) : RecordFixture(azurite), IClassFixture<OwnAzurite>
{
    private TableClient Seals => Azurite.Table("seals");

    [Fact]
    public async Task A_minute_in_which_nothing_was_recorded_has_no_seal()
    {
        await Vault.Seal.RunAsync(Cancellation);
        await AppendAsync(Entry());
        await Vault.Seal.RunAsync(Cancellation);
        Time.Advance(TimeSpan.FromMinutes(1));
        await Vault.Seal.RunAsync(Cancellation);
        Assert.Single(await RowsAsync(Seals));
    }

    [Fact]
    public async Task Of_eight_sealers_one_wins_and_the_chain_holds()
    {
        var vaults = Enumerable.Range(0, 8).Select(_ => NewVault()).ToList();
        for (var minute = 1; minute <= 3; minute++)
        {
            await AppendAsync(Entry());
            await Task.WhenAll(vaults.Select(vault => vault.Seal.RunAsync(Cancellation)));
            Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.InRange((await RowsAsync(Seals)).Count, 3, 24);
        var verdict = await VerifyAsync();
        Assert.Empty(verdict.Faults);
        vaults.ForEach(vault => vault.Dispose());
    }

    [Fact]
    public async Task A_seal_whose_answer_is_lost_is_written_once()
    {
        await AppendAsync(Entry());
        await Vault.Seal.RunAsync(Cancellation);
        await AppendAsync(Entry());
        Vault.Network.LoseNextAnswer(request => FakeNetwork.IsWrite(request, "seals"));
        await Vault.Seal.RunAsync(Cancellation);
        Assert.Equal(2, (await RowsAsync(Seals)).Count);
        Assert.Empty((await VerifyAsync()).Faults);
    }

    [Fact]
    public async Task Lanes_of_every_process_are_found_and_after_two_hours_no_longer_looked_at()
    {
        using var other = NewVault();
        await AppendAsync(Entry());
        Assert.True(await other.Record.AppendAsync(Entry()));
        await Vault.Record.DrainAsync(Cancellation);
        await other.Record.DrainAsync(Cancellation);
        await Vault.Seal.RunAsync(Cancellation);
        Assert.Equal(2, (await LastAsync()).Heads.Count);

        Time.Advance(TimeSpan.FromMinutes(5)); // What their activity lacks is made up first.
        await Vault.Seal.RunAsync(Cancellation);
        Time.Advance(TimeSpan.FromHours(3));
        await AppendAsync(Entry());
        await Vault.Seal.RunAsync(Cancellation);
        Assert.Single((await LastAsync()).Heads);
        Assert.Empty((await VerifyAsync()).Faults);
    }

    [Fact]
    public async Task Lanes_begun_while_nobody_sealed_are_found_across_months()
    {
        await AppendAsync(Entry());
        await Vault.Seal.RunAsync(Cancellation);
        Time.SetUtcNow(new DateTimeOffset(2026, 12, 31, 23, 0, 0, TimeSpan.Zero));
        await AppendAsync(Entry());
        Time.SetUtcNow(new DateTimeOffset(2027, 1, 2, 0, 0, 0, TimeSpan.Zero));
        await AppendAsync(Entry());
        await Vault.Seal.RunAsync(Cancellation);

        var sealing = await LastAsync();
        Assert.Equal(["202612", "202701"], sealing.Heads.Keys.Select(lane => Alter.Storage.RowKeys.Month(LaneName.StartOf(lane)!.Value)).Order().TakeLast(2));
        Assert.Empty((await VerifyAsync()).Faults);
    }

    [Fact]
    public async Task What_a_stopped_writer_left_is_brought_into_activity_and_a_call_without_end_is_unknown()
    {
        var owner = await OwnerAsync("ada");
        var (whole, half) = (Entry(AuditKinds.Call, "whole", owner.Hash), Entry(AuditKinds.Call, "half", owner.Hash));
        Vault.Network.LosesRequest = request => FakeNetwork.Concerns(request, "activity");
        await AppendAsync(whole, half, Entry(id: "whole", user: owner.Hash));
        await Vault.Record.DrainAsync(Cancellation);
        Vault.Network.LosesRequest = _ => false;

        using var other = NewVault(); // This one is dead.
        await other.Seal.RunAsync(Cancellation);
        Assert.Empty((await other.Activity.ListAsync(owner, new ActivityFilter(), null, 10, Cancellation)).Entries);
        for (var round = 0; round < 2; round++)
        {
            Time.Advance(TimeSpan.FromMinutes(3));
            await other.Seal.RunAsync(Cancellation);
            var entries = (await other.Activity.ListAsync(owner, new ActivityFilter(), null, 10, Cancellation)).Entries;
            Assert.Equal([("half", AuditOutcomes.Unknown), ("whole", AuditOutcomes.Answered)], entries.Select(entry => (entry.Id, entry.Outcome!)).Order());
        }
    }

    [Fact]
    public async Task An_end_takes_the_place_of_a_call_that_was_thought_lost()
    {
        var owner = await OwnerAsync("ada");
        var call = Entry(AuditKinds.Call, "long", owner.Hash);
        await AppendAsync(call);
        await Vault.Record.DrainAsync(Cancellation);
        Time.Advance(TimeSpan.FromMinutes(3));
        await Vault.Seal.RunAsync(Cancellation);
        Assert.Equal(AuditOutcomes.Unknown, Assert.Single((await Vault.Activity.ListAsync(owner, new ActivityFilter(), null, 10, Cancellation)).Entries).Outcome);

        await AppendAsync(call with { Kind = AuditKinds.End, Outcome = AuditOutcomes.Answered, Status = 200 });
        await Vault.Record.DrainAsync(Cancellation);
        Assert.Equal(AuditOutcomes.Answered, Assert.Single((await Vault.Activity.ListAsync(owner, new ActivityFilter(), null, 10, Cancellation)).Entries).Outcome);
    }

    [Fact]
    public async Task A_month_past_retention_goes_and_the_rest_still_verifies()
    {
        await AppendAsync(Entry());
        await Vault.Record.DrainAsync(Cancellation);
        await Vault.Seal.RunAsync(Cancellation);
        Time.SetUtcNow(new DateTimeOffset(2027, 12, 5, 0, 0, 0, TimeSpan.Zero));
        await AppendAsync(Entry());
        await Vault.Seal.RunAsync(Cancellation);
        await Vault.DropOld.RunAsync(Cancellation);
        Assert.Equal(["202611", "202712"], await Vault.Tables.ListAuditMonthsAsync(Cancellation)); // 13 whole months are kept.

        Time.SetUtcNow(new DateTimeOffset(2028, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await Vault.DropOld.RunAsync(Cancellation);
        Assert.Equal(["202712"], await Vault.Tables.ListAuditMonthsAsync(Cancellation));
        var verdict = await VerifyAsync();
        Assert.Empty(verdict.Faults);
        Assert.Equal(2, verdict.Seals); // The first went with its month.

        Time.Advance(TimeSpan.FromHours(7));
        await AppendAsync(Entry());
        await Vault.Seal.RunAsync(Cancellation);
        await Vault.DropOld.RunAsync(Cancellation);
        Assert.Empty((await VerifyAsync()).Faults);
    }

    // Who may write to storage forges a newest seal that forgets what came before, and waits for the vault to build on it.
    [Fact]
    public async Task No_seal_is_built_on_one_that_the_vault_did_not_write()
    {
        await AppendAsync(Entry());
        await Vault.Seal.RunAsync(Cancellation);
        var forged = new AuditSeal(2, Time.GetUtcNow(), new Dictionary<string, SealedHead>(), new byte[32], "202611", 3);
        await new AuditSealStore(Vault.Tables).TryAddAsync(forged with { Number = 7 }, A.Key(), Cancellation);
        Time.Advance(TimeSpan.FromMinutes(1));
        await AppendAsync(Entry());
        await Vault.Seal.RunAsync(Cancellation);

        var seals = await RowsAsync(Seals);
        Assert.Equal([7L, 2L, 1L], seals.Select(seal => seal.GetInt64("n")!.Value));
        Assert.Equal((1L, false), (seals[1].GetInt64("oldest")!.Value, seals[1].ContainsKey("dropped")));
        Assert.Contains((await VerifyAsync()).Faults, fault => fault.StartsWith("Seal 7 is under key version", StringComparison.Ordinal));
        Assert.Single(Vault.Seen(8007, 8008));

        await Vault.DropOld.RunAsync(Cancellation);
        Assert.Equal(3, (await RowsAsync(Seals)).Count);
    }

    [Fact]
    public async Task A_row_that_is_no_seal_neither_stops_sealing_nor_passes_in_silence()
    {
        await AppendAsync(Entry());
        await Vault.Seal.RunAsync(Cancellation);
        await Seals.AddEntityAsync(new TableEntity("seal", "0000000000"), Cancellation);
        await AppendAsync(Entry());
        await Vault.Seal.RunAsync(Cancellation);

        Assert.Equal(3, (await RowsAsync(Seals)).Count);
        Assert.Equal("Seal 9999999999 is not what was written.", await OnlyFaultAsync());
        Assert.Single(Vault.Seen(8007));
    }

    [Fact]
    public async Task Where_none_of_the_seals_can_be_trusted_nothing_is_sealed_and_activity_still_follows()
    {
        var owner = await OwnerAsync("ada");
        await new AuditSealStore(Vault.Tables).TryAddAsync(new AuditSeal(1, Time.GetUtcNow(), new Dictionary<string, SealedHead>(), AuditChain.Beginning, null, 1), A.Key(), Cancellation);
        Vault.Network.LosesRequest = request => FakeNetwork.Concerns(request, "activity");
        await AppendAsync(Entry(user: owner.Hash));
        await Vault.Record.DrainAsync(Cancellation);
        Vault.Network.LosesRequest = _ => false;
        Time.Advance(TimeSpan.FromMinutes(3));
        await Vault.Seal.RunAsync(Cancellation);

        Assert.Single(await RowsAsync(Seals));
        Assert.Single(Vault.Seen(8009));
        Assert.Single((await Vault.Activity.ListAsync(owner, new ActivityFilter(), null, 10, Cancellation)).Entries);
    }

    [Fact]
    public async Task A_new_key_version_seals_within_a_minute_and_the_old_one_is_needed_no_more()
    {
        await AppendAsync(Entry());
        await Vault.Seal.RunAsync(Cancellation);
        var (old, other) = (Keys.Versions[^1], A.Key());
        Keys.Versions.Add(other);
        Time.Advance(TimeSpan.FromMinutes(6));
        await Vault.Seal.RunAsync(Cancellation);
        Assert.Equal([other.Version, old.Version], (await RowsAsync(Seals)).Select(seal => seal.GetString("kek")));

        Keys.Versions.Remove(old);
        using var later = NewVault();
        Assert.True(await later.Record.AppendAsync(Entry()));
        Time.Advance(TimeSpan.FromMinutes(1));
        await later.Seal.RunAsync(Cancellation);
        Assert.Equal(3, (await RowsAsync(Seals)).Count);
        Assert.Empty((await new VerifyRecord(later.Tables, later.Ring).RunAsync([], Cancellation)).Faults);
        Assert.Empty(later.Seen(8007, 8008, 8009));
    }

    [Fact]
    public async Task A_seals_hash_goes_to_the_log()
    {
        await AppendAsync(Entry());
        await Vault.Seal.RunAsync(Cancellation);
        var hash = Convert.ToHexStringLower(Assert.Single(await RowsAsync(Seals)).GetBinary("hash"));
        Assert.Equal($"Seal 1 covers 1 lanes of the record: {hash}.", Assert.Single(Vault.Seen(8003)));
    }

    // One row holds about 3,000 lanes.
    [Fact]
    public async Task More_lanes_than_a_row_holds_make_several_seals_and_all_stay_in_sight()
    {
        await AppendAsync(Entry());
        await Vault.Seal.RunAsync(Cancellation);
        Time.Advance(TimeSpan.FromMinutes(1));
        var chain = new SealChain(Vault.Tables, Vault.Ring, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var standing = (await chain.ReadAsync(Cancellation))!;
        var heads = Enumerable.Range(0, 4500).ToDictionary(number => LaneName.New(Time.GetUtcNow(), number), number => new SealedHead(number, Convert.ToHexStringLower(new byte[32]), Time.GetUtcNow()));
        Assert.True(await chain.AddAsync(standing, heads, Time.GetUtcNow(), null, 1, Cancellation));

        Assert.Equal(4, (await RowsAsync(Seals)).Count);
        Assert.Equal(4501, (await chain.ReadAsync(Cancellation))!.Heads.Count);
    }

    [Fact]
    public async Task Activity_tables_that_refuse_everything_make_no_lane_for_each_batch()
    {
        var owner = await OwnerAsync("ada");
        Vault.Network.LosesRequest = request => FakeNetwork.Concerns(request, "activity");
        for (var count = 0; count < 20; count++)
        {
            await AppendAsync(Entry(user: owner.Hash));
            await Vault.Record.DrainAsync(Cancellation);
        }

        Assert.Single((await RowsAsync()).DistinctBy(row => row.PartitionKey));
        Time.Advance(TimeSpan.FromSeconds(61));
        Vault.Network.LosesRequest = _ => false;
        await AppendAsync(Entry(user: owner.Hash));
        await Vault.Record.DrainAsync(Cancellation);
        Assert.Equal(2, (await RowsAsync()).DistinctBy(row => row.PartitionKey).Count());
        Assert.Single((await Vault.Activity.ListAsync(owner, new ActivityFilter(), null, 100, Cancellation)).Entries);

        Time.Advance(TimeSpan.FromMinutes(3));
        await Vault.Seal.RunAsync(Cancellation);
        Assert.Equal(21, (await Vault.Activity.ListAsync(owner, new ActivityFilter(), null, 100, Cancellation)).Entries.Count);
        Assert.Empty((await VerifyAsync()).Faults);
    }

    [Fact]
    public async Task The_largest_entries_are_replayed_in_transactions_they_fit_into()
    {
        var owner = await OwnerAsync("ada");
        var large = Entry(user: owner.Hash) with
        {
            Url = "https://api.erp.acme.com/" + new string('"', 8100),
            Context = Enumerable.Range(0, 16).ToDictionary(number => $"k{number}", _ => new string('語', 256)),
        };
        Vault.Network.LosesRequest = request => FakeNetwork.Concerns(request, "activity");
        await Task.WhenAll(Enumerable.Range(0, 90).Select(number => Vault.Record.AppendAsync(large with { Id = $"{number}" })));
        await Vault.Record.DrainAsync(Cancellation);
        Vault.Network.LosesRequest = _ => false;
        Time.Advance(TimeSpan.FromMinutes(3));
        await Vault.Seal.RunAsync(Cancellation);
        Assert.Equal(90, (await Vault.Activity.ListAsync(owner, new ActivityFilter(), null, 100, Cancellation)).Entries.Count);
    }

    private async Task<AuditSeal> LastAsync()
    {
        await foreach (var stored in new AuditSealStore(Vault.Tables).ListAsync(Cancellation))
        {
            return stored.Seal!;
        }

        throw new InvalidOperationException("There is no seal.");
    }
}
