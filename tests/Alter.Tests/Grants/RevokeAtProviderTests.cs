using Alter.Grants;
using Alter.Providers;
using Alter.Storage;
using Alter.Testing;

namespace Alter.Tests.Grants;

/// <summary>A provider that revokes tokens one by one.</summary>
public sealed class RevokeAtProviderTests(SharedAzurite azurite) : GrantFixture(azurite)
{
    [Fact]
    public async Task The_provider_is_told_the_refresh_token_once_and_the_vault_forgets_it()
    {
        var grant = await GrantAsync();
        var tokens = await Vault.TokensAsync(grant);
        var message = await RevokedAsync(grant);

        await Vault.AtProvider.RunAsync(message, Cancellation);
        await Vault.AtProvider.RunAsync(message, Cancellation);

        Assert.Equal([tokens.Refresh!], Provider.Revocations);
        Assert.False(Provider.Accepts(tokens.Access!));
        var after = await Vault.ReadAsync(grant);
        Assert.Equal((RevocationOutcomes.Confirmed, null), (after.RevocationOutcome, after.RevocationToken));
        Assert.Null(await Vault.Accounts.FindAsync(grant, Cancellation));
    }

    [Fact]
    public async Task Without_a_refresh_token_the_access_token_is_revoked()
    {
        var grant = await Vault.GrantAsync(draft => (draft.Access, draft.Refresh) = (Provider.Issue("ada").AccessToken, null));
        var token = (await Vault.TokensAsync(grant)).Access;

        await Vault.AtProvider.RunAsync(await RevokedAsync(grant), Cancellation);

        Assert.Equal([token!], Provider.Revocations);
    }

    [Fact]
    public async Task A_provider_that_is_down_is_told_later()
    {
        var grant = await GrantAsync();
        var message = await RevokedAsync(grant);
        Provider.Revocation = _ => new FakeAnswer(503, "");

        await Vault.AtProvider.RunAsync(message, Cancellation);

        var waiting = await Vault.ReadAsync(grant);
        Assert.NotNull(waiting.RevocationToken);
        Assert.InRange(waiting.DueAt!.Value - Time.GetUtcNow(), TimeSpan.FromSeconds(48), TimeSpan.FromSeconds(72));
        Assert.True(await Vault.Due.ContainsAsync(grant.Id, waiting.DueAt.Value, Cancellation));

        Provider.Revocation = _ => null;
        Time.Advance(TimeSpan.FromMinutes(2));
        await Vault.DueGrants.RunAsync(message with { Due = waiting.DueAt.Value.UtcTicks }, 1, Cancellation);
        Assert.Equal(RevocationOutcomes.Confirmed, (await Vault.ReadAsync(grant)).RevocationOutcome);
    }

    [Fact]
    public async Task After_24_hours_it_is_given_up_and_the_token_is_gone()
    {
        var grant = await GrantAsync();
        var message = await RevokedAsync(grant);
        Provider.Revocation = _ => new FakeAnswer(503, "");
        Time.Advance(TimeSpan.FromHours(24));
        await Vault.AtProvider.RunAsync(message, Cancellation);
        Assert.Null((await Vault.ReadAsync(grant)).RevocationOutcome);
        Time.Advance(TimeSpan.FromSeconds(1));

        await Vault.AtProvider.RunAsync(message, Cancellation);

        var after = await Vault.ReadAsync(grant);
        Assert.Equal((RevocationOutcomes.GaveUp, null, null), (after.RevocationOutcome, after.RevocationToken, after.DueAt));
    }

    [Fact]
    public async Task A_grant_whose_key_or_provider_is_gone_has_nothing_to_be_told_with()
    {
        var grant = await GrantAsync();
        var message = await RevokedAsync(grant);
        await EditAsync(grant.Key, row => row["kek"] = new string('0', 32));

        await Vault.AtProvider.RunAsync(message, Cancellation);

        Assert.Equal(RevocationOutcomes.NotPossible, (await Vault.ReadAsync(grant)).RevocationOutcome);
    }

    [Fact]
    public async Task An_active_grant_has_nothing_to_be_told_whatever_its_row_or_a_message_says()
    {
        var grant = await GrantAsync();
        await EditAsync(grant.Key, row => (row["rv"], row["rv_at"]) = (row["rt"], false));

        await Vault.AtProvider.RunAsync(GrantRevocation.MessageFor(grant), Cancellation);

        Assert.Empty(Provider.Revocations);
    }

