using Alter.Apps;
using Alter.Forwarding;
using Alter.Grants;
using Alter.Keys;
using Alter.Providers;
using Alter.Storage;
using Alter.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Alter.Tests.Grants;

/// <summary>A grant whose provider the document no longer has: nothing is renewed, nothing is lost, and its user can still see and end it.</summary>
public sealed class OrphanedGrantTests(SharedAzurite azurite) : GrantFixture(azurite)
{
    [Fact]
    public async Task A_call_for_a_provider_that_left_the_document_is_refused_and_says_so()
    {
        using var after = Without("erp");
        var grant = await GrantAsync();

        var byId = Assert.IsType<ConnectConfig>(await RefusalAsync(after, ControlHeaders.GrantId, grant.Id.ToString("D")));
        var byProvider = Assert.IsType<InvalidRequest>(await RefusalAsync(after, ControlHeaders.Provider, "erp"));

        Assert.Equal(("The app's document no longer has this grant's provider.", "erp"), (byId.Detail, byId.Provider));
        Assert.Equal(["The app has crm."], byProvider.Errors![ControlHeaders.Provider]);
        Assert.Empty(Provider.Requests);
    }

    [Fact]
    public async Task It_is_still_listed_under_its_provider()
    {
        using var after = Without("erp");
        var grant = await GrantAsync();

        Assert.True((await after.Listing.ListAsync(after.App, await after.OwnerAsync(), new GrantQuery("erp", null, null, 100, 0, null), Cancellation)).Succeeded(out var page, out _));

        var view = Assert.Single(page.Grants);
        Assert.Equal((grant.Id, "erp", "erp", "active", "ada@example.com"), (view.GrantId, view.Provider, view.ProviderName, view.Status, view.AccountIdentifier));
    }

    [Fact]
    public async Task Its_user_revokes_it_and_the_provider_cannot_be_told()
    {
        using var after = Without("erp");
        var grant = await GrantAsync();
        Assert.True((await after.Resolution.ResolveByIdAsync(await after.OwnerAsync(), grant.Id.ToString("D"), Cancellation)).Succeeded(out var found, out _));

        Assert.True((await after.Revocation.RevokeAsync(found, Cancellation)).Succeeded(out _, out _));
        await after.AtProvider.RunAsync(GrantRevocation.MessageFor(await after.ReadAsync(grant)), Cancellation);

        var ended = await after.ReadAsync(grant);
        Assert.Equal((GrantStatus.Revoked, RevocationOutcomes.NotPossible, null, null), (ended.Status, ended.RevocationOutcome, ended.RevocationToken, ended.DueAt));
        Assert.Empty(Provider.Revocations);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_timer_leaves_it_alone_for_a_day_and_deletes_nothing(bool isAppGone)
    {
        using var after = isAppGone ? new Vault(new VaultSetup(Storage, A.App(A.AppId())) { Time = Time }) : Without("erp");
        var grant = await GrantAsync(draft => draft.Change = grant => grant with { DueAt = Time.GetUtcNow() });
        var before = await Vault.TokensAsync(grant);

        await after.DueGrants.RunAsync(new GrantMessage(GrantMessage.Version, "due", grant.Key.Partition, grant.Key.Row, grant.Id, grant.DueAt!.Value.UtcTicks), 1, Cancellation);

        var left = await Vault.ReadAsync(grant);
        Assert.Equal((GrantStatus.Active, 1, Time.GetUtcNow().AddDays(1)), (left.Status, left.Generation, left.DueAt!.Value));
        Assert.Equal(before, await Vault.TokensAsync(left));
        Assert.True(await Vault.Due.ContainsAsync(grant.Id, left.DueAt.Value, Cancellation));
        Assert.False(await Vault.Due.ContainsAsync(grant.Id, grant.DueAt.Value, Cancellation));
        Assert.Empty(Provider.Requests);
    }

    [Fact]
    public async Task Once_the_provider_is_back_the_grant_goes_on()
    {
        using var after = Without("erp");
        var grant = await GrantAsync(draft => (draft.CreatedAt, draft.Change) = (Time.GetUtcNow().AddHours(-2), grant => grant with { DueAt = Time.GetUtcNow() }));
        await after.DueGrants.RunAsync(new GrantMessage(GrantMessage.Version, "due", grant.Key.Partition, grant.Key.Row, grant.Id, grant.DueAt!.Value.UtcTicks), 1, Cancellation);
        Time.Advance(TimeSpan.FromDays(1));
        var due = (await Vault.ReadAsync(grant)).DueAt!.Value;

        await Vault.DueGrants.RunAsync(new GrantMessage(GrantMessage.Version, "due", grant.Key.Partition, grant.Key.Row, grant.Id, due.UtcTicks), 1, Cancellation);

        Assert.Equal(2, (await Vault.ReadAsync(grant)).Generation);
    }

    // The same app and storage under the next document.
    private Vault Without(string provider) =>
        new(new VaultSetup(Storage, A.App(Vault.App.Id, [.. Vault.App.Providers.Values.Where(one => one.Definition.Id != provider)])) { Time = Time, Keys = Keys });

    private async Task<Refusal> RefusalAsync(Vault vault, string header, string value)
    {
        Assert.True(ProviderCall.ReadTarget(vault.App, "https://erp.example.com/orders").Succeeded(out var target, out _));
        var document = new ConfigurationSource(new ConfigurationReading(
            new VaultConfiguration
            {
                PublicUrl = new Uri("https://vault.acme.com"),
                KeyEncryption = new KeyEncryptionSettings(KeyEncryptionSource.Local),
                Apps = new Dictionary<string, AppConfiguration> { [vault.App.Id] = vault.App },
                Version = "0123456789ab",
            },
            []));
        var asked = new IncomingCall
        {
            App = vault.App,
            Key = new AppKey("main", [], AppKeyScopes.Default),
            Owner = await vault.OwnerAsync(),
            Method = "GET",
            Target = target,
            ProviderId = header == ControlHeaders.Provider ? value : null,
            GrantIdText = header == ControlHeaders.GrantId ? value : null,
        };
        var policies = new CallPolicies(vault.Limiter, Time, NullLogger<CallPolicies>.Instance);
        var call = await new ProviderCall(new CalledGrants(vault.Resolution, document), policies, vault.AccessTokens, Time).PrepareAsync(asked, Cancellation);
        return call.Succeeded(out _, out var refusal) ? throw new InvalidOperationException("The call was prepared.") : refusal;
    }
}
