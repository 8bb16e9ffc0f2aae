using Alter.Grants;
using Alter.Keys;
using Alter.Testing;
using Alter.Tests.Refresh;
using Azure.Data.Tables;

namespace Alter.Tests.Grants.Rotation;

/// <summary>What a new key version does to rows of every kind (storage: the key is a version in each row).</summary>
public sealed class RewrapTests(OwnAzurite azurite) : RewrapFixture(azurite)
{
    private static readonly string[] Touched = ["op", "kek", "dek", "mac", "odata.etag", "Timestamp"];

    [Fact]
    public async Task Every_grant_comes_under_the_new_version_and_nothing_but_its_data_key_is_written()
    {
        var grants = await GrantsAsync(5);
        var before = await Task.WhenAll(grants.Select(RowAsync));
        var tokens = await Task.WhenAll(grants.Select(grant => Vault.TokensAsync(grant)));
        await EditAsync(grants[0], row => row["of_a_later_version"] = "kept");
        await RotateAsync();

        await WalkAsync();

        KeySource.Versions.RemoveAt(0);
        using var another = Vault.Another(); // It never had the old key, and cannot get it.
        foreach (var (grant, old, token) in grants.Zip(before, tokens))
        {
            var row = await RowAsync(grant);
            Assert.Equal(Current.Version, row.GetString("kek"));
            Assert.Equal(token.Access, await TokenAsync(grant, another));
            Assert.Equal(token, await another.TokensAsync(await another.ReadAsync(grant)));
            Assert.All(old.Where(column => !Touched.Contains(column.Key)), column => Assert.Equal(column.Value, row[column.Key]));
        }

        Assert.Equal("kept", (await RowAsync(grants[0])).GetString("of_a_later_version"));
    }

    [Theory]
    [InlineData(GrantStatus.Revoked)]
    [InlineData(GrantStatus.Expired)]
    public async Task An_ended_grant_keeps_its_profile_and_the_token_its_provider_is_to_be_told_of(GrantStatus status)
    {
        var grant = await GrantAsync();
        var refresh = (await Vault.TokensAsync(grant)).Refresh;
        await Vault.Store.TryReplaceAsync(grant.Ended(status, null, Time.GetUtcNow()), Cancellation);
        await RotateAsync();

        await WalkAsync();

        KeySource.Versions.RemoveAt(0);
        using var another = Vault.Another();
        var ended = await another.ReadAsync(grant);
        Assert.Equal((status, Current.Version), (ended.Status, ended.Secrets.KeyVersion));
        Assert.Equal("ada@example.com", (await another.Keys.ReadProfileAsync(ended, Cancellation))?.Identifier);
        var token = ended.RevocationToken!;
        Assert.Equal(refresh, (await another.TokensAsync(ended with { Secrets = ended.Secrets with { RefreshToken = token.Sealed } })).Refresh);
    }

    [Fact]
    public async Task A_refused_token_that_is_held_can_be_tried_again_under_the_new_version()
    {
        var grant = await GrantAsync(change: row => row.Refused(CredentialCauses.InvalidGrant, Time.GetUtcNow()));
        var refresh = (await Vault.TokensAsync(grant)).Refresh;
        await RotateAsync();

        await WalkAsync();

        KeySource.Versions.RemoveAt(0);
        using var another = Vault.Another();
        var held = await another.ReadAsync(grant);
        Assert.True(held.IsAuthentic(Current));
        Assert.Equal(refresh, (await another.TokensAsync(held)).Refresh);
    }

    [Fact]
    public async Task An_ended_grant_that_was_authentic_stays_so_and_one_that_was_not_does_not_become_so()
    {
        var authentic = await GrantAsync("authentic@example.com", row => row with { Status = GrantStatus.CredentialRevoked });
        var not = await GrantAsync("not@example.com", row => row with { Status = GrantStatus.CredentialRevoked });
        await EditAsync(not, row => row["scopes"] = """["admin"]""");
        await RotateAsync();

        await WalkAsync();

        Assert.True((await Vault.ReadAsync(authentic)).IsAuthentic(Current));
        var row = await Vault.ReadAsync(not);
        Assert.Equal(Current.Version, row.Secrets.KeyVersion);
        Assert.False(row.IsAuthentic(Current));
    }

