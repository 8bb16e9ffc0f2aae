using Alter.Apps;
using Alter.Grants;
using Alter.Policies;
using Alter.Testing;
using Alter.Wallet;
using Azure.Data.Tables;

namespace Alter.Tests.Wallet;

/// <summary>Whose connections are shown to whom, and what is said of each.</summary>
public sealed class WalletListingTests(SharedAzurite azurite) : WalletFixture(azurite)
{
    [Fact]
    public async Task Every_app_that_knows_the_person_is_shown_each_by_its_own_claim_mapping()
    {
        var inShop = await GrantAsync();
        var inMall = await Vault.GrantAsync(owner: await OwnerAsync(Mall, People, "p-ada", "https://acme.com/ids.person"));

        var session = await SignedInAsync();

        Assert.Equal([inMall.Id, inShop.Id], (await ListAsync(session)).Select(connection => connection.GrantId));
        Assert.Equal(["Acme Mall", "Acme Shop"], Value(await Vault.WalletListing.ListAsync(session, Cancellation)).Apps.Select(app => app.Name));
    }

    [Fact]
    public async Task Nobody_is_shown_what_is_anothers_in_the_same_app_or_of_their_namesake_at_another_issuer()
    {
        var (adas, bobs) = (await GrantAsync(), await GrantAsync("bob"));
        var islands = await Vault.GrantAsync(owner: await OwnerAsync(Island, Islanders));

        // The mall names people by another claim: whoever is called "ada" there by the shop's claim is nobody.
        await Vault.GrantAsync(owner: await OwnerAsync(Mall, People));

        Assert.Equal([adas.Id], (await ListAsync(await SignedInAsync())).Select(connection => connection.GrantId));
        Assert.Equal([bobs.Id], (await ListAsync(await SignedInAsync("bob"))).Select(connection => connection.GrantId));
        Assert.Equal([islands.Id], (await ListAsync(await SignedInAsync("ada", "islanders", Islanders))).Select(connection => connection.GrantId));
    }

    [Fact]
    public async Task An_app_whose_mapping_names_nobody_is_not_shown()
    {
        await Vault.GrantAsync(owner: await OwnerAsync(Mall, People, "p-ada", "https://acme.com/ids.person"));
        People.IdToken = claims => claims.Remove("https://acme.com/ids");

        Assert.Empty(await ListAsync(await SignedInAsync()));
    }

    [Fact]
    public async Task An_app_that_is_told_other_subjects_than_the_sign_in_is_not_shown()
    {
        var shop = App("Acme Shop", Provider("people", People) with { SignIn = Client(), Audiences = ["alter"] });
        var other = App("Acme Club", Provider("club", People));
        using var vault = VaultOf(shop, other);
        People.Discovery = metadata => metadata["subject_types_supported"] = new System.Text.Json.Nodes.JsonArray("pairwise");

        Assert.Equal(["people"], (await SignedInAsync(vault: vault)).Users.Keys);
    }

    [Fact]
    public async Task An_app_that_maps_another_claim_since_the_sign_in_is_not_shown()
    {
        await GrantAsync();
        var cookie = await CookieAsync();
        using var changed = VaultOf(Shop with { IdentityProviders = [Shop.IdentityProviders[0] with { UserIdClaim = "email", RequireEmailVerified = true }] });

        Assert.Empty(await ListAsync(Value(await changed.WalletCookies.OpenSessionAsync(cookie, Cancellation)), changed));
    }

    [Fact]
    public async Task A_connection_says_what_it_is_and_what_it_may()
    {
        var shop = Shop with
        {
            Providers = new Dictionary<string, AppProvider>
            {
                ["erp"] = A.Provider(Erp, change: definition => definition with { ScopeDescriptions = new Dictionary<string, string> { ["orders.read"] = "See your orders", ["other"] = "Other" } }),
            },
        };
        using var vault = VaultOf(shop);
        var grant = await GrantAsync(change: draft => draft.Change = changed => changed with { ExpiresAt = Time.GetUtcNow().AddDays(1), MaxExpiresAt = Time.GetUtcNow().AddDays(9) });
        await Vault.Store.NoteUseAsync(grant);

        var shown = Assert.Single(await ListAsync(await SignedInAsync(), vault));

        Assert.Equal((shop.Id, "Acme Shop", "erp", "Acme ERP", "ada@example.com"), (shown.App.Id, shown.App.Name, shown.Provider.Id, shown.Provider.Name, shown.AccountIdentifier));
        Assert.Equal(["orders.read", "orders.write"], shown.Scopes);
        Assert.Equal(new("orders.read", "See your orders"), Assert.Single(shown.ScopeDescriptions));
        Assert.Equal(("active", null, true, false), (shown.Status, shown.Reason, shown.CanExtend, shown.CanReconnect));
        Assert.Equal((grant.CreatedAt, Time.GetUtcNow(), grant.ExpiresAt, grant.MaxExpiresAt), (shown.CreatedAt, shown.LastUsedAt, shown.ExpiresAt, shown.MaxExpiresAt));
    }

    [Fact]
    public async Task What_is_wrong_with_a_connection_is_said_and_whether_connecting_it_again_helps()
    {
        await ShownAsync("refused", true, grant => grant with { Status = GrantStatus.CredentialRevoked, Cause = CredentialCauses.InvalidGrant });
        await ShownAsync("interrupted", true, grant => grant with { Status = GrantStatus.CredentialRevoked, Cause = CredentialCauses.RefreshInterrupted });
        await ShownAsync("not_renewable", true, grant => grant with { Status = GrantStatus.CredentialRevoked, Cause = CredentialCauses.NoRefreshToken });
        await ShownAsync("expired", true, grant => grant with { ExpiresAt = grant.CreatedAt });
        await ShownAsync("permission_missing", true, grant => grant with { Scopes = ["orders.write"] });
        await ShownAsync("retrying", true, grant => grant with { Fails = 2, LastError = "provider_unreachable" });
        await ShownAsync("suspended", false, grant => grant, provider => provider with { Suspension = Suspension.Provider });

        async Task ShownAsync(string reason, bool helps, Func<Grant, Grant> change, Func<AppProvider, AppProvider>? provider = null)
        {
            var user = $"user-{A.Unique()}";
            await GrantAsync(user, draft => draft.Change = change);
            using var vault = VaultOf(provider is null ? Shop : Shop with { Providers = Shop.Providers.ToDictionary(one => one.Key, one => provider(one.Value)) });
            var shown = Assert.Single(await ListAsync(await SignedInAsync(user), vault));
            Assert.Equal((reason, helps), (shown.Reason, shown.CanReconnect));
        }
    }

    [Fact]
    public async Task What_cannot_be_opened_and_what_the_app_no_longer_has_can_still_be_seen()
    {
        var grant = await GrantAsync();
        var row = (await Vault.Tables.Grants.GetEntityAsync<TableEntity>(grant.Key.Partition, grant.Key.Row, cancellationToken: Cancellation)).Value;
        row["profile"] = new byte[64];
        await Vault.Tables.Grants.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, Cancellation);

        var unreadable = Assert.Single(await ListAsync(await SignedInAsync()));
        Assert.Equal(("unreadable", $"{grant.Id}"), (unreadable.Reason, unreadable.AccountIdentifier));

        using var without = VaultOf(Shop with { Providers = new Dictionary<string, AppProvider>() });
        var orphan = Assert.Single(await ListAsync(await SignedInAsync(), without));
        Assert.Equal(("orphaned", "erp", null, false), (orphan.Reason, orphan.Provider.Name, orphan.Provider.Logo, orphan.CanReconnect));
    }
}
