using Alter.Grants;
using Alter.Refresh;
using Alter.Testing;
using Azure.Data.Tables;

namespace Alter.Tests.Grants;

/// <summary>
/// Somebody who can write to storage puts back a whole earlier row, which was once as the vault wrote it (security A36). The instance that saw the later one
/// refuses it; another cannot know.
/// </summary>
public sealed class PutBackRowTests(SharedAzurite azurite) : GrantFixture(azurite)
{
    [Fact]
    public async Task A_grant_revoked_here_releases_nothing_though_its_row_is_put_back()
    {
        var grant = await GrantAsync();
        var before = await RowAsync(grant.Key);
        Assert.True((await UseAsync(grant)).Succeeded(out _, out _));
        Assert.True((await Vault.Revocation.RevokeAsync(grant, Cancellation)).Succeeded(out _, out _));

        await PutBackAsync(before);

        Assert.IsType<IntegrityFailure>(Refusal(await UseAsync(await FoundAsync(grant))));
    }

    [Fact]
    public async Task A_revoked_grant_put_back_after_its_token_lapsed_presents_no_refresh_token()
    {
        var grant = await GrantAsync();
        var before = await RowAsync(grant.Key);
        Assert.True((await Vault.Revocation.RevokeAsync(grant, Cancellation)).Succeeded(out _, out _));
        Time.Advance(TimeSpan.FromHours(2));

        await PutBackAsync(before);

        Assert.IsType<IntegrityFailure>(Refusal(await UseAsync(await FoundAsync(grant))));
        Assert.Empty(Provider.Requests);
    }

    [Fact]
    public async Task A_generation_before_the_one_seen_here_releases_nothing()
    {
        var grant = await GrantAsync();
        var before = await RowAsync(grant.Key);
        Time.Advance(TimeSpan.FromHours(2));
        Assert.True((await UseAsync(grant)).Succeeded(out var refreshed, out _));
        Assert.Equal(2, refreshed.Grant.Generation);

        await PutBackAsync(before);

        Assert.IsType<IntegrityFailure>(Refusal(await UseAsync(await FoundAsync(grant))));
        Assert.Single(Provider.Requests);
    }

    [Fact]
    public async Task A_call_that_read_the_row_before_another_refreshed_it_gets_the_newer_token()
    {
        var early = await GrantAsync();
        Time.Advance(TimeSpan.FromHours(2));
        Assert.True((await UseAsync(early)).Succeeded(out var refreshed, out _));

        Assert.True((await UseAsync(early)).Succeeded(out var late, out _));

        Assert.Equal(refreshed.Token.Reveal(), late.Token.Reveal());
        Assert.Single(Provider.Requests);
    }

    [Fact]
    public async Task A_call_that_read_the_row_before_it_was_revoked_here_is_refused()
    {
        var early = await GrantAsync();
        Assert.True((await Vault.Revocation.RevokeAsync(early, Cancellation)).Succeeded(out _, out _));

        Assert.IsType<GrantRevoked>(Refusal(await UseAsync(early)));
    }

    [Fact]
    public async Task Another_instance_cannot_know()
    {
        var grant = await GrantAsync();
        var before = await RowAsync(grant.Key);
        Assert.True((await Vault.Revocation.RevokeAsync(grant, Cancellation)).Succeeded(out _, out _));
        await PutBackAsync(before);
        using var another = new Vault(new VaultSetup(Storage, Vault.App) { Time = Time, Keys = Keys });

        Assert.True((await another.AccessTokens.GetAsync(await another.ReadAsync(grant), Vault.App.Providers["erp"], Cancellation)).Succeeded(out _, out _));
    }

    private Task<Outcome<UsableToken>> UseAsync(Grant grant) => Vault.AccessTokens.GetAsync(grant, Vault.App.Providers["erp"], Cancellation).AsTask();

    private async Task<Grant> FoundAsync(Grant grant) =>
        (await Vault.Resolution.ResolveAsync(await Vault.OwnerAsync(), "erp", null, Cancellation)).Succeeded(out var found, out var refusal) && found.Id == grant.Id
            ? found
            : throw new InvalidOperationException(refusal?.Code);

    private async Task PutBackAsync(TableEntity row) => await Rows.UpsertEntityAsync(row, TableUpdateMode.Replace, Cancellation);

    private static Refusal Refusal(Outcome<UsableToken> outcome) =>
        outcome.Succeeded(out _, out var refusal) ? throw new InvalidOperationException("A token was released.") : refusal;
}
