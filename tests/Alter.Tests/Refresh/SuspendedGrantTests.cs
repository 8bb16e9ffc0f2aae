using Alter.Forwarding;
using Alter.Grants;
using Alter.Policies;
using Alter.Providers;
using Alter.Storage;
using Alter.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Refresh;

/// <summary>Grants of a provider the operator has suspended: no token of them moves, none is lost, and ending them goes on.</summary>
public sealed class SuspendedGrantTests(SharedAzurite azurite) : RefreshFixture(azurite)
{
    private readonly FakeTimeProvider time = new(TimeProvider.System.GetUtcNow());

    protected override TimeProvider Time => time;

    [Theory]
    [InlineData(Suspension.All, "all")]
    [InlineData(Suspension.App, "app")]
    [InlineData(Suspension.Provider, "provider")]
    public async Task The_next_call_is_refused_and_works_again_once_it_is_resumed(Suspension suspension, string rule)
    {
        var grant = await Vault.GrantAsync(draft => (draft.Access, draft.Refresh) = Provider.Issue("ada"));
        using var stopped = Stopped(suspension);

        var refused = Assert.IsType<PolicyViolation>(Refused(await CallAsync(stopped, grant)));

        Assert.Equal(("suspended", rule, null), (refused.PolicyError.Policy, refused.PolicyError.Rule, refused.PolicyError.RetryAfter));
        Assert.True((await CallAsync(Vault, grant)).Succeeded(out _, out _));
    }

    [Fact]
    public async Task A_call_says_what_is_wrong_with_the_grant_before_it_says_that_it_is_suspended()
    {
        var grant = await Vault.GrantAsync(draft => draft.Change = row => row with { Scopes = [] });
        using var stopped = Stopped();

        Assert.IsType<ScopeReauthRequired>(Refused(await CallAsync(stopped, grant)));
        Assert.IsType<UrlNotAllowed>(Refused(await CallAsync(stopped, grant, "https://evil.example/")));
        Assert.True((await stopped.Revocation.RevokeAsync(grant, Cancellation)).Succeeded(out _, out _));
        Assert.IsType<GrantRevoked>(Refused(await CallAsync(stopped, grant)));
    }

    [Fact]
    public async Task No_token_endpoint_hears_of_a_suspended_grant_whoever_asks()
    {
        var grant = await StaleAsync();
        using var stopped = Stopped();
        var erp = stopped.App.Providers["erp"];

        Assert.IsType<PolicyViolation>(Refused(await stopped.Refresher.RefreshAsync(grant, erp)));
        Assert.False((await stopped.Endpoint.RedeemCodeAsync(erp, "code", new Uri("https://vault.acme.com"), null, Cancellation)).Succeeded(out _, out var refusal));

        Assert.IsType<PolicyViolation>(refusal);
        Assert.Empty(Provider.Requests);
        Assert.Equal(grant.ETag, (await Vault.ReadAsync(grant)).ETag); // No lease either: nothing keeps the first call after it is resumed waiting.
    }

    [Fact]
    public async Task A_due_grant_is_left_for_an_hour_and_renewed_once_it_is_resumed()
    {
        var grant = await StaleAsync(row => row with { DueAt = time.GetUtcNow() });
        using var stopped = Stopped();

        await stopped.DueGrants.RunAsync(Message(grant), 1, Cancellation);

        var left = await Vault.ReadAsync(grant);
        Assert.Equal((grant.Generation, time.GetUtcNow().AddHours(1), null), (left.Generation, left.DueAt, left.Lease));
        Assert.Equal((false, true), (await IsDueAsync(grant), await IsDueAsync(left)));
        Assert.Empty(Provider.Requests);

        await Vault.DueGrants.RunAsync(Message(left), 1, Cancellation);
        Assert.Equal(grant.Generation + 1, (await Vault.ReadAsync(grant)).Generation);
    }

