using Alter.Grants;
using Alter.Storage;
using Alter.Testing;

namespace Alter.Tests.Grants;

public sealed class GrantRevocationTests(SharedAzurite azurite) : GrantFixture(azurite)
{
    [Fact]
    public async Task A_revoked_grant_is_refused_on_the_next_call()
    {
        var grant = await GrantAsync();

        await RevokeAsync(grant);

        using var another = Vault.Another();
        Assert.True((await another.Resolution.ResolveAsync(await Vault.OwnerAsync(), "erp", null, Cancellation)).Succeeded(out var found, out _));
        Assert.IsType<GrantRevoked>(found.RefusalAt(Time.GetUtcNow()));
        Assert.Equal((null, null), await Vault.TokensAsync(found));
    }

    [Fact]
    public async Task Revoking_again_answers_the_first_instant()
    {
        var grant = await GrantAsync();
        var first = await RevokeAsync(grant);
        Time.Advance(TimeSpan.FromHours(1));

        var second = await RevokeAsync(await Vault.ReadAsync(grant));
        var third = await RevokeAsync(grant); // With the row as it was before the first.

        Assert.Equal((first.RevokedAt, first.RevokedAt), (second.RevokedAt, third.RevokedAt));
        Assert.All(new[] { first, second, third }, revocation => Assert.True(revocation.Success));
    }

    [Fact]
    public async Task Eight_who_revoke_at_once_all_succeed()
    {
        var grant = await GrantAsync();

        var revocations = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RevokeAsync(grant)));

        Assert.All(revocations, revocation => Assert.True(revocation.Success));
        await Vault.AtProvider.RunAsync(MessageFor(grant), Cancellation);
        Assert.Single(Provider.Revocations);
    }

    [Fact]
    public async Task A_revocation_needs_no_key()
    {
        var grant = await GrantAsync();
        await EditAsync(grant.Key, row => (row["kek"], row["mac"]) = (new string('0', 32), Array.Empty<byte>()));

        await RevokeAsync(await Vault.ReadAsync(grant));

        Assert.Equal(GrantStatus.Revoked, (await Vault.ReadAsync(grant)).Status);
    }

    [Fact]
    public async Task A_revocation_whose_answer_got_lost_is_still_one()
    {
        var grant = await GrantAsync();
        Vault.Network.LoseNextAnswer(request => FakeNetwork.IsWrite(request, "grants"));

        Assert.Equal("The grant is revoked.", (await RevokeAsync(grant)).Message);
    }

    [Fact]
    public async Task A_row_that_was_written_meanwhile_is_revoked_as_it_is_now()
    {
        var grant = await GrantAsync();
        await Vault.Store.TryReplaceAsync(grant with { Fails = 3 }, Cancellation);

        await RevokeAsync(grant);

        Assert.Equal((GrantStatus.Revoked, 3), ((await Vault.ReadAsync(grant)).Status, (await Vault.ReadAsync(grant)).Fails));
    }

    [Fact]
    public async Task A_successor_under_the_same_key_is_never_revoked()
    {
        var old = await GrantAsync();
        await RevokeAsync(old);
        var revoked = await Vault.ReadAsync(old);
        var successor = A.Grant(await Vault.Ring.CurrentAsync(Cancellation), draft => draft.Owner = new GrantOwner(old.Place.App, old.Place.UserHash)) with { Key = old.Key };
        await Vault.Store.ConnectAsync(successor, revoked, Vault.Marker(successor), await Vault.UserAsync(successor), Cancellation);

        await RevokeAsync(old);
        await Vault.AtProvider.RunAsync(MessageFor(old), Cancellation);

        Assert.Equal((GrantStatus.Active, successor.Id), ((await Vault.ReadAsync(old)).Status, (await Vault.ReadAsync(old)).Id));
        Assert.Single(Provider.Revocations); // The old one's own.
    }

    [Fact]
    public async Task A_crash_before_the_message_is_healed_by_the_due_row()
    {
        var grant = await GrantAsync();
        var token = (await Vault.TokensAsync(grant)).Refresh;
        var ended = grant.Ended(GrantStatus.Revoked, null, Time.GetUtcNow());
        await Vault.Due.AddAsync(ended, ended.DueAt!.Value, Cancellation);
        await Vault.Store.TryReplaceAsync(ended, Cancellation);
        // Dies here: no message.

        await Vault.DueGrants.RunAsync(DueMessageFor(ended), 1, Cancellation);

        Assert.Equal([token!], Provider.Revocations);
        var after = await Vault.ReadAsync(grant);
        Assert.Equal((RevocationOutcomes.Confirmed, null, null), (after.RevocationOutcome, after.RevocationToken, after.DueAt));
        Assert.False(await Vault.Due.ContainsAsync(grant.Id, ended.DueAt.Value, Cancellation));
    }

    [Fact]
    public async Task A_queue_that_is_down_does_not_make_a_revocation_fail()
    {
        var grant = await GrantAsync();
        var storage = System.Text.RegularExpressions.Regex.Replace(Storage, @"QueueEndpoint=http://127\.0\.0\.1:\d+", "QueueEndpoint=http://127.0.0.1:1");
        using var cutOff = new Vault(new VaultSetup(storage, Vault.App) { Time = Time });

        Assert.True((await cutOff.Revocation.RevokeAsync(grant, Cancellation)).Succeeded(out _, out _));

        var revoked = await Vault.ReadAsync(grant);
        Assert.True(await Vault.Due.ContainsAsync(grant.Id, revoked.DueAt!.Value, Cancellation));
    }

    private static GrantMessage MessageFor(Grant grant) => GrantRevocation.MessageFor(grant);

    private static GrantMessage DueMessageFor(Grant grant) => MessageFor(grant) with { Kind = "due" };

    private async Task<Revocation> RevokeAsync(Grant grant)
    {
        Assert.True((await Vault.Revocation.RevokeAsync(grant, Cancellation)).Succeeded(out var revocation, out var refusal), refusal?.Code);
        return revocation;
    }
}
