using Alter.Audit;
using Alter.Grants;
using Alter.Testing;
using Azure;
using Azure.Data.Tables;

namespace Alter.Tests.Audit;

/// <summary>Somebody who may write to storage, but has no key, tampers with what was sealed.</summary>
public sealed class VerifyRecordTests(OwnAzurite azurite) : RecordFixture(azurite), IClassFixture<OwnAzurite>
{
    private List<TableEntity> rows = [];

    private string Lane => rows[0].PartitionKey;

    [Fact]
    public async Task What_nobody_touched_verifies()
    {
        await SealedAsync();
        var verdict = await VerifyAsync();
        Assert.Empty(verdict.Faults);
        Assert.Empty(verdict.Unchecked);
        Assert.Equal((6, 1, 1), (verdict.Entries, verdict.Lanes, verdict.Seals));
    }

    [Fact]
    public async Task A_removed_entry_is_named()
    {
        await SealedAsync();
        await Month.DeleteEntityAsync(rows[3].PartitionKey, rows[3].RowKey, ETag.All, Cancellation);
        Assert.Equal($"Entry 3 of lane {Lane} is missing.", await OnlyFaultAsync());
    }

    [Fact]
    public async Task An_altered_entry_is_named()
    {
        await SealedAsync();
        await EditAsync(rows[2], row => row["entry"] = row.GetString("entry").Replace("answered", "forgotten", StringComparison.Ordinal));
        Assert.Equal($"Entry 2 of lane {Lane} is not what was written.", await OnlyFaultAsync());
    }

    [Fact]
    public async Task An_altered_entry_with_its_chain_made_to_fit_is_named()
    {
        await SealedAsync();
        await EditAsync(rows[2], row =>
        {
            row["entry"] = row.GetString("entry").Replace("answered", "forgotten", StringComparison.Ordinal);
            row["chain"] = AuditChain.Link(row.PartitionKey, 2, row.GetBinary("prev"), row.GetString("entry"));
        });
        var faults = (await VerifyAsync()).Faults;
        Assert.Equal($"Entry 2 of lane {Lane} carries no MAC of the vault.", faults[0]);
        Assert.Equal($"Entry 3 of lane {Lane} does not follow the one before it.", Assert.Single(faults.Skip(1)));
    }

    [Fact]
    public async Task Two_entries_that_changed_places_are_named()
    {
        await SealedAsync();
        await Month.UpsertEntityAsync(Copy(rows[2], rows[4].RowKey), TableUpdateMode.Replace, Cancellation);
        await Month.UpsertEntityAsync(Copy(rows[4], rows[2].RowKey), TableUpdateMode.Replace, Cancellation);
        Assert.Equal(
            [$"Entry 2 of lane {Lane} is out of order: it was written as entry 4.", $"Entry 4 of lane {Lane} is out of order: it was written as entry 2."],
            (await VerifyAsync()).Faults);
    }

    [Fact]
    public async Task A_lane_that_was_cut_short_is_named_even_with_its_head_put_back()
    {
        await AppendAsync(Entry(), Entry());
        var head = (await Month.GetEntityAsync<TableEntity>((await RowsAsync())[0].PartitionKey, "head", cancellationToken: Cancellation)).Value;
        await SealedAsync(entries: 3);
        foreach (var row in rows.Skip(3))
        {
            await Month.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, Cancellation);
        }

