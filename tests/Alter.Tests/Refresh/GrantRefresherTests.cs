using Alter.Grants;
using Alter.Providers;
using Alter.Refresh;
using Alter.Storage;
using Alter.Testing;
using Alter.Tokens;
using Azure.Storage.Queues;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Refresh;

public sealed class GrantRefresherTests(SharedAzurite azurite) : RefreshFixture(azurite)
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    protected override TimeProvider Time => time;

    [Fact]
    public async Task A_fresh_token_costs_neither_storage_nor_provider()
    {
        var grant = await StaleAsync(stale => stale with { AccessTokenExpiresAt = time.GetUtcNow().AddSeconds(31) });
        var before = Vault.Network.Requests;

        Assert.True((await Vault.AccessTokens.GetAsync(grant, Erp, Cancellation)).Succeeded(out var usable, out _));

        Assert.Equal((await Vault.TokensAsync(grant)).Access, usable.Token.Reveal());
        Assert.Equal((before, 0), (Vault.Network.Requests, Provider.Requests.Count));
    }

    [Fact]
    public async Task A_refresh_stores_tokens_due_time_and_index_row()
    {
        var grant = await StaleAsync();

        var refreshed = Refreshed(await Vault.Refresher.RefreshAsync(grant, Erp));

        Assert.Equal((2, time.GetUtcNow().AddHours(1), 0, null), (refreshed.Generation, refreshed.AccessTokenExpiresAt!.Value, refreshed.Fails, refreshed.Lease));
        Assert.True(await Vault.Due.ContainsAsync(grant.Id, refreshed.DueAt!.Value, Cancellation));
        Assert.InRange(refreshed.DueAt.Value - time.GetUtcNow(), TimeSpan.FromMinutes(48.6), TimeSpan.FromMinutes(59.4)); // Six minutes ahead, ± 10 %.
        Assert.Equivalent(refreshed, await Vault.ReadAsync(grant), strict: true);
    }

    [Fact]
    public async Task A_refresh_token_that_is_not_replaced_is_kept()
    {
        var grant = await StaleAsync();
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(new FakeAnswer(200, """{"access_token":"new","token_type":"bearer","scope":"orders.read"}"""));

        var refreshed = Refreshed(await Vault.Refresher.RefreshAsync(grant, Erp));

        Assert.Equal(("new", (await Vault.TokensAsync(grant)).Refresh), await Vault.TokensAsync(refreshed));
        Assert.Equal(["orders.read"], refreshed.Scopes);
        Assert.Null(refreshed.AccessTokenExpiresAt);
    }

    [Fact]
    public async Task A_token_the_provider_no_longer_honours_ends_the_grant()
    {
        var grant = await StaleAsync();
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(new FakeAnswer(400, """{"error":"invalid_grant"}"""));

        Assert.Equal("invalid_grant", Assert.IsType<CredentialRevoked>(Refused(await Vault.Refresher.RefreshAsync(grant, Erp))).Cause);

        var ended = await Vault.ReadAsync(grant);
        Assert.Equal((GrantStatus.CredentialRevoked, (byte[]?)null), (ended.Status, ended.Secrets.AccessToken));
        Assert.IsType<CredentialRevoked>(Refused(await Vault.Refresher.RefreshAsync(ended, Erp)));
        Assert.Single(Provider.Requests);
    }

    [Fact]
    public async Task A_grant_without_a_refresh_token_ends_with_its_access_token()
    {
        var grant = await Vault.GrantAsync(draft => (draft.Refresh, draft.CreatedAt) = (null, time.GetUtcNow().AddHours(-2)));

        Assert.Equal("no_refresh_token", Assert.IsType<CredentialRevoked>(Refused(await Vault.Refresher.RefreshAsync(grant, Erp))).Cause);
    }

    [Fact]
    public async Task A_lease_that_lapsed_is_taken_over()
    {
        var grant = await StaleAsync(stale => stale with { Lease = new RefreshLease("crashed", time.GetUtcNow().AddTicks(-1), 1) });

        Assert.Equal(2, Refreshed(await Vault.Refresher.RefreshAsync(grant, Erp)).Generation);
    }

    [Fact]
    public async Task A_refusal_after_a_crash_says_that_a_refresh_was_interrupted()
    {
        var grant = await StaleAsync(stale => stale with { Lease = new RefreshLease("crashed", time.GetUtcNow().AddTicks(-1), 1) });
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(new FakeAnswer(400, """{"error":"invalid_grant"}"""));

        Assert.Equal("refresh_interrupted", Assert.IsType<CredentialRevoked>(Refused(await Vault.Refresher.RefreshAsync(grant, Erp))).Cause);
    }

    [Fact]
    public async Task An_interrupted_refresh_that_is_lost_is_counted_as_such()
    {
        var grant = await StaleAsync(stale => stale with { Lease = new RefreshLease("crashed", time.GetUtcNow().AddTicks(-1), 1) });
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(new FakeAnswer(400, """{"error":"invalid_grant"}"""));
        var isMine = new AsyncLocal<bool> { Value = true }; // Other tests count at the same time.
        var counted = new System.Collections.Concurrent.ConcurrentQueue<(string Instrument, long By, string Provider, string Outcome)>();
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, heard) => heard.EnableMeasurementEvents(instrument);
        listener.SetMeasurementEventCallback<long>((instrument, by, tags, _) =>
        {
            if (isMine.Value && instrument.Meter.Name == AlterMeter.Name)
            {
                var named = tags.ToArray().ToDictionary(tag => tag.Key, tag => (string)tag.Value!);
                counted.Enqueue((instrument.Name, by, named["provider"], named["outcome"]));
            }
        });
        listener.Start();

        Refused(await Vault.Refresher.RefreshAsync(grant, Erp));

        Assert.Equal([("alter.refreshes", 1L, "erp", "refresh_interrupted")], counted);
    }

    [Fact]
    public async Task A_moment_in_which_nobody_can_sign_in_to_storage_costs_no_token()
    {
        var grant = await StaleAsync();
        var failed = 0;
        Provider.BeforeAnswer = _ =>
        {
            Vault.Network.Before = request => FakeNetwork.IsWrite(request, "grants") && Interlocked.Increment(ref failed) <= 3
                ? Task.FromException(new Azure.Identity.AuthenticationFailedException("The identity endpoint does not answer."))
                : Task.CompletedTask;
            return Task.CompletedTask;
        };

        var refreshing = Vault.Refresher.RefreshAsync(grant, Erp);
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(failed > 0 ? TimeSpan.FromMilliseconds(50) : TimeSpan.Zero);
                return refreshing.IsCompleted;
            },
            "the tokens are stored");

        Assert.Equal(2, Refreshed(await refreshing).Generation);
        Assert.True(failed > 3, $"{failed} attempts");
        Assert.True(Provider.Accepts((await Vault.TokensAsync(await Vault.ReadAsync(grant))).Access!));
    }

    [Theory]
    [InlineData(RotationKind.Strict, true)]
    [InlineData(RotationKind.Unknown, true)]
    [InlineData(RotationKind.None, false)]
    public async Task A_refresh_that_was_cut_off_waits_where_its_repetition_could_end_the_family(RotationKind rotation, bool waits)
    {
        var expiry = time.GetUtcNow().AddMinutes(20);
        var grant = await StaleAsync(stale => stale with
        {
            AccessTokenExpiresAt = expiry,
            DueAt = time.GetUtcNow(),
            Lease = new RefreshLease("crashed", time.GetUtcNow().AddTicks(-1), 1),
        });
        var erp = Erp with { Definition = Erp.Definition with { Rotation = rotation } };

        var row = Refreshed(await Vault.Refresher.RefreshAsync(grant, erp));

        Assert.Equal((waits ? 0 : 1, waits ? 1 : 2), (Provider.Requests.Count, row.Generation));
        if (waits)
        {
            // Not forgotten: a minute before the token ends it is tried.
            Assert.Equal(expiry - RefreshSchedule.SuspectMargin, row.DueAt);
            Assert.True(await Vault.Due.ContainsAsync(row.Id, row.DueAt!.Value, Cancellation));
            time.Advance(TimeSpan.FromMinutes(19));
            Assert.Equal(2, Refreshed(await Vault.Refresher.RefreshAsync(row, erp)).Generation);
        }
    }

    [Fact]
    public async Task Inside_the_grace_of_a_spent_token_somebody_looks_when_the_lease_ends()
    {
        var erp = Erp with { Definition = Erp.Definition with { Rotation = RotationKind.Grace, RotationGrace = TimeSpan.FromSeconds(6) } };
        using var vault = new Vault(new VaultSetup(Azurite.ConnectionString, Vault.App) { Time = time, Keys = KeySource, Refresh = new RefreshOptions(TimeSpan.FromSeconds(6)) });
        var before = time.GetUtcNow();
        RefreshLease? seen = null;
        var grant = await StaleAsync();
        Provider.BeforeAnswer = async _ => seen = (await Vault.ReadAsync(grant)).Lease;

        Assert.Equal(2, Refreshed(await vault.Refresher.RefreshAsync(grant, erp)).Generation);

        Assert.Equal(TimeSpan.FromSeconds(3), seen!.Until - before);
        var queue = new QueueClient(Azurite.ConnectionString, AlterQueues.Refresh, new QueueClientOptions(QueueClientOptions.ServiceVersion.V2025_11_05));
        await Eventually.TrueAsync(
            async () => (await queue.PeekMessagesAsync(32, Cancellation)).Value.Any(message => message.MessageText.Contains(grant.Id.ToString("D"), StringComparison.Ordinal)),
            "the message is seen");
    }

    [Fact]
    public async Task A_message_about_a_lease_repeats_what_was_cut_off_and_nothing_else()
    {
        var grant = await StaleAsync();
        var message = new GrantMessage(GrantMessage.Version, GrantMessage.LeaseKind, grant.Key.Partition, grant.Key.Row, grant.Id, 0);

        await Vault.DueGrants.RunAsync(message, 1, Cancellation);
        Assert.Equal(1, (await Vault.ReadAsync(grant)).Generation);

        Assert.NotNull(await Vault.Store.TryReplaceAsync(grant with { Lease = new RefreshLease("crashed", time.GetUtcNow().AddTicks(-1), 1) }, Cancellation));
        await Vault.DueGrants.RunAsync(message, 1, Cancellation);
        Assert.Equal(2, (await Vault.ReadAsync(grant)).Generation);
        await Vault.DueGrants.RunAsync(message, 1, Cancellation);
        Assert.Single(Provider.Requests);
    }

    [Fact]
    public async Task A_token_the_provider_refused_is_refreshed_once_in_five_minutes()
    {
        var grant = await StaleAsync(stale => stale with { AccessTokenExpiresAt = time.GetUtcNow().AddHours(1) });

        var second = Refreshed(await Vault.Refresher.RefreshAsync(grant, Erp, forced: true));
        var third = Refreshed(await Vault.Refresher.RefreshAsync(second, Erp, forced: true));
        Assert.Equal((2, 2, 1), (second.Generation, third.Generation, Provider.Requests.Count));

        // Whoever holds the older row gets the newer token, at no redemption.
        Assert.Equal(2, Refreshed(await Vault.Refresher.RefreshAsync(grant, Erp, forced: true)).Generation);
        time.Advance(RefreshSchedule.BetweenForced);
        Assert.Equal(3, Refreshed(await Vault.Refresher.RefreshAsync(second, Erp, forced: true)).Generation);
        Assert.Equal(2, Provider.Requests.Count);
    }

    [Fact]
    public async Task Where_storage_fails_after_a_provider_refused_a_token_its_answer_stands()
    {
        var grant = await StaleAsync(stale => stale with { AccessTokenExpiresAt = time.GetUtcNow().AddHours(1) });
        Assert.True((await Vault.AccessTokens.GetAsync(grant, Erp, Cancellation)).Succeeded(out var token, out _));
        Vault.Network.LosesRequest = request => FakeNetwork.IsWrite(request, "grants");

        Assert.Null(await Vault.AccessTokens.GetAnotherAsync(token, Erp, Cancellation));
        Assert.Empty(Provider.Requests);

        Vault.Network.LosesRequest = _ => false;
        var another = await Vault.AccessTokens.GetAnotherAsync(token, Erp, Cancellation);
        Assert.True(another!.Value.Succeeded(out var newer, out _));
        Assert.Equal(2, newer.Grant.Generation);
    }

    [Theory]
    [InlineData(401, "invalid_client", "connect_config")]
    [InlineData(400, "unauthorized_client", "connect_config")]
    [InlineData(503, "", "provider_unreachable")]
    public async Task A_failure_that_may_pass_is_not_terminal_and_not_repeated_before_its_time(int status, string error, string code)
    {
        var grant = await StaleAsync();
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(new FakeAnswer(status, $$"""{"error":"{{error}}"}"""));

        var first = Refused(await Vault.Refresher.RefreshAsync(grant, Erp));
        var postponed = await Vault.ReadAsync(grant);
        var second = Refused(await Vault.Refresher.RefreshAsync(postponed, Erp));

        Assert.Equal((code, code), (first.Code, second.Code));
        Assert.NotNull(second.RetryAfter);
        Assert.Single(Provider.Requests);
        Assert.Equal((GrantStatus.Active, 1, 1, code), (postponed.Status, postponed.Generation, postponed.Fails, postponed.LastError));
        Assert.Null(postponed.Lease);
        Assert.True(await Vault.Due.ContainsAsync(grant.Id, postponed.DueAt!.Value, Cancellation));

        Provider.Token = _ => Task.FromResult<FakeAnswer?>(null);
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(0, Refreshed(await Vault.Refresher.RefreshAsync(postponed, Erp)).Fails);
    }

    [Theory]
    [InlineData("120", 120, 132)]
    [InlineData("86400", 900, 900)]
    public async Task What_a_provider_asks_for_is_kept_to_up_to_15_minutes(string retryAfter, int least, int most)
    {
        var grant = await StaleAsync();
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(new FakeAnswer(429, "", RetryAfter: retryAfter));

        var refusal = Refused(await Vault.Refresher.RefreshAsync(grant, Erp));

        Assert.InRange(refusal.RetryAfter!.Value.TotalSeconds, least, most);
        Assert.InRange(((await Vault.ReadAsync(grant)).NextAttemptAt!.Value - time.GetUtcNow()).TotalSeconds, least, most);
    }

    [Fact]
    public async Task While_the_old_token_still_works_a_failure_is_not_the_callers()
    {
        var grant = await StaleAsync(stale => stale with { AccessTokenExpiresAt = time.GetUtcNow().AddSeconds(20) });
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(new FakeAnswer(503, ""));

        Assert.True((await Vault.AccessTokens.GetAsync(grant, Erp, Cancellation)).Succeeded(out var usable, out _));
        Assert.Equal((await Vault.TokensAsync(grant)).Access, usable.Token.Reveal());
        Assert.Equal(1, (await Vault.ReadAsync(grant)).Fails);
    }

    [Fact]
    public async Task A_provider_that_does_not_answer_in_20_seconds_is_given_up()
    {
        var grant = await StaleAsync();
        var arrived = new TaskCompletionSource();
        var never = new TaskCompletionSource<FakeAnswer?>();
        Provider.Token = _ =>
        {
            arrived.SetResult();
            return never.Task;
        };

        var refreshing = Vault.Refresher.RefreshAsync(grant, Erp);
        await arrived.Task;
        time.Advance(TimeSpan.FromSeconds(20));

        Assert.IsType<ProviderTimeout>(Refused(await refreshing));
        Assert.Equal((GrantStatus.Active, "provider_timeout"), ((await Vault.ReadAsync(grant)).Status, (await Vault.ReadAsync(grant)).LastError));
        never.SetResult(null);
    }

    [Fact]
    public async Task Without_client_secret_no_refresh_token_is_spent()
    {
        var grant = await StaleAsync();

        Assert.IsType<VaultUnavailable>(Refused(await Vault.Refresher.RefreshAsync(grant, Erp with { ClientSecret = "not-there" })));

        Assert.Empty(Provider.Requests);
        Assert.Null((await Vault.ReadAsync(grant)).Lease);
    }

    [Fact]
    public async Task What_was_put_off_for_a_client_secret_says_so_until_it_is_due()
    {
        var grant = await StaleAsync(stale => stale with { NextAttemptAt = time.GetUtcNow().AddSeconds(7), LastError = "vault_unavailable" });

        var refusal = Assert.IsType<VaultUnavailable>(Refused(await Vault.Refresher.RefreshAsync(grant, Erp)));

        Assert.Equal(TimeSpan.FromSeconds(7), refusal.RetryAfter);
        Assert.Empty(Provider.Requests);
    }

    [Fact]
    public async Task A_broken_row_is_not_refreshed()
    {
        var grant = await StaleAsync();
        await Vault.Store.TryReplaceAsync(grant with { Scopes = ["admin"] }, Cancellation);

        Assert.IsType<IntegrityFailure>(Refused(await Vault.Refresher.RefreshAsync(await Vault.ReadAsync(grant), Erp)));
        Assert.Empty(Provider.Requests);
    }
}

/// <summary>A lease of two seconds, so that its end can be waited for.</summary>
public sealed class LiveLeaseTests(SharedAzurite azurite) : RefreshFixture(azurite)
{
    protected override RefreshOptions Options => new(TimeSpan.FromSeconds(2));

    [Fact]
    public async Task A_lease_that_lives_longer_than_a_caller_waits_is_a_refresh_in_progress()
    {
        var grant = await StaleAsync(stale => stale with { Lease = new RefreshLease("another", Time.GetUtcNow().AddMinutes(1), 1) });

        Assert.IsType<TokenRefreshInProgress>(Refused(await Vault.Refresher.RefreshAsync(grant, Erp)));
        Assert.Empty(Provider.Requests);
    }
}