    [Fact]
    public async Task A_refresh_that_was_cut_off_is_not_repeated_while_it_is_suspended()
    {
        var grant = await StaleAsync(row => row with { Lease = new RefreshLease("dead", time.GetUtcNow().AddSeconds(-1), row.Generation) });
        using var stopped = Stopped();
        var message = Message(grant) with { Kind = GrantMessage.LeaseKind, Due = 0 };

        await stopped.DueGrants.RunAsync(message, 1, Cancellation);
        Assert.Empty(Provider.Requests);

        await Vault.DueGrants.RunAsync(message, 1, Cancellation);
        Assert.Equal(grant.Generation + 1, (await Vault.ReadAsync(grant)).Generation);
    }

    [Fact]
    public async Task A_lifetime_that_ends_meanwhile_is_not_put_off_and_the_provider_is_told()
    {
        var grant = await StaleAsync(row => row with { DueAt = time.GetUtcNow(), ExpiresAt = time.GetUtcNow().AddMinutes(30) });
        var token = (await Vault.TokensAsync(grant)).Refresh!;
        using var stopped = Stopped();
        await stopped.DueGrants.RunAsync(Message(grant), 1, Cancellation);
        Assert.Equal(grant.ExpiresAt, (await Vault.ReadAsync(grant)).DueAt);
        time.Advance(TimeSpan.FromMinutes(30));

        await stopped.DueGrants.RunAsync(Message(await Vault.ReadAsync(grant)), 1, Cancellation);

        Assert.Equal((GrantStatus.Expired, RevocationOutcomes.Confirmed), ((await Vault.ReadAsync(grant)).Status, (await Vault.ReadAsync(grant)).RevocationOutcome));
        Assert.Equal([token], Provider.Revocations);
    }

    [Fact]
    public async Task Listing_and_revoking_go_on_and_the_provider_is_told()
    {
        var grant = await Vault.GrantAsync(draft => (draft.Access, draft.Refresh) = Provider.Issue("ada"));
        var token = (await Vault.TokensAsync(grant)).Refresh!;
        using var stopped = Stopped();

        Assert.True((await stopped.Listing.ListAsync(stopped.App, await Vault.OwnerAsync(), new GrantQuery(null, null, null, 10, 0, null), Cancellation)).Succeeded(out var page, out _));
        Assert.Equal("active", Assert.Single(page.Grants).Status);
        Assert.True((await stopped.Revocation.RevokeAsync(grant, Cancellation)).Succeeded(out _, out _));
        await stopped.AtProvider.RunAsync(GrantRevocation.MessageFor(await Vault.ReadAsync(grant)), Cancellation);

        Assert.Equal([token], Provider.Revocations);
        Assert.Equal(RevocationOutcomes.Confirmed, (await Vault.ReadAsync(grant)).RevocationOutcome);
    }

    private Vault Stopped(Suspension suspension = Suspension.Provider) =>
        new(new VaultSetup(Azurite.ConnectionString, Vault.App.SuspendedBy(suspension)) { Time = Time, Keys = KeySource, Refresh = Options });

    private static async Task<Outcome<PreparedCall>> CallAsync(Vault vault, Grant grant, string? url = null)
    {
        var app = vault.App with { Providers = vault.App.Providers.ToDictionary(entry => entry.Key, entry => entry.Value with { Definition = entry.Value.Definition with { ApiHosts = ["api.erp.acme.com"] } }) };
        return await vault.Calls.PrepareAsync(await vault.CallAsync(grant, url ?? "https://api.erp.acme.com/orders") with { App = app }, Cancellation);
    }

    private static Refusal Refused(Outcome<PreparedCall> outcome)
    {
        Assert.False(outcome.Succeeded(out _, out var refusal));
        return refusal;
    }

    private Task<bool> IsDueAsync(Grant grant) => Vault.Due.ContainsAsync(grant.Id, grant.DueAt!.Value, Cancellation);

    private static GrantMessage Message(Grant grant) => GrantRevocation.MessageFor(grant) with { Kind = "due" };
}