        await Month.UpsertEntityAsync(head, TableUpdateMode.Replace, Cancellation);
        Assert.Equal($"Entries 3 to 5 of lane {Lane} are missing; seal 1 covers them.", await OnlyFaultAsync());
    }

    [Fact]
    public async Task A_lane_that_is_gone_is_named()
    {
        await SealedAsync();
        foreach (var key in rows.Select(row => row.RowKey).Append("head"))
        {
            await Month.DeleteEntityAsync(Lane, key, ETag.All, Cancellation);
        }

        Assert.Equal($"Lane {Lane} is missing; seal 1 covers its entries up to 5.", await OnlyFaultAsync());
    }

    [Fact]
    public async Task A_whole_month_that_is_gone_is_named()
    {
        await SealedAsync();
        await Month.DeleteAsync(Cancellation);
        Assert.Equal($"Lane {Lane} is missing; seal 1 covers its entries up to 5.", await OnlyFaultAsync());
    }

    [Fact]
    public async Task A_removed_seal_is_named()
    {
        await SealedAsync();
        await SealedAsync();
        await SealedAsync();
        var seals = await RowsAsync(Azurite.Table("seals"));
        await Azurite.Table("seals").DeleteEntityAsync(seals[1], ETag.All, Cancellation);
        Assert.Equal("Seal 2 is missing.", await OnlyFaultAsync());
        await Azurite.Table("seals").DeleteEntityAsync(seals[2], ETag.All, Cancellation);
        Assert.Equal("Seals 1 to 2 are missing.", await OnlyFaultAsync());
    }

    [Fact]
    public async Task An_altered_seal_is_named()
    {
        await SealedAsync();
        var seal = Assert.Single(await RowsAsync(Azurite.Table("seals")));
        seal["heads0"] = seal.GetString("heads0").Replace("\"S\":5", "\"S\":4", StringComparison.Ordinal);
        await Azurite.Table("seals").UpdateEntityAsync(seal, ETag.All, TableUpdateMode.Replace, Cancellation);
        Assert.Equal("Seal 1 is not what was written.", await OnlyFaultAsync());
    }

    [Fact]
    public async Task The_newest_seal_taken_with_all_it_covers_shows_against_the_anchor_of_the_log()
    {
        await SealedAsync();
        var kept = rows.Count;
        var head = (await Month.GetEntityAsync<TableEntity>(Lane, "head", cancellationToken: Cancellation)).Value;
        await SealedAsync();
        var newest = (await RowsAsync(Azurite.Table("seals")))[0];
        var anchor = new SealAnchor(2, newest.GetBinary("hash"));
        Assert.Empty((await VerifyAsync(anchor)).Faults);

        await Azurite.Table("seals").DeleteEntityAsync(newest, ETag.All, Cancellation);
        await Month.UpsertEntityAsync(head, TableUpdateMode.Replace, Cancellation);
        foreach (var row in rows.Skip(kept))
        {
            await Month.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, Cancellation);
        }

        Assert.Empty((await VerifyAsync()).Faults); // What storage alone cannot tell.
        Assert.Equal(["Seal 2 is missing."], (await VerifyAsync(anchor)).Faults);
    }

    [Fact]
    public async Task Entries_of_another_hand_are_named()
    {
        await SealedAsync();
        var last = rows[^1];
        var forged = Copy(last, "000000000006");
        (forged["seq"], forged["prev"]) = (6L, last.GetBinary("chain"));
        forged["chain"] = AuditChain.Link(Lane, 6, last.GetBinary("chain"), forged.GetString("entry"));
        await Month.AddEntityAsync(forged, Cancellation);
        Assert.Contains($"Entry 6 of lane {Lane} carries no MAC of the vault.", (await VerifyAsync()).Faults);
    }

    // A36: authentic by itself, and yet not what the vault wrote last.
    [Fact]
    public async Task An_older_row_of_a_grant_that_was_put_back_is_named()
    {
        var owner = await OwnerAsync("ada");
        var grant = await Vault.GrantAsync(draft =>
        {
            (draft.Owner, draft.CreatedAt) = (owner, Time.GetUtcNow());
            (draft.Access, draft.Refresh) = Provider.Issue("ada");
        });
        var grants = Azurite.Table("grants");
        var active = (await grants.GetEntityAsync<TableEntity>(grant.Key.Partition, grant.Key.Row, cancellationToken: Cancellation)).Value;
        Assert.True((await Vault.Revocation.RevokeAsync(grant, Cancellation)).Succeeded(out _, out _));
        await Vault.Record.DrainAsync(Cancellation);
        Assert.Empty((await VerifyAsync()).Faults);

        await grants.UpdateEntityAsync(active, ETag.All, TableUpdateMode.Replace, Cancellation);
        Assert.Equal($"Grant {grant.Id:D} is active, and the record last had it as revoked: an older row was put back.", await OnlyFaultAsync());
    }

    // What is altered together with its chain and every seal, under a version nobody has, is no less altered.
    [Fact]
    public async Task Entries_and_seals_under_an_invented_key_version_are_named()
    {
        await SealedAsync();
        var invented = A.Key().Version;
        foreach (var row in rows)
        {
            await EditAsync(row, edited => edited["kek"] = invented);
        }

        Assert.Empty((await VerifyAsync()).Faults); // The seal vouches for them: nothing of what they say is changed.
        var seal = Assert.Single(await RowsAsync(Azurite.Table("seals")));
        seal["kek"] = invented;
        await Azurite.Table("seals").UpdateEntityAsync(seal, ETag.All, TableUpdateMode.Replace, Cancellation);
        Assert.Equal(
            [
                $"Seal 1 is under key version {invented}, which is not to be had, and no later seal vouches for it.",
                $"Entry 5 of lane {Lane} is under key version {invented}, which is not to be had, and no seal vouches for it.",
            ],
            (await VerifyAsync()).Faults);
    }

    [Fact]
    public async Task With_another_key_nothing_verifies()
    {
        await SealedAsync();
        using var others = new Vault(new VaultSetup(Azurite.ConnectionString, A.App(App)) { Time = Time, Keys = new FakeKeySource(A.Key()) });
        Assert.Equal(2, (await new VerifyRecord(others.Tables, others.Ring).RunAsync([], Cancellation)).Faults.Count);
    }

    [Fact]
    public async Task A_lane_that_was_kept_out_of_every_seal_is_named()
    {
        await SealedAsync();
        using var other = NewVault();
        Assert.True(await other.Record.AppendAsync(Entry()));
        var hidden = (await RowsAsync()).Select(row => row.PartitionKey).Distinct().Single(lane => lane != Lane);
        await Month.DeleteEntityAsync(hidden, "head", ETag.All, Cancellation);
        await SealedAsync();
        Time.Advance(TimeSpan.FromMinutes(20));
        await SealedAsync();

        Assert.Contains((await VerifyAsync()).Faults, fault => fault.StartsWith($"Lane {hidden} began at", StringComparison.Ordinal));
        Assert.NotEmpty(Vault.Seen(8010));
    }

    [Fact]
    public async Task A_lane_that_another_goes_on_from_is_missed_where_no_seal_covers_it_yet()
    {
        await AppendAsync(Entry());
        var first = (await RowsAsync())[0].PartitionKey;
        Time.Advance(AuditLane.Silence + TimeSpan.FromSeconds(1));
        await AppendAsync(Entry());
        foreach (var row in (await RowsAsync()).Where(row => row.PartitionKey == first))
        {
            await Month.DeleteEntityAsync(row, ETag.All, Cancellation);
        }

        await Month.DeleteEntityAsync(first, "head", ETag.All, Cancellation);
        var second = (await RowsAsync())[0].PartitionKey;
        Assert.Equal($"Lane {first} is missing; lane {second} goes on from it.", await OnlyFaultAsync());
    }

    // A copy elsewhere does not stand in for a lane that is then cut.
    [Fact]
    public async Task A_lane_in_another_months_table_is_named_and_counts_for_nothing()
    {
        await SealedAsync();
        var elsewhere = Azurite.Table("audit202601");
        await elsewhere.CreateAsync(Cancellation);
        foreach (var row in rows)
        {
            await elsewhere.AddEntityAsync(Copy(row, row.RowKey), Cancellation);
        }

        await Month.DeleteEntityAsync(rows[5], ETag.All, Cancellation);
        Assert.Equal(
            [$"Lane {Lane} lies in the table of 202601, where the vault never wrote it.", $"Entries 5 to 5 of lane {Lane} are missing; seal 1 covers them."],
            (await VerifyAsync()).Faults);
    }

    [Fact]
    public async Task A_seal_given_from_before_retention_does_not_pass_in_silence()
    {
        await SealedAsync();
        Time.SetUtcNow(new DateTimeOffset(2028, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await SealedAsync();
        await Vault.DropOld.RunAsync(Cancellation);
        var verdict = await VerifyAsync(new SealAnchor(1, new byte[32]));
        Assert.Empty(verdict.Faults);
        Assert.StartsWith("Seal 1 is past retention", Assert.Single(verdict.Unchecked), StringComparison.Ordinal);
    }

    private async Task SealedAsync(int entries = 5)
    {
        await AppendAsync([.. Enumerable.Range(0, entries).Select(_ => Entry())]);
        await Vault.Seal.RunAsync(Cancellation);
        Time.Advance(TimeSpan.FromMinutes(1));
        rows = await RowsAsync();
    }

    private async Task EditAsync(TableEntity row, Action<TableEntity> edit)
    {
        edit(row);
        await Month.UpdateEntityAsync(row, ETag.All, TableUpdateMode.Replace, Cancellation);
    }

    private static TableEntity Copy(TableEntity row, string rowKey)
    {
        var copy = new TableEntity(row.PartitionKey, rowKey);
        foreach (var (name, value) in row.Where(column => column.Key is not ("PartitionKey" or "RowKey" or "Timestamp" or "odata.etag")))
        {
            copy[name] = value;
        }

        return copy;
    }
}
