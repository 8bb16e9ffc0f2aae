using Alter.Grants;
using Alter.Storage;
using Alter.Testing;
using Azure.Data.Tables;

namespace Alter.Tests.Backups;

public sealed class RestoreTests(OwnAzurite azurite) : BackupFixture(azurite)
{
    [Fact]
    public async Task What_is_stored_and_newer_stays_and_is_named()
    {
        var (same, newer) = (await GrantAsync("a@example.com"), await GrantAsync("b@example.com"));
        await BackUpAsync();
        Assert.True((await Vault.Refresher.RefreshAsync(newer, Erp)).Succeeded(out _, out _));
        var (sameRow, newerRow) = (await RowAsync(same), await RowAsync(newer));

        var output = await RestoreAsync();

        Assert.Contains("1 rows kept as they are stored: as new as the backup's", output, StringComparison.Ordinal);
        Assert.Contains($"kept     {newer.Id:D}  generation 2 is stored, the backup has 1", output, StringComparison.Ordinal);
        Assert.Equal((sameRow!.ETag, newerRow!.ETag), ((await RowAsync(same))!.ETag, (await RowAsync(newer))!.ETag));
        Assert.Equal("generation 1", await UseAsync(same));
    }

    [Fact]
    public async Task A_newer_backup_replaces_what_an_older_one_put_back()
    {
        var grant = await GrantAsync("a@example.com");
        await BackUpAsync(Machine.PathOf("older.alterbackup"));
        Assert.True((await Vault.Refresher.RefreshAsync(grant, Erp)).Succeeded(out _, out _));
        await BackUpAsync();
        await LoseGrantsAsync();
        Assert.Equal(0, (await Machine.RunAsync(["restore", "--from", Machine.PathOf("older.alterbackup"), "--yes"])).Exit);

        var output = await RestoreAsync();
        await RestartAsync();

        Assert.Contains("1 grants put over an older row of theirs", output, StringComparison.Ordinal);
        Assert.Equal("generation 3", await UseAsync(grant)); // The second set, renewed as every restored one is.
    }

    [Fact]
    public async Task A_second_restore_changes_nothing()
    {
        await GrantAsync("a@example.com");
        await BackUpAsync();
        await LoseGrantsAsync();
        await RestoreAsync();
        var before = await StoredAsync(withVersions: true);

        await RestoreAsync();

        Assert.Equal(before, await StoredAsync(withVersions: true));
    }

    [Fact]
    public async Task A_restore_that_dies_at_any_request_and_is_repeated_comes_to_the_same()
    {
        var (_, revoked) = (await GrantAsync("a@example.com"), await GrantAsync("b@example.com"));
        await GrantAsync("bob@example.com", "bob");
        await Vault.Store.NoteUseAsync(await GrantAsync("carol@example.com", "carol", made => made with { DueAt = Time.GetUtcNow().AddHours(1) }));
        await BackUpAsync();
        Assert.True((await Vault.Revocation.RevokeAsync(revoked, Cancellation)).Succeeded(out _, out _));
        Assert.NotNull(await Vault.Erasure.RunAsync(await Vault.OwnerAsync("bob"), Cancellation));
        await LoseRowsAsync();
        var requests = await RestoreAsync(dieAt: int.MaxValue);
        var whole = await StoredAsync();
        Assert.True(requests > 20, $"{requests}");
        Assert.Equal(4, whole.Count(line => line.StartsWith("grants", StringComparison.Ordinal)));

        for (var at = 1; at <= requests; at++)
        {
            await LoseRowsAsync();
            await Assert.ThrowsAsync<Killed>(() => RestoreAsync(at));
            await RestoreAsync(dieAt: int.MaxValue);

            Assert.Equal(whole, await StoredAsync());
        }
    }

    [Fact]
    public async Task A_write_whose_answer_is_lost_is_not_taken_for_anothers()
    {
        var grant = await GrantAsync("a@example.com");
        await BackUpAsync();
        await LoseGrantsAsync();
        using var network = new FakeNetwork();
        network.LoseNextAnswer(request => FakeNetwork.IsWrite(request, "grants"));

        Assert.Equal([new RestoredRow(RestoredAs.ToVerify, grant.Id, 1, null)], await RestoreAsync(network));
    }

