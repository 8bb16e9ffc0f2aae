using Alter.Grants;
using Alter.Refresh;
using Alter.Testing;

namespace Alter.Tests.Refresh;

public sealed class GrantRefresherRaceTests(SharedAzurite azurite) : RefreshFixture(azurite)
{
    private readonly TaskCompletionSource arrived = new();
    private readonly TaskCompletionSource answer = new();

    [Fact]
    public async Task Fifty_callers_on_two_instances_redeem_a_refresh_token_once()
    {
        var grant = await StaleAsync();
        var spent = (await Vault.TokensAsync(grant)).Refresh!;
        using var another = Vault.Another();
        Provider.BeforeAnswer = _ => Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);

        var used = await Task.WhenAll(Enumerable.Range(0, 50).Select(caller => (caller % 2 == 0 ? Vault : another).AccessTokens.GetAsync(grant, Erp, Cancellation).AsTask()));

        Assert.Equal(1, Provider.Redemptions(spent));
        var token = Assert.Single(used.Select(outcome => outcome.Succeeded(out var usable, out var refusal) ? usable.Token.Reveal() : refusal.Code).Distinct());
        Assert.True(Provider.Accepts(token));
        Assert.Equal(2, (await Vault.ReadAsync(grant)).Generation);
    }

    [Fact]
    public async Task A_new_access_token_is_used_only_once_the_rotated_refresh_token_is_stored()
    {
        var grant = await StaleAsync();
        var stored = new TaskCompletionSource();
        var writing = new TaskCompletionSource();
        Provider.BeforeAnswer = _ =>
        {
            Vault.Network.Before = request =>
            {
                if (!FakeNetwork.IsWrite(request, "grants"))
                {
                    return Task.CompletedTask;
                }

                writing.TrySetResult();
                return stored.Task;
            };
            return Task.CompletedTask;
        };

        var call = Vault.AccessTokens.GetAsync(grant, Erp, Cancellation);
        await writing.Task;
        Assert.False(call.IsCompleted);
        stored.SetResult();

        Assert.True((await call).Succeeded(out var usable, out _));
        var (access, refresh) = await Vault.TokensAsync(await Vault.ReadAsync(grant));
        Assert.Equal(access, usable.Token.Reveal());
        Assert.Equal(0, Provider.Redemptions(refresh!));
    }

    [Fact]
    public async Task Storage_that_fails_after_the_provider_answered_is_tried_until_it_takes_the_tokens()
    {
        var grant = await StaleAsync();
        var losses = 0;
        Provider.BeforeAnswer = _ =>
        {
            // More than the table client tries by itself, and the due index with it.
            Vault.Network.LosesRequest = request => request.Method != Azure.Core.RequestMethod.Get && Interlocked.Increment(ref losses) <= 9;
            return Task.CompletedTask;
        };

        var refreshed = Refreshed(await Vault.Refresher.RefreshAsync(grant, Erp));

        Assert.True(losses > 9);
        Assert.Equal(2, refreshed.Generation);
        Assert.Equal(await Vault.TokensAsync(refreshed), await Vault.TokensAsync(await Vault.ReadAsync(grant)));
        Assert.Single(Provider.Requests);
    }

    [Theory]
    [InlineData(1)] // The lease.
    [InlineData(2)] // The tokens.
    public async Task A_write_whose_answer_got_lost_does_not_lock_out_its_writer(int lost)
    {
        var grant = await StaleAsync();
        var writes = 0;
        Vault.Network.LosesAnswer = request => FakeNetwork.IsWrite(request, "grants") && Interlocked.Increment(ref writes) == lost;

        var refreshed = Refreshed(await Vault.Refresher.RefreshAsync(grant, Erp));

        Assert.Equal((2, (RefreshLease?)null), (refreshed.Generation, refreshed.Lease));
        Assert.Single(Provider.Requests);
        Assert.True(Provider.Accepts((await Vault.TokensAsync(refreshed)).Access!));
    }

    [Fact]
    public async Task A_refusal_does_not_end_a_grant_that_was_renewed_meanwhile()
    {
        var grant = await StaleAsync();
        Hold(new FakeAnswer(400, """{"error":"invalid_grant"}"""));
        var refreshing = Vault.Refresher.RefreshAsync(grant, Erp);
        await arrived.Task;
        var renewed = await ReconsentAsync(grant);
        answer.SetResult();

        Assert.Equal(renewed.ETag, Refreshed(await refreshing).ETag);
        Assert.Equal(GrantStatus.Active, (await Vault.ReadAsync(grant)).Status);
    }

    [Fact]
    public async Task Tokens_of_a_renewal_are_kept_over_those_of_a_refresh()
    {
        var grant = await StaleAsync();
        Hold(null);
        var refreshing = Vault.Refresher.RefreshAsync(grant, Erp);
        await arrived.Task;
        var renewed = await ReconsentAsync(grant);
        answer.SetResult();

        Assert.Equal(renewed.ETag, Refreshed(await refreshing).ETag);
        Assert.Equal(await Vault.TokensAsync(renewed), await Vault.TokensAsync(await Vault.ReadAsync(grant)));
    }

    [Fact]
    public async Task A_grant_revoked_during_its_refresh_stays_revoked_and_the_new_token_dies_at_the_provider()
    {
        var grant = await StaleAsync();
        Hold(null);
        var refreshing = Vault.Refresher.RefreshAsync(grant, Erp);
        await arrived.Task;
        Assert.True((await Vault.Revocation.RevokeAsync(grant, Cancellation)).Succeeded(out _, out _));
        answer.SetResult();

        Assert.IsType<GrantRevoked>(Refused(await refreshing));
        var revoked = await Vault.ReadAsync(grant);
        Assert.Equal((GrantStatus.Revoked, 1, (byte[]?)null), (revoked.Status, revoked.Generation, revoked.Secrets.AccessToken));
        Assert.StartsWith("refresh-", Assert.Single(Provider.Revocations), StringComparison.Ordinal);
        Assert.NotEqual(Provider.Requests.Single().RefreshToken, Provider.Revocations.Single());
    }

    [Fact]
    public async Task A_row_written_meanwhile_for_another_reason_takes_the_tokens_all_the_same()
    {
        var grant = await StaleAsync();
        Hold(null);
        var refreshing = Vault.Refresher.RefreshAsync(grant, Erp);
        await arrived.Task;
        await Vault.Store.TryReplaceAsync(await Vault.ReadAsync(grant) with { RevocationOutcome = "bumped" }, Cancellation);
        answer.SetResult();

        Assert.Equal((2, "bumped"), (Refreshed(await refreshing).Generation, (await Vault.ReadAsync(grant)).RevocationOutcome));
    }

    [Theory]
    [InlineData(false)] // Before the lease is taken.
    [InlineData(true)] // While the provider is asked.
    public async Task A_row_re_wrapped_under_another_key_during_its_refresh_takes_the_tokens_all_the_same(bool isLeased)
    {
        var grant = await StaleAsync();
        var old = KeySource.Versions[0];
        KeySource.Versions.Add(A.Key());
        Task RewrapNowAsync() => RewrapAsync(grant, old, KeySource.Versions[1]);
        if (isLeased)
        {
            Provider.BeforeAnswer = _ => RewrapNowAsync();
        }
        else
        {
            var lease = 0;
            Vault.Network.Before = request => FakeNetwork.IsWrite(request, "grants") && Interlocked.Exchange(ref lease, 1) == 0 ? RewrapNowAsync() : Task.CompletedTask;
        }

        var refreshed = Refreshed(await Vault.Refresher.RefreshAsync(grant, Erp));

        Assert.Equal(2, refreshed.Generation);
        Assert.Single(Provider.Requests);
        var stored = await Vault.ReadAsync(grant);
        Assert.True(stored.IsAuthentic((await Vault.Ring.FindAsync(stored.Secrets.KeyVersion, Cancellation))!));
        Assert.True(Provider.Accepts((await Vault.TokensAsync(stored)).Access!));
    }

    [Fact]
    public async Task A_row_broken_meanwhile_is_not_built_upon()
    {
        var grant = await StaleAsync();
        Hold(null);
        var refreshing = Vault.Refresher.RefreshAsync(grant, Erp);
        await arrived.Task;
        await Vault.Store.TryReplaceAsync(await Vault.ReadAsync(grant) with { Scopes = ["admin"] }, Cancellation);
        answer.SetResult();

        Assert.Equal(["orders.read", "orders.write"], Refreshed(await refreshing).Scopes);
        Assert.True((await Vault.ReadAsync(grant)).IsAuthentic(await Vault.Ring.CurrentAsync(Cancellation)));
    }

    [Fact]
    public async Task A_refusal_does_not_end_a_grant_whose_lease_another_took_over()
    {
        var grant = await StaleAsync();
        Hold(new FakeAnswer(400, """{"error":"invalid_grant"}"""));
        var refreshing = Vault.Refresher.RefreshAsync(grant, Erp);
        await arrived.Task;
        // This process froze past its lease; another now has the same token at the provider.
        var takenOver = await Vault.ReadAsync(grant) with { Lease = new RefreshLease("another", Time.GetUtcNow().AddSeconds(45), 1) };
        await Vault.Store.TryReplaceAsync(takenOver, Cancellation);
        answer.SetResult();

        Assert.IsType<TokenRefreshInProgress>(Refused(await refreshing));
        Assert.Equal((GrantStatus.Active, "another"), ((await Vault.ReadAsync(grant)).Status, (await Vault.ReadAsync(grant)).Lease?.Operation));
    }

    [Fact]
    public async Task A_caller_who_leaves_does_not_stop_the_refresh()
    {
        var grant = await StaleAsync();
        Hold(null);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var call = Vault.AccessTokens.GetAsync(grant, Erp, leaving.Token).AsTask();
        await arrived.Task;
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        var draining = Vault.Refresher.DrainAsync(Cancellation);
        Assert.False(draining.IsCompleted);
        answer.SetResult();
        await draining;

        Assert.Equal(2, (await Vault.ReadAsync(grant)).Generation);
    }

    [Fact]
    public async Task A_poller_on_another_instance_uses_what_the_owner_stored()
    {
        var grant = await StaleAsync();
        Hold(null);
        using var another = Vault.Another();
        var owner = Vault.Refresher.RefreshAsync(grant, Erp);
        await arrived.Task;
        var reads = another.Network.Requests;
        var poller = another.Refresher.RefreshAsync(await Vault.ReadAsync(grant), Erp);
        await Eventually.TrueAsync(() => another.Network.Requests > reads + 2, "the poller polls");
        answer.SetResult();

        Assert.Equal(Refreshed(await owner).ETag, Refreshed(await poller).ETag);
        Assert.Single(Provider.Requests);
    }

    [Fact]
    public async Task A_poll_that_storage_does_not_answer_refuses_nobody()
    {
        var grant = await StaleAsync();
        Hold(null);
        using var another = Vault.Another();
        var owner = Vault.Refresher.RefreshAsync(grant, Erp);
        await arrived.Task;
        var losses = 0;
        var leased = await Vault.ReadAsync(grant);
        another.Network.LosesRequest = _ => Interlocked.Increment(ref losses) <= 4; // One more than the client tries by itself.
        var poller = another.Refresher.RefreshAsync(leased, Erp);
        await Eventually.TrueAsync(() => losses > 4, "the poller looks again");
        answer.SetResult();

        Assert.Equal(Refreshed(await owner).ETag, Refreshed(await poller).ETag);
    }

    [Fact]
    public async Task A_caller_with_an_old_row_gets_the_newer_tokens_without_a_refresh()
    {
        var grant = await StaleAsync();
        await Vault.Refresher.RefreshAsync(grant, Erp);

        Assert.Equal(2, Refreshed(await Vault.Refresher.RefreshAsync(grant, Erp)).Generation);
        Assert.Single(Provider.Requests);
    }

    private async Task RewrapAsync(Grant grant, Alter.Keys.KeyEncryptionKey from, Alter.Keys.KeyEncryptionKey to)
    {
        using var another = Vault.Another();
        Assert.True(await another.Store.TryRewrapAsync((await another.ReadAsync(grant)).TryRewrap(from, to)!, Cancellation));
    }

    private void Hold(FakeAnswer? instead) => Provider.Token = async _ =>
    {
        arrived.TrySetResult();
        await answer.Task;
        return instead;
    };
}
