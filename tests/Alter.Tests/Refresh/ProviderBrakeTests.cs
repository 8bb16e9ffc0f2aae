using Alter.Grants;
using Alter.Refresh;
using Alter.Testing;
using Alter.Tokens;
using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Refresh;

/// <summary>A provider with a bad hour must not end everybody's connection.</summary>
public sealed class ProviderBrakeTests(SharedAzurite azurite) : RefreshFixture(azurite)
{
    private static readonly FakeAnswer InvalidGrant = new(400, """{"error":"invalid_grant"}""");
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    protected override TimeProvider Time => time;

    private SealedPlace Place => new(Vault.App.Id, "", Guid.Empty, "erp", "", "");

    [Theory]
    [InlineData(16, 4, false)] // A fifth is not more than a fifth.
    [InlineData(15, 5, true)]
    [InlineData(0, 19, false)] // Too few to say anything.
    [InlineData(0, 20, true)]
    [InlineData(100, 25, false)]
    [InlineData(100, 26, true)]
    public async Task It_comes_on_where_more_than_a_fifth_of_at_least_twenty_are_refused(int accepted, int refused, bool on)
    {
        await NoteAsync(accepted, refused - 1);

        Assert.Equal(on, await Vault.Brake.NoteRefusedAsync(Place));
    }

    [Fact]
    public async Task A_write_that_is_late_leaves_no_earlier_count_behind()
    {
        var (isHeld, release) = (0, new TaskCompletionSource());
        Vault.Network.Before = request => FakeNetwork.IsWrite(request, "outcomes") && Interlocked.Exchange(ref isHeld, 1) is 0 ? release.Task : Task.CompletedTask;
        Vault.Brake.NoteAccepted(Place);
        await Eventually.TrueAsync(() => isHeld is 1, "the first is being written");
        var refused = Vault.Brake.NoteRefusedAsync(Place);
        Assert.NotSame(refused, await Task.WhenAny(refused, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancellation)));
        release.SetResult();
        await refused;