    [Theory]
    [InlineData("~s|x|erp")]
    [InlineData("~u|00000000-0000-8000-8000-000000000000")]
    [InlineData("nothing")]
    public async Task A_forged_message_changes_nothing(string row)
    {
        var grant = await GrantAsync();
        var marker = (await Vault.Store.ListAllAsync(await Vault.OwnerAsync(), Cancellation)).Markers.Single();
        var message = GrantRevocation.MessageFor(grant) with { Grk = row == "~s|x|erp" ? marker.RowKey : row };
        await Vault.Store.NoteUseAsync(grant);

        await Vault.AtProvider.RunAsync(message, Cancellation);
        await Vault.DueGrants.RunAsync(message, 1, Cancellation);

        Assert.Equal(grant.ETag, (await Vault.ReadAsync(grant)).ETag);
        Assert.Empty(Provider.Revocations);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"v":2,"kind":"due","gpk":"a","grk":"b","gid":"00000000-0000-8000-8000-000000000000","due":1}""")]
    [InlineData("""{"v":1,"kind":"due","gpk":null,"grk":"b","gid":"00000000-0000-8000-8000-000000000000","due":1}""")]
    public void What_is_no_message_is_not_read(string text) => Assert.Null(GrantMessage.Parse(text));

    private async Task<GrantMessage> RevokedAsync(Grant grant)
    {
        Assert.True((await Vault.Revocation.RevokeAsync(grant, Cancellation)).Succeeded(out _, out _));
        return GrantRevocation.MessageFor(await Vault.ReadAsync(grant));
    }
}

/// <summary>A provider whose revocation ends everything between the account and the client (security A38).</summary>
public sealed class AccountWideRevocationTests(SharedAzurite azurite) : GrantFixture(azurite)
{
    // Nobody else's: a provider of another test may have had the same port.
    private readonly string account = $"{A.Unique()}@example.com";

    protected override RevocationKind Revocation => RevocationKind.Account;

    [Fact]
    public async Task Another_users_active_grant_of_the_same_account_keeps_the_provider_untold()
    {
        var adas = await GrantAsync(draft => draft.Account = account);
        var mallorys = await GrantAsync(draft => draft.Account = account, "mallory");

        await RevokeAsync(adas);
        Assert.Empty(Provider.Revocations);
        Assert.Equal(RevocationOutcomes.SharedAccount, (await Vault.ReadAsync(adas)).RevocationOutcome);

        await RevokeAsync(mallorys);
        Assert.Single(Provider.Revocations); // The last one tells.
    }

    [Fact]
    public async Task The_successor_of_a_revoked_grant_counts_too()
    {
        var old = await GrantAsync();
        Assert.True((await Vault.Revocation.RevokeAsync(old, Cancellation)).Succeeded(out _, out _));
        var message = GrantRevocation.MessageFor(await Vault.ReadAsync(old));
        var successor = A.Grant(await Vault.Ring.CurrentAsync(Cancellation), draft =>
        {
            draft.Owner = new GrantOwner(old.Place.App, old.Place.UserHash);
            draft.ClientAccountKey = old.ClientAccountKey;
        }) with { Key = old.Key };
        await Vault.Accounts.AddAsync(successor, Cancellation);
        await Vault.Store.ConnectAsync(successor, await Vault.ReadAsync(old), Vault.Marker(successor), await Vault.UserAsync(successor), Cancellation);

        await Vault.AtProvider.RunAsync(message, Cancellation);

        Assert.Empty(Provider.Revocations);
        Assert.Equal(RevocationOutcomes.SharedAccount, (await Vault.Store.ReadAsync(old.Key, old.Id, Cancellation))?.RevocationOutcome);
    }

    [Fact]
    public async Task A_stale_index_row_holds_nothing_back()
    {
        var grant = await GrantAsync(draft => draft.Account = account);
        var never = A.Grant(await Vault.Ring.CurrentAsync(Cancellation), draft => (draft.Owner, draft.ClientAccountKey) = (new GrantOwner(Vault.App.Id, new string('d', 64)), grant.ClientAccountKey));
        await Vault.Accounts.AddAsync(never, Cancellation); // Connect died before its transaction.

        await RevokeAsync(grant);

        Assert.Single(Provider.Revocations);
    }

    [Fact]
    public async Task The_index_row_of_a_grant_that_is_renewed_while_its_end_is_told_stays()
    {
        var grant = await GrantAsync();
        var indexed = (await Vault.Accounts.FindAsync(grant, Cancellation))!.Value;
        await Vault.Accounts.AddAsync(grant, Cancellation); // Connect, between the reading and the removal.

        await Vault.Accounts.RemoveAsync(grant, indexed, Cancellation);

        Assert.NotNull(await Vault.Accounts.FindAsync(grant, Cancellation));
    }

    private async Task RevokeAsync(Grant grant)
    {
        Assert.True((await Vault.Revocation.RevokeAsync(grant, Cancellation)).Succeeded(out _, out _));
        await Vault.AtProvider.RunAsync(GrantRevocation.MessageFor(await Vault.ReadAsync(grant)), Cancellation);
    }
}