    [Fact]
    public async Task A_tombstone_and_a_row_that_no_longer_waits_come_too()
    {
        var old = Current;
        var owner = await Vault.OwnerAsync();
        foreach (var key in new[] { $"~g|{Guid.NewGuid():D}", "~p|session|erp" })
        {
            await AddAsync(old, owner, row => row with { Key = row.Key with { Row = key }, Status = GrantStatus.Revoked, RevokedAt = Time.GetUtcNow() });
        }

        Time.Advance(Grant.PendingLifetime);
        await RotateAsync();
        await WalkAsync();

        Assert.Equal(new RewrapRows(2, Rewrapped: 2), (await ProgressAsync()).Last!.Rows[old.Version]);
    }

    [Fact]
    public async Task What_waits_to_be_completed_is_left_alone_while_it_may_be()
    {
        var old = Current;
        await RotateAsync();
        var owner = await Vault.OwnerAsync();
        await AddAsync(old, owner, row => row with { Key = row.Key with { Row = "~p|session|erp" }, Status = GrantStatus.Pending });

        await WalkAsync();
        Assert.Equal(new RewrapRows(1, Skipped: 1), (await ProgressAsync()).Last!.Rows[old.Version]);

        Settle();
        await WalkAsync();
        Assert.Equal(new RewrapRows(1, Rewrapped: 1), (await ProgressAsync()).Last!.Rows[old.Version]);
    }

    [Fact]
    public async Task A_grant_that_is_being_refreshed_is_left_to_the_next_walk()
    {
        var old = Current;
        var grant = await GrantAsync();
        await RotateAsync();
        var leased = await Vault.Store.TryReplaceAsync(grant with { Lease = new RefreshLease("owner", Time.GetUtcNow().AddSeconds(45), 1) }, Cancellation);

        await WalkAsync();
        Assert.Equal(leased!.ETag, (await Vault.ReadAsync(grant)).ETag);
        Assert.False((await ProgressAsync()).IsSafeToDisable(old.Version, Time.GetUtcNow()));

        Settle();
        await WalkAsync();
        var row = await Vault.ReadAsync(grant);
        Assert.Equal((Current.Version, leased.Lease), (row.Secrets.KeyVersion, row.Lease)); // The lease that lapsed still says that its token may have been presented.
    }

    [Fact]
    public async Task A_lease_longer_than_any_holds_nothing_up()
    {
        var grant = await GrantAsync();
        await EditAsync(grant, row => (row["lease_op"], row["lease_until"], row["lease_gen"]) = ("mallory", DateTimeOffset.MaxValue, 1));
        await RotateAsync();

        await WalkAsync();

        Assert.Equal(Current.Version, (await Vault.ReadAsync(grant)).Secrets.KeyVersion);
    }

    [Fact]
    public async Task A_row_that_somebody_writes_meanwhile_is_left_to_the_next_walk()
    {
        var grant = await GrantAsync();
        await RotateAsync();
        using var another = Vault.Another();
        var theirs = 0;
        Vault.Network.Before = async request =>
        {
            if (request.Method == Azure.Core.RequestMethod.Patch && Interlocked.Exchange(ref theirs, 1) == 0)
            {
                Assert.True((await another.Revocation.RevokeAsync(grant, Cancellation)).Succeeded(out _, out _));
            }
        };

        await WalkAsync();

        var revoked = await Vault.ReadAsync(grant);
        Assert.Equal((1, GrantStatus.Revoked, grant.Secrets.KeyVersion), (theirs, revoked.Status, revoked.Secrets.KeyVersion));
        Settle();
        await WalkAsync();
        Assert.Equal((GrantStatus.Revoked, Current.Version), ((await Vault.ReadAsync(grant)).Status, (await Vault.ReadAsync(grant)).Secrets.KeyVersion));
    }

