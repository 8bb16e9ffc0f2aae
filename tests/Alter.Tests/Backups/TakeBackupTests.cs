using Alter.Grants;
using Alter.Storage;
using Alter.Testing;
using Azure.Data.Tables;

namespace Alter.Tests.Backups;

public sealed class TakeBackupTests(OwnAzurite azurite) : BackupFixture(azurite)
{
    [Fact]
    public async Task Nothing_in_it_or_said_of_it_is_in_the_open()
    {
        var grant = await GrantAsync("ada@example.com");
        var (access, refresh) = await Vault.TokensAsync(grant);

        var output = await BackUpAsync();

        var text = await File.ReadAllTextAsync(Backup, Cancellation);
        Assert.Contains(grant.Id.ToString("D"), text, StringComparison.Ordinal);
        Assert.All([access!, refresh!, "ada@example.com", "Ada Lovelace"], secret => Assert.DoesNotContain(secret, text + output, StringComparison.Ordinal));
        Assert.DoesNotContain(grant.Id.ToString("D"), output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_holds_rows_exactly_as_they_are_stored_and_columns_of_a_later_version_too()
    {
        var grant = await GrantAsync("ada@example.com");
        var row = (await RowAsync(grant))!;
        row["of_a_later_version"] = 7L;
        await Table("grants").UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, Cancellation);
        await BackUpAsync();
        await LoseGrantsAsync();
        await RestoreAsync();

        var restored = (await RowAsync(grant))!;
        Assert.Equal(Columns(row), Columns(restored));

        static IEnumerable<string> Columns(TableEntity row) => row
            .Where(column => column.Key is not ("op" or "odata.etag" or "Timestamp" or "restored_from"))
            .OrderBy(column => column.Key, StringComparer.Ordinal)
            .Select(column => $"{column.Key} {column.Value.GetType().Name} {(column.Value is byte[] bytes ? Convert.ToBase64String(bytes) : column.Value)}");
    }

    [Fact]
    public async Task It_leaves_out_what_lives_for_minutes_and_whom_an_erasure_left_for_their_provider()
    {
        var (kept, erased) = (await GrantAsync("a@example.com"), await GrantAsync("bob@example.com", "bob"));
        await Vault.Store.NoteUseAsync(kept);
        Assert.NotNull(await Vault.Erasure.RunAsync(await Vault.OwnerAsync("bob"), Cancellation));

        var output = await BackUpAsync();

        var text = await File.ReadAllTextAsync(Backup, Cancellation);
        Assert.Contains("1 grants, 1 notes of last use, 2 marks", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\"rk\":\"~s|", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"rk\":\"!u\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain(erased.Key.Row, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_revoked_while_the_grants_are_read_is_among_the_marks()
    {
        var grant = await GrantAsync("a@example.com");
        using var network = new FakeNetwork();
        var tables = new AlterTables(A.Storage(Storage, network));
        network.Before = async request =>
        {
            if (request.Uri.Path.Contains("revocations", StringComparison.Ordinal))
            {
                Assert.True((await Vault.Revocation.RevokeAsync(grant, Cancellation)).Succeeded(out _, out _)); // The grants are read by now.
            }
        };
        await using (var file = File.Create(Backup))
        {
            Assert.Equal(1, (await new TakeBackup(tables, new RevocationMarks(tables, Time), Time).RunAsync(file, Cancellation)).Marks);
        }

        await LoseAsync();
        await RestoreAsync();
        await RestartAsync();

        Assert.Equal("grant_revoked", await UseAsync(grant));
    }

    [Fact]
    public async Task A_folder_gets_a_file_named_for_the_time_and_no_file_is_ever_replaced()
    {
        await GrantAsync("a@example.com");
        var folder = Directory.CreateDirectory(Machine.PathOf("backups")).FullName;

        await BackUpAsync(folder);
        var (exit, output) = await Machine.RunAsync(["backup", "--to", folder]);

        Assert.Equal(1, exit);
        Assert.Contains("replaces no file", output, StringComparison.Ordinal);
        Assert.Equal(["alter-20261124T020000Z.alterbackup"], Directory.GetFiles(folder).Select(Path.GetFileName));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Directory.GetFiles(folder).Single()));
        }
    }

    [Fact]
    public async Task A_table_of_grants_that_is_gone_is_no_empty_one()
    {
        await LoseAsync("grants");

        var (exit, output) = await Machine.RunAsync(["backup", "--to", Backup]);

        Assert.Equal(1, exit);
        Assert.Contains("Storage answered 404 (TableNotFound). Nothing was written.", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(Backup)!));
    }

    [Fact]
    public async Task Storage_that_no_vault_ever_used_gives_no_file()
    {
        await LoseAsync();

        var (exit, output) = await Machine.RunAsync(["backup", "--to", Backup]);

        Assert.Equal(1, exit);
        Assert.Contains("No vault has ever stored anything there.", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(Backup)!));
    }
}