        var table = new TableServiceClient(Azurite.ConnectionString).GetTableClient("outcomes");
        var row = Assert.Single(await table.QueryAsync<TableEntity>(cancellationToken: Cancellation).Where(row => row.RowKey.StartsWith(Place.App + "|", StringComparison.Ordinal)).ToListAsync(Cancellation));
        Assert.Equal((1, 1), (row.GetInt32("accepted"), row.GetInt32("refused")));
    }

    [Fact]
    public async Task All_instances_count()
    {
        using var other = new Vault(new VaultSetup(Azurite.ConnectionString, Vault.App) { Time = time, Keys = KeySource });
        for (var i = 0; i < 10; i++)
        {
            await other.Brake.NoteRefusedAsync(Place);
        }

        await NoteAsync(0, 9);

        Assert.True(await Vault.Brake.NoteRefusedAsync(Place));
    }

    [Fact]
    public async Task Another_app_and_another_provider_do_not_count()
    {
        await NoteAsync(0, 30);

        Assert.False(await Vault.Brake.NoteRefusedAsync(Place with { App = Place.App + "x" }));
        Assert.False(await Vault.Brake.NoteRefusedAsync(Place with { Provider = "erp2" }));
    }

    [Fact]
    public async Task After_twenty_minutes_nothing_of_it_is_left()
    {
        await NoteAsync(0, 30);
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.True(await Vault.Brake.NoteRefusedAsync(Place));
        time.Advance(TimeSpan.FromMinutes(20));

        Assert.False(await Vault.Brake.NoteRefusedAsync(Place));
    }

    [Fact]
    public async Task Across_an_hour_both_hours_count()
    {
        time.Advance(TimeSpan.FromMinutes(55));
        await NoteAsync(0, 19);
        time.Advance(TimeSpan.FromMinutes(10));

        Assert.True(await Vault.Brake.NoteRefusedAsync(Place));
    }

    [Fact]
    public async Task Whatever_somebody_wrote_among_the_outcomes_is_no_outcome()
    {
        await NoteAsync(0, 18);
        var table = new TableServiceClient(Azurite.ConnectionString).GetTableClient("outcomes");
        foreach (var (n, value) in new object[] { "a", -1_000_000, 3.5, true }.Index())
        {
            await table.AddEntityAsync(
                new TableEntity(time.GetUtcNow().ToString("yyyyMMddHH", System.Globalization.CultureInfo.InvariantCulture), $"{Place.App}|erp|{time.GetUtcNow().UtcTicks:D19}|{n}") { ["refused"] = value, ["accepted"] = value },
                Cancellation);
        }

        Assert.False(await Vault.Brake.NoteRefusedAsync(Place)); // The nineteenth.
        Assert.True(await Vault.Brake.NoteRefusedAsync(Place));
    }

    [Fact]
    public async Task Where_storage_does_not_answer_it_is_off()
    {
        await NoteAsync(0, 30);
        Vault.Network.LosesRequest = _ => true;

        Assert.False(await Vault.Brake.NoteRefusedAsync(Place));
    }

    [Fact]
    public async Task While_it_is_on_no_grant_ends_and_all_live_on_afterwards()
    {
        await NoteAsync(0, 30);
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(InvalidGrant);
        var grant = await StaleAsync();

        var refusal = Assert.IsType<ProviderUnreachable>(Refused(await Vault.Refresher.RefreshAsync(grant, Erp)));

        var held = await Vault.ReadAsync(grant);
        Assert.Equal((GrantStatus.Active, 1, "invalid_grant", time.GetUtcNow()), (held.Status, held.Fails, held.LastError, held.RefusedAt!.Value));
        Assert.Contains("unusually many", refusal.Detail, StringComparison.Ordinal);
        Assert.InRange(refusal.RetryAfter!.Value, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(6));
        Assert.Equal(refusal.Detail, Assert.IsType<ProviderUnreachable>(Refused(await Vault.Refresher.RefreshAsync(held, Erp))).Detail); // Put off, and not asked again.
        Assert.Single(Provider.Requests);

        Provider.Token = _ => Task.FromResult<FakeAnswer?>(null);
        time.Advance(TimeSpan.FromMinutes(6));
        var living = Refreshed(await Vault.Refresher.RefreshAsync(held, Erp));
        Assert.Equal((2, null, null), (living.Generation, living.RefusedAt, living.LastError));
    }

    [Fact]
    public async Task What_is_refused_still_after_a_week_ends()
    {
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(InvalidGrant);
        var grant = await StaleAsync(stale => stale with { RefusedAt = time.GetUtcNow() - Grant.RefusedLifetime });
        await NoteAsync(0, 30);

        Assert.IsType<CredentialRevoked>(Refused(await Vault.Refresher.RefreshAsync(grant, Erp)));
    }

    [Fact]
    public async Task What_a_fault_of_the_vault_spent_neither_counts_nor_waits()
    {
        await NoteAsync(0, 30);
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(InvalidGrant);
        var grant = await StaleAsync(stale => stale with { Lease = new RefreshLease("crashed", time.GetUtcNow().AddTicks(-1), 1) });

        Assert.Equal("refresh_interrupted", Assert.IsType<CredentialRevoked>(Refused(await Vault.Refresher.RefreshAsync(grant, Erp))).Cause);
    }

    [Fact]
    public async Task Nor_does_what_was_spent_since_the_backup_it_was_restored_from()
    {
        await NoteAsync(0, 30);
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(InvalidGrant);
        var grant = await StaleAsync(stale => stale with { RestoredFrom = time.GetUtcNow().AddDays(-1) });

        Assert.Equal("restored_from_backup", Assert.IsType<CredentialRevoked>(Refused(await Vault.Refresher.RefreshAsync(grant, Erp))).Cause);
    }

    [Fact]
    public void Braked_grants_come_ever_more_rarely()
    {
        Assert.All(Enumerable.Range(0, 50), _ => Assert.InRange(RefreshSchedule.BackoffWhileBraked(0), TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(6)));
        Assert.All(Enumerable.Range(0, 50), _ => Assert.InRange(RefreshSchedule.BackoffWhileBraked(int.MaxValue), TimeSpan.FromMinutes(48), TimeSpan.FromMinutes(72)));
    }

    [Fact]
    public async Task Old_outcomes_are_deleted_with_the_sweep()
    {
        await NoteAsync(0, 3);
        var table = new TableServiceClient(Azurite.ConnectionString).GetTableClient("outcomes");
        time.Advance(TimeSpan.FromHours(2));

        await Vault.Brake.PurgeAsync(Cancellation);

        Assert.DoesNotContain(
            await table.QueryAsync<TableEntity>(cancellationToken: Cancellation).ToListAsync(Cancellation),
            row => row.RowKey.StartsWith(Place.App + "|", StringComparison.Ordinal));
    }

    private async Task NoteAsync(int accepted, int refused)
    {
        for (var i = 0; i < accepted; i++)
        {
            Vault.Brake.NoteAccepted(Place);
        }

        for (var i = 0; i < refused; i++)
        {
            await Vault.Brake.NoteRefusedAsync(Place);
        }
    }
}
