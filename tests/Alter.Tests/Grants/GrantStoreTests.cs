using Alter.Grants;
using Alter.Testing;
using Azure;

namespace Alter.Tests.Grants;

public sealed class GrantStoreTests(SharedAzurite azurite) : GrantFixture(azurite)
{
    [Fact]
    public async Task Every_field_comes_back_to_the_tick()
    {
        var now = Time.GetUtcNow();
        var written = await GrantAsync(draft => draft.Change = grant => grant with
        {
            Cause = "cause",
            RevocationToken = new RevocationToken([1, 2, 3], IsAccessToken: true),
            RevocationOutcome = RevocationOutcomes.GaveUp,
            ExpiresAt = now.AddTicks(3),
            MaxExpiresAt = now.AddTicks(4),
            RevokedAt = now.AddTicks(5),
            DueAt = now.AddTicks(6),
            NextAttemptAt = now.AddTicks(7),
            Lease = new RefreshLease("operation", now.AddTicks(8), 9),
            Fails = 10,
            LastError = "provider_timeout",
            AccessTokenLifetime = TimeSpan.FromSeconds(3599),
        });

        var read = await Vault.ReadAsync(written);

        Assert.Equivalent(written, read, strict: true);
        Assert.Equal((now.AddTicks(3), now.AddTicks(8)), (read.ExpiresAt!.Value, read.Lease!.Until));
        Assert.True(read.IsAuthentic(await Vault.Ring.CurrentAsync(Cancellation)));
    }

    [Fact]
    public async Task Of_32_racing_writers_one_wins_in_every_round()
    {
        var grant = await GrantAsync();
        for (var round = 0; round < 10; round++)
        {
            var read = await Vault.ReadAsync(grant);

            var written = await Task.WhenAll(Enumerable.Range(0, 32).Select(racer => Vault.Store.TryReplaceAsync(read with { Fails = racer }, Cancellation)));

            var winner = Assert.Single(written.OfType<Grant>());
            var after = await Vault.ReadAsync(grant);
            Assert.Equal((winner.Fails, winner.ETag), (after.Fails, after.ETag));
        }
    }

    [Fact]
    public async Task A_write_whose_answer_got_lost_is_known_for_ones_own()
    {
        var grant = await GrantAsync();
        Vault.Network.LoseNextAnswer(request => FakeNetwork.IsWrite(request, "grants"));

        var written = await Vault.Store.TryReplaceAsync(grant with { Fails = 7 }, Cancellation);

        Assert.NotNull(written);
        Assert.Equal((7, written.ETag), ((await Vault.ReadAsync(grant)).Fails, (await Vault.ReadAsync(grant)).ETag));
    }

    [Fact]
    public async Task A_row_that_was_deleted_and_made_again_is_another_row()
    {
        var grant = await GrantAsync();
        var row = await RowAsync(grant.Key);
        await Rows.DeleteEntityAsync(row, ETag.All, Cancellation);
        Assert.Null(await Vault.Store.TryReplaceAsync(grant, Cancellation));
        await Rows.AddEntityAsync(row, Cancellation);

        Assert.Null(await Vault.Store.TryReplaceAsync(grant, Cancellation));
    }

    [Fact]
    public async Task Of_16_finishes_of_one_session_one_stores_its_grant()
    {
        var owner = await Vault.OwnerAsync();
        var key = await Vault.Ring.CurrentAsync(Cancellation);
        var grants = Enumerable.Range(0, 16).Select(n => A.Grant(key, draft => (draft.Owner, draft.AccountKey) = (owner, $"account{n}"))).ToArray();
        var marker = Vault.Marker(grants[0]);

        var written = await Task.WhenAll(grants.Select(grant => Vault.Store.ConnectAsync(grant, null, marker with { GrantId = grant.Id }, UserMark.None, Cancellation)));

        Assert.Single(written, write => write is ConnectWrite.Stored);
        Assert.Equal(15, written.Count(write => write is ConnectWrite.SessionUsed));
        var stored = await Vault.Store.ListAllAsync(owner, Cancellation);
        Assert.Equal(Assert.Single(stored.Grants).Id, Assert.Single(stored.Markers).GrantId);
    }

    [Fact]
    public async Task Of_16_sessions_for_one_account_one_is_first_and_the_others_read_again()
    {
        var owner = await Vault.OwnerAsync();
        var key = await Vault.Ring.CurrentAsync(Cancellation);
        var grants = Enumerable.Range(0, 16).Select(_ => A.Grant(key, draft => draft.Owner = owner)).ToArray();

        var written = await Task.WhenAll(grants.Select(grant => Vault.Store.ConnectAsync(grant, null, Vault.Marker(grant), UserMark.None, Cancellation)));

        Assert.Single(written, write => write is ConnectWrite.Stored);
        Assert.Equal(15, written.Count(write => write is ConnectWrite.GrantChanged));
        Assert.Single((await Vault.Store.ListAllAsync(owner, Cancellation)).Markers); // Nothing of the losers stays.
    }

