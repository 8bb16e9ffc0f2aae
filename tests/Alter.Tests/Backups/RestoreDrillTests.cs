using Alter.Grants;
using Alter.Storage;

namespace Alter.Tests.Backups;

/// <summary>The drill of docs/operate.md: back up, go on working, lose the tables, restore.</summary>
public sealed class RestoreDrillTests(OwnAzurite azurite) : BackupFixture(azurite)
{
    [Fact]
    public async Task What_was_revoked_stays_revoked_what_was_renewed_is_explained_and_the_rest_works()
    {
        var (untouched, revoked, renewed) = (await GrantAsync("a@example.com"), await GrantAsync("b@example.com"), await GrantAsync("c@example.com"));
        var erased = await GrantAsync("bob@example.com", "bob");
        await BackUpAsync();
        var later = await GrantAsync("d@example.com");
        Assert.True((await Vault.Revocation.RevokeAsync(revoked, Cancellation)).Succeeded(out _, out _));
        Assert.True((await Vault.Refresher.RefreshAsync(renewed, Erp)).Succeeded(out _, out _));
        Assert.NotNull(await Vault.Erasure.RunAsync(await Vault.OwnerAsync("bob"), Cancellation));

        await LoseGrantsAsync();
        var output = await RestoreAsync();
        await RestartAsync();

        Assert.Contains("2 grants restored; each is renewed before it is next used", output, StringComparison.Ordinal);
        Assert.Contains("1 grants revoked since the backup: restored as revoked", output, StringComparison.Ordinal);
        Assert.Contains($"revoked  {revoked.Id:D}", output, StringComparison.Ordinal);
        Assert.Contains("rows of erased users: not restored", output, StringComparison.Ordinal);
        Assert.Equal("generation 2", await UseAsync(untouched));
        Assert.Equal("grant_revoked", await UseAsync(revoked));
        Assert.Equal("credential_revoked restored_from_backup", await UseAsync(renewed));
        Assert.Equal("grant_not_found", await UseAsync(erased, "bob"));
        Assert.Equal("grant_not_found", await UseAsync(later));
    }

    [Fact]
    public async Task Who_was_erased_and_came_back_keeps_what_they_connected_since()
    {
        var before = await GrantAsync("bob@example.com", "bob");
        Assert.NotNull(await Vault.Erasure.RunAsync(await Vault.OwnerAsync("bob"), Cancellation));
        Time.Advance(TimeSpan.FromSeconds(1));
        var since = await GrantAsync("bob@example.org", "bob");
        await BackUpAsync();
        await LoseGrantsAsync();
        await RestoreAsync();
        await RestartAsync();

        Assert.Equal("generation 2", await UseAsync(since, "bob"));
        Assert.Equal("grant_not_found", await UseAsync(before, "bob"));
    }

    [Fact]
    public async Task A_restored_grant_is_renewed_once_and_then_is_as_any_other()
    {
        var grant = await GrantAsync("a@example.com");
        var (_, refresh) = await Vault.TokensAsync(grant);
        await BackUpAsync();
        await LoseGrantsAsync();
        await RestoreAsync();
        await RestartAsync();
        Assert.Equal(Time.GetUtcNow(), (await Vault.ReadAsync(grant)).RestoredFrom);
        Assert.Contains("from the backup of 2026-11-24 02:00:00Z", (await Machine.RunAsync(["grants", "show", grant.Id.ToString("D")])).Output, StringComparison.Ordinal);

        Assert.Equal("generation 2", await UseAsync(grant));
        Assert.Equal("generation 2", await UseAsync(grant));

        Assert.Equal(1, Provider.Redemptions(refresh!));
        Assert.Null((await Vault.ReadAsync(grant)).RestoredFrom);
    }