    [Fact]
    public async Task A_forged_row_is_counted_and_never_written()
    {
        var old = Current;
        var (edited, revived, copied, good) = (await GrantAsync("edited@example.com"), await GrantAsync("revived@example.com"), await GrantAsync("copied@example.com"), await GrantAsync());
        await EditAsync(edited, row => row["scopes"] = """["admin"]""");
        await Vault.Store.TryReplaceAsync(revived.Ended(GrantStatus.Revoked, null, Time.GetUtcNow()), Cancellation);
        await EditAsync(revived, row => row["status"] = "active");
        var mallory = await Vault.OwnerAsync("mallory");
        var copy = await RowAsync(copied);
        (copy.PartitionKey, copy["uh"]) = (mallory.Partition, mallory.Hash);
        await Rows.AddEntityAsync(copy, Cancellation);
        await Rows.AddEntityAsync(new TableEntity("!", "") { ["kek"] = 5, ["gid"] = "x" }, Cancellation);
        await RotateAsync();

        await WalkAsync();

        var last = (await ProgressAsync()).Last!;
        Assert.Equal(new RewrapRows(5, Rewrapped: 2, Broken: 3), last.Rows[old.Version]);
        Assert.Equal(new RewrapRows(1, KeyMissing: 1), last.Rows[RewrapPass.Others]);
        Assert.Equal([old.Version, old.Version, old.Version], [(await RowAsync(edited)).GetString("kek"), (await RowAsync(revived)).GetString("kek"), (await CopyAsync()).GetString("kek")]);
        Assert.All(new[] { edited, revived }, grant => Assert.Null(TokenAsync(grant).GetAwaiter().GetResult()));
        Assert.NotNull(await TokenAsync(good));

        async Task<TableEntity> CopyAsync() => await Rows.GetEntityAsync<TableEntity>(mallory.Partition, copied.Key.Row, cancellationToken: Cancellation);
    }

    [Fact]
    public async Task A_row_re_wrapped_while_it_was_made_to_look_ended_does_not_come_back_to_life()
    {
        var grant = await GrantAsync();
        var before = await RowAsync(grant);
        await EditAsync(grant, row => row["status"] = "revoked"); // Its tokens stay where they were.
        await RotateAsync();

        await WalkAsync();

        await EditAsync(grant, row => row["status"] = "active");
        Assert.Equal(Current.Version, (await RowAsync(grant)).GetString("kek"));
        Assert.Null(await TokenAsync(grant));
        await EditAsync(grant, row => row["mac"] = before["mac"]);
        Assert.Null(await TokenAsync(grant));
    }

    [Fact]
    public async Task Where_a_version_is_lost_only_its_grants_are_and_they_are_whole_again_once_it_is_back()
    {
        var lost = Current;
        var theirs = await GrantAsync("lost@example.com");
        await RotateAsync();
        var kept = Current;
        var others = await GrantsAsync(3);
        KeySource.Versions.Remove(lost);
        await RotateAsync();
        var row = await RowAsync(theirs);

        await WalkAsync();
        Settle();
        await WalkAsync();

        Time.Advance(TimeSpan.FromMinutes(5));
        await WalkAsync();
        Assert.All(others, grant => Assert.NotNull(TokenAsync(grant).GetAwaiter().GetResult()));
        Assert.False((await Vault.AccessTokens.GetAsync(await Vault.ReadAsync(theirs), Vault.App.Providers["erp"], Cancellation)).Succeeded(out _, out var refusal));
        Assert.IsType<KeyUnavailable>(refusal);
        Assert.Equal(row.ETag, (await RowAsync(theirs)).ETag);
        var progress = await ProgressAsync();
        Assert.Equal(1, progress.Last!.Rows[lost.Version].KeyMissing);
        Assert.Equal((false, true), (progress.IsSafeToDisable(lost.Version, Time.GetUtcNow()), progress.IsSafeToDisable(kept.Version, Time.GetUtcNow())));

        KeySource.Versions.Insert(0, lost);
        Time.Advance(TimeSpan.FromDays(1));
        await WalkAsync();
        Assert.Equal(Current.Version, (await RowAsync(theirs)).GetString("kek"));
        Assert.NotNull(await TokenAsync(theirs));
    }

    private async Task AddAsync(KeyEncryptionKey key, GrantOwner owner, Func<Grant, Grant> change)
    {
        var grant = A.Grant(key, draft => (draft.Owner, draft.CreatedAt, draft.Change) = (owner, Time.GetUtcNow(), change));
        await Vault.Tables.EnsureAsync(Cancellation);
        await Rows.AddEntityAsync(GrantRow.From(grant, "test"), Cancellation);
    }
}
