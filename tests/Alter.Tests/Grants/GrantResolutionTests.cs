using Alter.Grants;
using Alter.Testing;

namespace Alter.Tests.Grants;

public sealed class GrantResolutionTests(SharedAzurite azurite) : GrantFixture(azurite)
{
    [Fact]
    public async Task A_user_without_a_grant_of_the_provider_has_none()
    {
        await GrantAsync(draft => draft.Provider = "crm");
        await GrantAsync(subject: "mallory");

        Assert.IsType<GrantNotFound>(await RefusedAsync("erp"));
    }

    [Fact]
    public async Task The_only_active_grant_is_meant()
    {
        await GrantAsync(draft => (draft.Account, draft.Change) = ("old@example.com", Ended(GrantStatus.Revoked)));
        var active = await GrantAsync();
        await GrantAsync(draft => (draft.Account, draft.Change) = ("new@example.com", Ended(GrantStatus.CredentialRevoked)));

        Assert.Equal(active.Id, await ResolvedAsync("erp"));
    }

    [Fact]
    public async Task Of_several_accounts_one_must_be_named()
    {
        var ada = await GrantAsync();
        var work = await GrantAsync(draft => draft.Account = "ada@work.example");

        var ambiguous = Assert.IsType<AmbiguousGrant>(await RefusedAsync("erp"));
        Assert.Equal(["ada@example.com", "ada@work.example"], ambiguous.AccountIdentifiers.Order());
        Assert.Equal(new[] { ada.Id, work.Id }.Order(), ambiguous.Grants.Select(choice => choice.GrantId).Order());

        Assert.Equal(work.Id, await ResolvedAsync("erp", "ada@work.example"));
        Assert.Equal(work.Id, await ResolvedAsync("erp", "ADA@Work.Example"));
        Assert.Equal(ada.Id, await ResolvedAsync("erp", "id-ada@example.com"));
        Assert.IsType<GrantNotFound>(await RefusedAsync("erp", "eve@example.com"));
        Assert.IsType<GrantNotFound>(await RefusedAsync("erp", ""));
        Assert.IsType<GrantNotFound>(await RefusedAsync("erp", new string('a', 100_000)));
    }

    [Fact]
    public async Task The_exact_spelling_beats_the_folded_one()
    {
        var lower = await GrantAsync(draft => draft.Account = "team@example.com");
        var upper = await GrantAsync(draft => draft.Account = "TEAM@example.com");

        Assert.Equal(lower.Id, await ResolvedAsync("erp", "team@example.com"));
        Assert.Equal(upper.Id, await ResolvedAsync("erp", "TEAM@example.com"));
        Assert.IsType<AmbiguousGrant>(await RefusedAsync("erp", "Team@example.com"));
    }

    [Fact]
    public async Task Where_none_is_active_the_newest_tells_why()
    {
        await GrantAsync(draft => (draft.Account, draft.Change) = ("one@example.com", Ended(GrantStatus.Revoked)));
        Time.Advance(TimeSpan.FromMinutes(1));
        await GrantAsync(draft => (draft.Account, draft.Change) = ("two@example.com", grant => grant with { ExpiresAt = Time.GetUtcNow().AddSeconds(1) }));
        Time.Advance(TimeSpan.FromSeconds(1));

        var outcome = await Vault.Resolution.ResolveAsync(await Vault.OwnerAsync(), "erp", null, Cancellation);

        Assert.True(outcome.Succeeded(out var newest, out _));
        Assert.IsType<GrantExpired>(newest.RefusalAt(Time.GetUtcNow()));
        Assert.Equal(GrantStatus.Active, newest.Status); // The row does not say so yet; the time counts.
    }

    [Fact]
    public async Task Foreign_missing_and_malformed_ids_answer_alike_after_the_same_work()
    {
        var mallorys = await GrantAsync(subject: "mallory");
        var ada = await Vault.OwnerAsync();
        string[] ids = [mallorys.Id.ToString("D"), Guid.NewGuid().ToString("D"), "", "x", "' or PartitionKey gt '", new string('9', 5000), mallorys.Id.ToString("N")];
        foreach (var id in ids)
        {
            var before = Vault.Network.Requests;
            Assert.False((await Vault.Resolution.ResolveByIdAsync(ada, id, Cancellation)).Succeeded(out _, out var refusal));

            Assert.Equal(new GrantNotFound(), refusal);
            Assert.Equal(1, Vault.Network.Requests - before);
        }
    }

    [Fact]
    public async Task An_app_finds_any_users_grant_by_id_and_no_other_apps()
    {
        var grant = await GrantAsync();

        Assert.True((await Vault.Resolution.ResolveByIdAsync(Vault.App.Id, grant.Id.ToString("D"), Cancellation)).Succeeded(out var found, out _));
        Assert.Equal(grant.Id, found.Id);
        Assert.False((await Vault.Resolution.ResolveByIdAsync("another-app", grant.Id.ToString("D"), Cancellation)).Succeeded(out _, out _));
    }

    private Func<Grant, Grant> Ended(GrantStatus status) => grant => grant.Ended(status, null, Time.GetUtcNow());

    private async Task<Guid> ResolvedAsync(string provider, string? account = null)
    {
        Assert.True((await Vault.Resolution.ResolveAsync(await Vault.OwnerAsync(), provider, account, Cancellation)).Succeeded(out var grant, out var refusal), refusal?.Code);
        return grant.Id;
    }

    private async Task<Refusal> RefusedAsync(string provider, string? account = null)
    {
        Assert.False((await Vault.Resolution.ResolveAsync(await Vault.OwnerAsync(), provider, account, Cancellation)).Succeeded(out _, out var refusal));
        return refusal;
    }
}
