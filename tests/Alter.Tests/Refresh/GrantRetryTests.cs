using Alter.Grants;
using Alter.Refresh;
using Alter.Storage;
using Alter.Testing;
using Alter.Tokens;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Refresh;

/// <summary>A refused refresh token stays sealed for a week, and an operator may have it tried again.</summary>
public sealed class GrantRetryTests(SharedAzurite azurite) : RefreshFixture(azurite)
{
    private static readonly FakeAnswer InvalidGrant = new(400, """{"error":"invalid_grant"}""");
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    protected override TimeProvider Time => time;

    [Fact]
    public async Task A_grant_that_was_ended_wrongly_lives_again()
    {
        var (grant, ended) = await RefusedGrantAsync();
        Assert.IsType<CredentialRevoked>(ended.RefusalAt(time.GetUtcNow()));
        time.Advance(TimeSpan.FromHours(3));

        await RetryAsync(ended);

        var living = await Vault.ReadAsync(grant);
        Assert.Equal((GrantStatus.Active, 2, null, null), (living.Status, living.Generation, living.Cause, living.RefusedAt));
        Assert.True((await Vault.AccessTokens.GetAsync(living, Erp, Cancellation)).Succeeded(out var token, out _));
        Assert.True(Provider.Accepts(token.Token.Reveal()));
        Assert.False(await Vault.Due.ContainsAsync(grant.Id, ended.DueAt!.Value, Cancellation));
        Assert.True(await Vault.Due.ContainsAsync(grant.Id, living.DueAt!.Value, Cancellation));
    }

    [Fact]
    public async Task What_is_refused_again_ends_again_and_its_week_goes_on()
    {
        var (grant, ended) = await RefusedGrantAsync();
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(InvalidGrant);
        time.Advance(TimeSpan.FromDays(2));

        await RetryAsync(ended);

        var again = await Vault.ReadAsync(grant);
        Assert.Equal((GrantStatus.CredentialRevoked, "invalid_grant", ended.RefusedAt, ended.DueAt), (again.Status, again.Cause, again.RefusedAt, again.DueAt));
        Assert.NotNull(again.Secrets.RefreshToken);
    }

    [Fact]
    public async Task What_was_interrupted_stays_interrupted_when_it_is_refused_again()
    {
        var grant = await StaleAsync(stale => stale with { Lease = new RefreshLease("crashed", time.GetUtcNow().AddTicks(-1), 1) });
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(InvalidGrant);
        Refused(await Vault.Refresher.RefreshAsync(grant, Erp));

        await RetryAsync(await Vault.ReadAsync(grant));

        Assert.Equal("refresh_interrupted", (await Vault.ReadAsync(grant)).Cause);
    }

    [Fact]
    public async Task After_a_week_the_token_is_gone()
    {
        var (grant, ended) = await RefusedGrantAsync();
        Assert.Equal(time.GetUtcNow() + Grant.RefusedLifetime, ended.DueAt);
        Assert.True(await Vault.Due.ContainsAsync(grant.Id, ended.DueAt!.Value, Cancellation));
        time.Advance(Grant.RefusedLifetime);

        await Vault.DueGrants.RunAsync(Due(ended), 1, Cancellation);

        var forgotten = await Vault.ReadAsync(grant);
        Assert.Equal((GrantStatus.CredentialRevoked, (byte[]?)null, null), (forgotten.Status, forgotten.Secrets.RefreshToken, forgotten.DueAt));
        Assert.False(await Vault.Due.ContainsAsync(grant.Id, ended.DueAt.Value, Cancellation));
        await RetryAsync(forgotten);
        Assert.Single(Provider.Requests);
    }

    [Fact]
    public async Task A_message_before_its_time_leaves_the_token()
    {
        var (grant, ended) = await RefusedGrantAsync();

        await Vault.DueGrants.RunAsync(Due(ended), 1, Cancellation);

        Assert.NotNull((await Vault.ReadAsync(grant)).Secrets.RefreshToken);
    }

    [Fact]
    public async Task A_retry_put_off_is_made_at_once()
    {
        var grant = await StaleAsync();
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(new FakeAnswer(503, ""));
        Refused(await Vault.Refresher.RefreshAsync(grant, Erp));
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(null);

        await RetryAsync(await Vault.ReadAsync(grant));

        Assert.Equal((2, 0), ((await Vault.ReadAsync(grant)).Generation, (await Vault.ReadAsync(grant)).Fails));
    }

    [Fact]
    public async Task A_grant_that_is_well_is_left_alone()
    {
        var grant = await StaleAsync(stale => stale with { AccessTokenExpiresAt = time.GetUtcNow().AddHours(1) });

        await RetryAsync(grant);

        Assert.Empty(Provider.Requests);
        Assert.Equal(grant.ETag, (await Vault.ReadAsync(grant)).ETag);
    }

