using Alter.Grants;

namespace Alter.Tests.Backups;

public sealed class RevocationMarkTests(OwnAzurite azurite) : BackupFixture(azurite)
{
    [Fact]
    public async Task A_revocation_whose_mark_cannot_be_written_does_not_happen()
    {
        var grant = await GrantAsync("a@example.com");
        Vault.Network.LosesRequest = request => request.Uri.Path.Contains("revocations", StringComparison.Ordinal);

        await Assert.ThrowsAnyAsync<Exception>(() => Vault.Revocation.RevokeAsync(grant, Cancellation));

        Vault.Network.LosesRequest = _ => false;
        Assert.Equal("generation 1", await UseAsync(grant));
        Assert.True((await Vault.Revocation.RevokeAsync(grant, Cancellation)).Succeeded(out _, out _));
        Assert.Equal("grant_revoked", await UseAsync(grant));
    }

    [Fact]
    public async Task An_erasure_whose_mark_cannot_be_written_erases_nothing()
    {
        var grant = await GrantAsync("a@example.com");
        var owner = await Vault.OwnerAsync();
        Vault.Network.LosesRequest = request => request.Uri.Path.Contains("revocations", StringComparison.Ordinal);

        await Assert.ThrowsAnyAsync<Exception>(() => Vault.Erasure.RunAsync(owner, Cancellation));

        Assert.Equal("generation 1", await UseAsync(grant));
    }

    [Fact]
    public async Task A_mark_says_when_and_names_nobody()
    {
        var grant = await GrantAsync("a@example.com");
        Assert.True((await Vault.Revocation.RevokeAsync(grant, Cancellation)).Succeeded(out _, out _));

        var mark = Assert.Single(await RowsAsync("revocations"));

        Assert.Equal((grant.Key.Partition, $"g|{grant.Id:D}", Time.GetUtcNow()), (mark.PartitionKey, mark.RowKey, mark.GetDateTimeOffset("marked_at")!.Value));
        Assert.Equal(["marked_at"], mark.Keys.Except(["PartitionKey", "RowKey", "Timestamp", "odata.etag"]));
    }

    [Fact]
    public async Task Marks_outlive_every_backup_that_may_be_restored_and_then_go()
    {
        var (early, late) = (await GrantAsync("a@example.com"), await GrantAsync("b@example.com"));
        Assert.True((await Vault.Revocation.RevokeAsync(early, Cancellation)).Succeeded(out _, out _));
        Time.Advance(TimeSpan.FromDays(1));
        Assert.True((await Vault.Revocation.RevokeAsync(late, Cancellation)).Succeeded(out _, out _));
        Time.Advance(RevocationMarks.Kept - TimeSpan.FromDays(1));
        await Vault.Sweep.RunAsync(Cancellation);
        Assert.Equal(2, (await RowsAsync("revocations")).Count);

        Time.Advance(TimeSpan.FromDays(1)); // Exactly the late one's 100 days: it stays.
        await Vault.Sweep.RunAsync(Cancellation);

        Assert.Equal([$"g|{late.Id:D}"], (await RowsAsync("revocations")).Select(row => row.RowKey));
    }
}