    [Fact]
    public async Task What_the_vault_writes_while_it_is_restored_stays()
    {
        var grant = await GrantAsync("a@example.com");
        await BackUpAsync();
        await LoseGrantsAsync();
        using var network = new FakeNetwork();
        var written = 0;
        network.Before = async request =>
        {
            if (FakeNetwork.IsWrite(request, "grants") && Interlocked.Increment(ref written) == 1)
            {
                await GrantAsync("a@example.com"); // The person connects again at this moment.
            }
        };

        Assert.Equal([new RestoredRow(RestoredAs.KeptNewer, grant.Id, 1, null)], await RestoreAsync(network));
        Assert.Equal("grant_not_found", await UseAsync(grant));
        Assert.Null((await Vault.ReadAsync(grant)).RestoredFrom);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_be_done_and_makes_not_even_a_table()
    {
        var (_, revoked) = (await GrantAsync("a@example.com"), await GrantAsync("b@example.com"));
        await BackUpAsync();
        Assert.True((await Vault.Revocation.RevokeAsync(revoked, Cancellation)).Succeeded(out _, out _));
        await LoseGrantsAsync();

        var output = await RestoreAsync("--dry-run");

        Assert.Contains("1 grants restored; each is renewed before it is next used", output, StringComparison.Ordinal);
        Assert.Contains($"revoked  {revoked.Id:D}", output, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed (--dry-run).", output, StringComparison.Ordinal);
        Assert.DoesNotContain("grants", await new TableServiceClient(Storage).QueryAsync(cancellationToken: Cancellation).Select(table => table.Name).ToListAsync(Cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("y\n")]
    public async Task Without_a_yes_nothing_is_changed(string typed)
    {
        await GrantAsync("a@example.com");
        await BackUpAsync();
        await LoseGrantsAsync();

        var (exit, output) = await Machine.RunAsync(["restore", "--from", Backup], typed);

        Assert.Equal(1, exit);
        Assert.Contains("Nothing was changed", output, StringComparison.Ordinal);
        Assert.Empty(await RowsIfThereAsync());
        Assert.Equal(0, (await Machine.RunAsync(["restore", "--from", Backup], "yes\n")).Exit);
        Assert.NotEmpty(await RowsIfThereAsync());
    }

    [Fact]
    public async Task A_file_that_was_cut_off_or_altered_restores_nothing()
    {
        await GrantAsync("a@example.com");
        await BackUpAsync();
        await LoseGrantsAsync();
        var whole = await File.ReadAllTextAsync(Backup, Cancellation);

        foreach (var (text, said) in new[]
        {
            (whole[..^20], "cut off"),
            (whole[..(whole.LastIndexOf("{\"rows\"", StringComparison.Ordinal))], "its last line is missing"),
            (whole.Replace("active", "revoke", StringComparison.Ordinal), "digest does not match"),
            (whole + "{}\n", "follows the last line"),
            ("", "empty"),
            ("{\"format\":\"alter-backup\",\"version\":2,\"taken_at\":\"2026-11-24T02:00:00.0000000Z\"}\n", "another version"),
            ("PK\u0003\u0004\n", "no backup of a vault"),
        })
        {
            await File.WriteAllTextAsync(Backup, text, Cancellation);
            var (exit, output) = await Machine.RunAsync(["restore", "--from", Backup, "--yes"]);

            Assert.Equal(1, exit);
            Assert.Contains(said, output, StringComparison.Ordinal);
            Assert.Empty(await RowsIfThereAsync());
        }
    }

    [Fact]
    public async Task Another_digest_than_the_one_printed_is_refused()
    {
        await GrantAsync("a@example.com");
        var digest = (await BackUpAsync()).Split("sha256 ")[1].Trim();
        await LoseGrantsAsync();

        var (exit, output) = await Machine.RunAsync(["restore", "--from", Backup, "--yes", "--sha256", new string('0', 64)]);

        Assert.Equal(1, exit);
        Assert.Contains("not the digest of --sha256", output, StringComparison.Ordinal);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(Backup, Cancellation))), digest);
        await RestoreAsync("--yes", "--sha256", digest);
    }

    [Fact]
    public async Task A_backup_older_than_what_is_remembered_of_revocations_is_refused()
    {
        await GrantAsync("a@example.com");
        await BackUpAsync();
        Time.Advance(RestoreBackup.OldestBackup);
        await RestoreAsync();
        Time.Advance(TimeSpan.FromMinutes(1));

        var (exit, output) = await Machine.RunAsync(["restore", "--from", Backup, "--yes"]);

        Assert.Equal(1, exit);
        Assert.Contains("90 days", output, StringComparison.Ordinal);
        Assert.True(RevocationMarks.Kept - RestoreBackup.OldestBackup >= TimeSpan.FromDays(7)); // A sweep that was late, a clock that was wrong.
    }

    [Fact]
    public async Task Another_vaults_tables_are_left_alone()
    {
        await GrantAsync("a@example.com");
        await BackUpAsync();
        await LoseAsync();
        await RestartAsync();
        var others = await GrantAsync("mallory@example.com");

        var (exit, output) = await Machine.RunAsync(["restore", "--from", Backup, "--yes"]);

        Assert.Equal(1, exit);
        Assert.Contains("grants under another salt", output, StringComparison.Ordinal);
        Assert.Equal([others.Key.Partition], (await RowsAsync("grants")).Select(row => row.PartitionKey).Distinct());
    }

    [Fact]
    public async Task A_row_that_was_moved_to_another_user_does_not_come_back()
    {
        var grant = await GrantAsync("a@example.com");
        var salt = (await RowsAsync("jobs")).Single(row => row.RowKey == "salt");
        var moved = new TableEntity((await RowAsync(grant))!) { PartitionKey = (await Vault.OwnerAsync("mallory")).Partition };
        await using (var file = File.Create(Backup))
        {
            using var writer = await BackupWriter.BeginAsync(file, Time.GetUtcNow(), Cancellation);
            await writer.AddAsync(new BackupRow("jobs", salt), Cancellation);
            await writer.AddAsync(new BackupRow("grants", moved), Cancellation);
            await writer.EndAsync(Cancellation);
        }

        var output = await RestoreAsync();

        Assert.Contains($"damaged  {grant.Id:D}", output, StringComparison.Ordinal);
        Assert.DoesNotContain(await RowsAsync("grants"), row => row.PartitionKey == moved.PartitionKey);
    }

    // Only what a restore writes; what was revoked is known from the marks.
    private async Task LoseRowsAsync()
    {
        foreach (var table in new[] { "grants", "due", "accounts", "jobs" })
        {
            await EmptyAsync(table);
        }
    }

    // How many requests it made.
    private async Task<int> RestoreAsync(int dieAt)
    {
        using var network = new FakeNetwork();
        var count = 0;
        network.Before = _ => Interlocked.Increment(ref count) >= dieAt ? throw new Killed() : Task.CompletedTask;
        await RestoreAsync(network);
        return count;
    }

    private async Task<IReadOnlyCollection<RestoredRow>> RestoreAsync(FakeNetwork network)
    {
        var told = new System.Collections.Concurrent.ConcurrentQueue<RestoredRow>();
        var tables = new AlterTables(A.Storage(Storage, network));
        await using var file = File.OpenRead(Backup);
        var contents = await BackupContents.ReadAsync(file, tables, Time.GetUtcNow(), Cancellation);
        var restore = new RestoreBackup(tables, new RevocationMarks(tables, Time), new DueIndex(tables, Time), new AccountIndex(tables), Time);
        await restore.RunAsync(() => File.OpenRead(Backup), contents, isDry: false, told.Enqueue, Cancellation);
        return told;
    }

    private async Task<IReadOnlyList<string>> StoredAsync(bool withVersions = false)
    {
        var lines = new List<string>();
        foreach (var table in new[] { "grants", "due", "accounts", "jobs", "revocations" })
        {
            lines.AddRange((await RowsAsync(table)).Select(row => $"{table} {row.PartitionKey} {row.RowKey} {(withVersions ? row.ETag : "")} " + string.Join(
                ' ', row.Where(column => column.Key is not ("odata.etag" or "Timestamp" or "op")).OrderBy(column => column.Key, StringComparer.Ordinal)
                    .Select(column => $"{column.Key}={(column.Value is byte[] bytes ? Convert.ToBase64String(bytes) : column.Value)}"))));
        }

        return lines;
    }

    private async Task<IReadOnlyList<TableEntity>> RowsIfThereAsync()
    {
        try
        {
            return await RowsAsync("grants");
        }
        catch (Azure.RequestFailedException e) when (e.Status is 404)
        {
            return [];
        }
    }

    private sealed class Killed : Exception;
}