    [Fact]
    public async Task A_revoked_grant_is_not_revived_by_writing_that_it_was_refused()
    {
        var grant = await StaleAsync();
        Assert.True((await Vault.Revocation.RevokeAsync(grant, Cancellation)).Succeeded(out _, out _));
        var revoked = await Vault.ReadAsync(grant);
        var forged = revoked with
        {
            Status = GrantStatus.CredentialRevoked,
            Secrets = revoked.Secrets with { RefreshToken = revoked.RevocationToken!.Sealed },
            RevocationToken = null,
            RefusedAt = time.GetUtcNow(),
        };
        Assert.NotNull(await Vault.Store.TryReplaceAsync(forged, Cancellation));

        await RetryAsync(await Vault.ReadAsync(grant));

        Assert.Equal(GrantStatus.CredentialRevoked, (await Vault.ReadAsync(grant)).Status);
        Assert.Empty(Provider.Requests);
    }

    [Fact]
    public async Task A_grant_refused_and_then_revoked_is_not_revived_by_putting_its_columns_back()
    {
        var (grant, refused) = await RefusedGrantAsync();
        Assert.True((await Vault.Revocation.RevokeAsync(refused, Cancellation)).Succeeded(out _, out _));
        var revoked = await Vault.ReadAsync(grant);
        var forged = revoked with
        {
            Status = GrantStatus.CredentialRevoked,
            Secrets = revoked.Secrets with { RefreshToken = revoked.RevocationToken!.Sealed },
            RevocationToken = null,
            RefusedAt = refused.RefusedAt,
        };
        Assert.NotNull(await Vault.Store.TryReplaceAsync(forged, Cancellation));

        await RetryAsync(await Vault.ReadAsync(grant));

        Assert.Equal((GrantStatus.CredentialRevoked, 1), ((await Vault.ReadAsync(grant)).Status, Provider.Requests.Count));
    }

    [Fact]
    public async Task Retries_of_one_grant_are_a_minute_apart()
    {
        var (grant, ended) = await RefusedGrantAsync();
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(InvalidGrant);

        await RetryAsync(ended);
        await RetryAsync(await Vault.ReadAsync(grant));
        Assert.Equal(2, Provider.Requests.Count);

        time.Advance(TimeSpan.FromMinutes(1));
        await RetryAsync(await Vault.ReadAsync(grant));
        Assert.Equal(3, Provider.Requests.Count);
    }

    [Fact]
    public async Task A_retry_goes_on_over_a_row_that_is_written_meanwhile()
    {
        var (grant, ended) = await RefusedGrantAsync();
        var once = 1;
        Vault.Network.Before = async request =>
        {
            if (FakeNetwork.IsWrite(request, "grants") && Interlocked.Exchange(ref once, 0) == 1)
            {
                await Vault.Store.TryReplaceAsync(ended with { RevocationOutcome = "bumped" }, Cancellation);
            }
        };

        await RetryAsync(ended);

        Assert.Equal((GrantStatus.Active, 2, "bumped"), ((await Vault.ReadAsync(grant)).Status, (await Vault.ReadAsync(grant)).Generation, (await Vault.ReadAsync(grant)).RevocationOutcome));
    }

    [Fact]
    public async Task A_grant_whose_lifetime_passed_meanwhile_stays_ended()
    {
        var grant = await StaleAsync(stale => stale with { ExpiresAt = time.GetUtcNow().AddHours(1) });
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(InvalidGrant);
        Refused(await Vault.Refresher.RefreshAsync(grant, Erp));
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(null);
        time.Advance(TimeSpan.FromHours(1));

        await RetryAsync(await Vault.ReadAsync(grant));

        Assert.Equal((GrantStatus.CredentialRevoked, 1), ((await Vault.ReadAsync(grant)).Status, Provider.Requests.Count));
    }

    [Fact]
    public async Task Revoking_a_refused_grant_takes_its_token_away_and_tells_the_provider()
    {
        var (grant, ended) = await RefusedGrantAsync();
        var (_, refresh) = await Vault.TokensAsync(ended);

        Assert.True((await Vault.Revocation.RevokeAsync(ended, Cancellation)).Succeeded(out _, out _));
        var revoked = await Vault.ReadAsync(grant);
        await Vault.AtProvider.TellAsync(revoked, revoked.RevocationToken!, Cancellation);

        Assert.Equal((GrantStatus.Revoked, (byte[]?)null), (revoked.Status, revoked.Secrets.RefreshToken));
        Assert.Equal(refresh, Assert.Single(Provider.Revocations));
    }

    private async Task<(Grant Grant, Grant Ended)> RefusedGrantAsync()
    {
        var grant = await StaleAsync();
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(InvalidGrant);
        Assert.IsType<CredentialRevoked>(Refused(await Vault.Refresher.RefreshAsync(grant, Erp)));
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(null);
        return (grant, await Vault.ReadAsync(grant));
    }

    private Task RetryAsync(Grant grant) => Vault.DueGrants.RunAsync(
        new GrantMessage(GrantMessage.Version, GrantMessage.RetryKind, grant.Key.Partition, grant.Key.Row, grant.Id, 0), 1, Cancellation);

    private static GrantMessage Due(Grant grant) =>
        new(GrantMessage.Version, "due", grant.Key.Partition, grant.Key.Row, grant.Id, grant.DueAt!.Value.UtcTicks);
}