    [Fact]
    public async Task A_transaction_whose_answer_got_lost_is_known_for_ones_own()
    {
        var grant = A.Grant(await Vault.Ring.CurrentAsync(Cancellation), draft => draft.Owner = new GrantOwner(Vault.App.Id, new string('c', 64)));
        await Vault.Tables.EnsureAsync(Cancellation);
        Vault.Network.LoseNextAnswer(request => FakeNetwork.IsWrite(request, "grants"));

        Assert.Equal(ConnectWrite.Stored, await Vault.Store.ConnectAsync(grant, null, Vault.Marker(grant), UserMark.None, Cancellation));
        Assert.Equal(ConnectWrite.GrantChanged, await Vault.Store.ConnectAsync(grant, null, Vault.Marker(grant), UserMark.None, Cancellation));
    }

    [Fact]
    public async Task A_successor_leaves_a_tombstone_that_is_still_found_by_id()
    {
        var revoked = await GrantAsync(draft => draft.Change = grant => grant.Ended(GrantStatus.Revoked, null, Time.GetUtcNow()));
        var successor = A.Grant(await Vault.Ring.CurrentAsync(Cancellation), draft => draft.Owner = new GrantOwner(revoked.Place.App, revoked.Place.UserHash)) with { Key = revoked.Key };

        Assert.Equal(ConnectWrite.Stored, await Vault.Store.ConnectAsync(successor, revoked, Vault.Marker(successor), await Vault.UserAsync(successor), Cancellation));

        var owner = await Vault.OwnerAsync();
        Assert.Equal(GrantStatus.Revoked, (await Vault.Store.FindAsync(owner, revoked.Id, Cancellation))?.Status);
        Assert.Equal(GrantStatus.Active, (await Vault.Store.FindAsync(owner, successor.Id, Cancellation))?.Status);
        Assert.Equal(successor.Id, Assert.Single(await Vault.Store.ListAsync(owner, "erp", Cancellation)).Id);
        Assert.Equal(revoked.Id, (await Vault.Store.ReadAsync(revoked.Key, revoked.Id, Cancellation))?.Id);
    }

    [Fact]
    public async Task Users_whose_hashes_begin_alike_share_a_partition_and_nothing_else()
    {
        var grant = await GrantAsync();
        var owner = await Vault.OwnerAsync();
        var twin = new GrantOwner(owner.App, owner.Hash[..15] + new string('0', 49));

        Assert.Equal(owner.Partition, twin.Partition);
        Assert.Empty(await Vault.Store.ListAsync(twin, "erp", Cancellation));
        Assert.Empty((await Vault.Store.ListAllAsync(twin, Cancellation)).Grants);
        Assert.Null(await Vault.Store.FindAsync(twin, grant.Id, Cancellation));
    }

    [Theory]
    [InlineData("erp' or PartitionKey gt '")]
    [InlineData("er")]
    [InlineData("erpx")]
    [InlineData("")]
    public async Task A_provider_that_is_another_finds_nothing(string provider)
    {
        await GrantAsync();

        Assert.Empty(await Vault.Store.ListAsync(await Vault.OwnerAsync(), provider, Cancellation));
    }

    [Fact]
    public async Task The_note_of_last_use_is_a_row_of_its_own()
    {
        var grant = await GrantAsync();

        await Vault.Store.NoteUseAsync(grant);

        Assert.Equal(grant.ETag, (await Vault.ReadAsync(grant)).ETag);
        Assert.Equal(Time.GetUtcNow(), (await Vault.Store.ListAllAsync(await Vault.OwnerAsync(), Cancellation)).LastUsed[grant.Id]);
    }

    [Fact]
    public async Task The_salt_is_made_once_by_instances_that_start_together()
    {
        await using var empty = await Azurite.StartAsync();
        var vaults = Enumerable.Range(0, 6).Select(_ => new Vault(new VaultSetup(empty.ConnectionString, Vault.App))).ToArray();

        var owners = await Task.WhenAll(vaults.Select(vault => vault.OwnerAsync()));

        Assert.Single(owners.Distinct());
        Assert.NotEqual(owners[0], await Vault.OwnerAsync()); // Another deployment, another salt.
        Array.ForEach(vaults, vault => vault.Dispose());
    }
}
