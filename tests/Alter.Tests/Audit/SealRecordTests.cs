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
        Vault.Network.LosesRequest = request => request.Uri.Path.Contains("/activity", StringComparison.Ordinal);
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

    private async Task<AuditSeal> LastAsync() => (await new AuditSealStore(Vault.Tables).FindLastAsync(Cancellation))!.Seal!;
}