    [Fact]
    public async Task A_spent_token_is_presented_once_and_never_again()
    {
        var grant = await GrantAsync("a@example.com");
        await BackUpAsync();
        Assert.True((await Vault.Refresher.RefreshAsync(grant, Erp)).Succeeded(out _, out _));
        await LoseGrantsAsync();
        await RestoreAsync();
        await RestartAsync();

        Assert.Equal("credential_revoked restored_from_backup", await UseAsync(grant));
        Assert.Equal("credential_revoked restored_from_backup", await UseAsync(grant));

        Assert.Equal(2, Provider.Requests.Count); // The one before the loss, and the one after it.
    }

    [Fact]
    public async Task Indexes_are_written_anew_so_that_a_restored_grant_is_looked_after()
    {
        var grant = await GrantAsync("a@example.com", change: made => made with { DueAt = Time.GetUtcNow().AddMinutes(50) });
        await BackUpAsync();
        await LoseGrantsAsync();
        await RestoreAsync();

        Assert.True(await Vault.Due.ContainsAsync(grant.Id, grant.DueAt!.Value, Cancellation));
        Assert.NotNull(await Vault.Accounts.FindAsync(grant, Cancellation));
    }

    [Fact]
    public async Task A_provider_that_was_not_told_of_a_revocation_is_told_once_all_grants_are_back()
    {
        var grant = await GrantAsync("a@example.com");
        var (_, refresh) = await Vault.TokensAsync(grant);
        await BackUpAsync();
        Assert.True((await Vault.Revocation.RevokeAsync(grant, Cancellation)).Succeeded(out _, out _));
        await LoseGrantsAsync();
        await RestoreAsync();
        await RestartAsync();

        var restored = await Vault.ReadAsync(grant);
        Assert.Equal((GrantStatus.Revoked, Time.GetUtcNow().AddHours(6)), (restored.Status, restored.DueAt));
        Time.Advance(TimeSpan.FromHours(6));
        await Vault.DueGrants.RunAsync(new GrantMessage(GrantMessage.Version, "due", grant.Key.Partition, grant.Key.Row, grant.Id, restored.DueAt!.Value.UtcTicks), 1, Cancellation);

        Assert.Equal([refresh!], Provider.Revocations);
        Assert.Null((await Vault.ReadAsync(grant)).RevocationToken);
    }

    [Fact]
    public async Task An_instance_that_saw_the_later_row_refuses_the_earlier_one_until_it_is_restarted()
    {
        var grant = await GrantAsync("a@example.com");
        await BackUpAsync();
        using var running = Instance();
        Assert.True((await running.Refresher.RefreshAsync(grant, Erp)).Succeeded(out _, out _));
        Assert.Equal("generation 2", await UseAsync(grant, instance: running));
        await LoseGrantsAsync();
        await RestoreAsync();

        Assert.Equal("integrity_failure", await UseAsync(grant, instance: running));

        await RestartAsync();
        Assert.Equal("credential_revoked restored_from_backup", await UseAsync(grant));
    }

    [Fact]
    public async Task Without_any_table_the_salt_comes_back_too_and_users_find_their_grants()
    {
        var grant = await GrantAsync("a@example.com");
        await BackUpAsync();
        await LoseAsync();
        await RestartAsync(); // The empty vault makes a salt of its own.

        await RestoreAsync();
        await RestartAsync();

        Assert.Equal("generation 2", await UseAsync(grant));
    }

    [Fact]
    public async Task Marks_that_were_lost_with_everything_else_come_back_from_the_backup()
    {
        var (grant, revoked) = (await GrantAsync("a@example.com"), await GrantAsync("b@example.com"));
        await BackUpAsync(Machine.PathOf("older.alterbackup"));
        Assert.True((await Vault.Revocation.RevokeAsync(revoked, Cancellation)).Succeeded(out _, out _));
        await BackUpAsync();
        await LoseAsync();

        await RestoreAsync();
        var (exit, output) = await Machine.RunAsync(["restore", "--from", Machine.PathOf("older.alterbackup"), "--yes"]);
        await RestartAsync();

        Assert.True(exit == 0, output);
        Assert.Equal("generation 2", await UseAsync(grant));
        Assert.Equal("grant_revoked", await UseAsync(revoked));
    }
}
