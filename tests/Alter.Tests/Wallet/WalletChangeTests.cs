using Alter.Apps;
using Alter.Audit;
using Alter.Connect;
using Alter.Grants;
using Alter.Policies;
using Alter.Testing;

namespace Alter.Tests.Wallet;

/// <summary>What a person decides: their own connections, and nobody else's.</summary>
public sealed class WalletChangeTests(SharedAzurite azurite) : WalletFixture(azurite)
{
    [Fact]
    public async Task What_is_revoked_is_gone_from_the_list_and_for_the_next_call()
    {
        var (grant, session) = (await GrantAsync(), await SignedInAsync());

        var revoked = Value(await Vault.WalletRevocation.RunAsync(session, Shop.Id, $"{grant.Id}", Cancellation));

        Assert.Equal(Time.GetUtcNow(), revoked.RevokedAt);
        Assert.Empty(await ListAsync(session));
        Assert.Equal(GrantStatus.Revoked, (await Vault.ReadAsync(grant)).Status);
        Assert.Equal(revoked.RevokedAt, Value(await Vault.WalletRevocation.RunAsync(session, Shop.Id, $"{grant.Id}", Cancellation)).RevokedAt);
    }

    [Fact]
    public async Task What_a_person_decides_is_in_the_record_as_theirs()
    {
        var (end, furthest) = (Time.GetUtcNow().AddDays(1), Time.GetUtcNow().AddDays(30));
        var grant = await GrantAsync(change: draft => draft.Change = row => row with { ExpiresAt = end, MaxExpiresAt = furthest });
        var session = await SignedInAsync();

        Value(await Vault.WalletExtension.RunAsync(session, Shop.Id, $"{grant.Id}", furthest, Cancellation));
        await Vault.Record.DrainAsync(Cancellation);
        Time.Advance(TimeSpan.FromSeconds(1));
        Value(await Vault.WalletRevocation.RunAsync(session, Shop.Id, $"{grant.Id}", Cancellation));
        await Vault.Record.DrainAsync(Cancellation);

        var owner = new GrantOwner(grant.Place.App, grant.Place.UserHash);
        var entries = (await Vault.Activity.ListAsync(owner, new ActivityFilter(), null, 10, Cancellation)).Entries;
        Assert.Equal([GrantEvents.RevokedByUser, GrantEvents.Extended], entries.Select(entry => entry.Outcome));
        Assert.All(entries, entry => Assert.Equal(("wallet", grant.Id), (entry.Caller, entry.GrantId)));
        Assert.Equal(furthest.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture), entries[1].Detail);
    }

    [Fact]
    public async Task Anothers_connection_answers_as_one_that_is_not_there_and_stays()
    {
        var (bobs, session) = (await GrantAsync("bob"), await SignedInAsync());
        var islands = await Vault.GrantAsync(owner: await OwnerAsync(Island, Islanders));

        foreach (var (app, id) in ((string, string)[])[(Shop.Id, $"{bobs.Id}"), (Island.Id, $"{islands.Id}"), (Shop.Id, $"{islands.Id}"), (Shop.Id, "x'"), ("", ""), (new string('x', 9000), $"{bobs.Id}")])
        {
            Assert.Equal(new GrantNotFound(), Refused(await Vault.WalletRevocation.RunAsync(session, app, id, Cancellation)));
            Assert.Equal(new GrantNotFound(), Refused(await Vault.WalletReconnection.RunAsync(session, app, id, Cancellation)));
            Assert.Equal(new GrantNotFound(), Refused(await Vault.WalletExtension.RunAsync(session, app, id, Time.GetUtcNow().AddDays(1), Cancellation)));
        }

        Assert.Equal((GrantStatus.Active, GrantStatus.Active), ((await Vault.ReadAsync(bobs)).Status, (await Vault.ReadAsync(islands)).Status));
    }

    [Fact]
    public async Task What_broke_is_connected_again_through_Connect_and_leads_back_to_the_Wallet()
    {
        var broken = await GrantAsync(change: draft => draft.Change = grant => grant with { Status = GrantStatus.CredentialRevoked, Cause = CredentialCauses.InvalidGrant });
        var session = await SignedInAsync();

        var created = Value(await Vault.WalletReconnection.RunAsync(session, Shop.Id, $"{broken.Id}", Cancellation));
        var view = Value(await Vault.Open.RunAsync(created.SessionToken, null, ConnectBrowser.New, Cancellation));

        Assert.Equal(("identity", "ada", "erp", null), (view.BrowserProof, view.User, Assert.Single(view.Providers).Id, view.AllowedOrigin));
        Assert.StartsWith("https://vault.acme.com/wallet?", view.ReturnTo, StringComparison.Ordinal);

        await ConnectAsync(created.SessionToken);

        var renewed = Assert.Single(await ListAsync(session));
        Assert.Equal((broken.Id, "active", null), (renewed.GrantId, renewed.Status, renewed.Reason));
    }

    [Fact]
    public async Task What_works_is_suspended_or_was_revoked_is_not_connected_again()
    {
        var session = await SignedInAsync();
        var works = await GrantAsync(change: draft => draft.Account = "works@example.com");
        var broken = await GrantAsync(change: draft =>
        {
            draft.Account = "broken@example.com";
            draft.Change = grant => grant with { Status = GrantStatus.CredentialRevoked };
        });

        Assert.IsType<InvalidRequest>(Refused(await Vault.WalletReconnection.RunAsync(session, Shop.Id, $"{works.Id}", Cancellation)));
        using var suspended = VaultOf(Shop.SuspendedBy(Suspension.App));
        Assert.IsType<PolicyViolation>(Refused(await suspended.WalletReconnection.RunAsync(session, Shop.Id, $"{broken.Id}", Cancellation)));
        using var without = VaultOf(Shop with { Providers = new Dictionary<string, AppProvider>() });
        Assert.IsType<InvalidRequest>(Refused(await without.WalletReconnection.RunAsync(session, Shop.Id, $"{broken.Id}", Cancellation)));

        Value(await suspended.WalletRevocation.RunAsync(session, Shop.Id, $"{broken.Id}", Cancellation)); // Taking back goes on.
        Assert.IsType<InvalidRequest>(Refused(await Vault.WalletReconnection.RunAsync(session, Shop.Id, $"{broken.Id}", Cancellation)));
    }

    [Fact]
    public async Task Connecting_again_gives_no_longer_life_than_the_app_allowed()
    {
        var now = Time.GetUtcNow();
        var session = await SignedInAsync();

        // What the app limited for this one connection is kept; once it is over, only the app begins it anew.
        Assert.Equal((now.AddDays(2), now.AddDays(5)), await RenewedAsync(Shop, now.AddDays(2), now.AddDays(5)));
        Assert.Null(await RenewedAsync(Shop, now.AddDays(-2), now.AddDays(-1)));

        // What the document limits for all begins anew.
        var limited = Shop with { GrantLifetime = new GrantLifetime(TimeSpan.FromDays(10), TimeSpan.FromDays(30)) };
        Assert.Equal((now.AddDays(10), now.AddDays(30)), await RenewedAsync(limited, now.AddDays(-20), now.AddDays(-10)));
        Assert.Equal((now.AddDays(10), now.AddDays(30)), await RenewedAsync(limited, null, null));
        Assert.Equal((now.AddDays(3), now.AddDays(3)), await RenewedAsync(limited, now.AddDays(-1), now.AddDays(3)));
        Assert.Equal((null, null), await RenewedAsync(Shop, null, null));

        async Task<(DateTimeOffset?, DateTimeOffset?)?> RenewedAsync(AppConfiguration shop, DateTimeOffset? expiresAt, DateTimeOffset? maxExpiresAt)
        {
            var grant = await GrantAsync(change: draft =>
            {
                draft.Account = $"{A.Unique()}@example.com";
                draft.CreatedAt = now.AddDays(-40);
                draft.Change = made => made with { Status = GrantStatus.CredentialRevoked, ExpiresAt = expiresAt, MaxExpiresAt = maxExpiresAt };
            });
            using var vault = VaultOf(shop);
            if (!(await vault.WalletReconnection.RunAsync(session, Shop.Id, $"{grant.Id}", Cancellation)).Succeeded(out var created, out _))
            {
                return null;
            }

            var minted = Value(await vault.Sessions.FindAsync(await vault.ConnectTokens.ReadSessionAsync(created.SessionToken, Cancellation), Cancellation));
            return (minted.GrantExpiresAt, minted.GrantMaxExpiresAt);
        }
    }

    // The person signs in once more, without being asked, and consents.
    private async Task ConnectAsync(string token)
    {
        var cookies = new Dictionary<string, string>();
        var authorized = Value(await Vault.Authorize.RunAsync(new ConnectChoice(token, "erp", ConnectMode.Redirect), ConnectBrowser.New, Cancellation));
        var browser = new ConnectBrowser(authorized.Cookie, cookies.GetValueOrDefault);
        var signedIn = Value(await Vault.SignIn.RunAsync(Shop.Id, "people", Answer(People.Consent(authorized.AuthorizationUrl, "ada")), browser, Cancellation));
        cookies[signedIn.Cookie!.Value.Name] = signedIn.Cookie.Value.Value;
        Value(await Vault.Finish.RunAsync(Shop.Id, "erp", Answer(Erp.Consent(signedIn.AuthorizationUrl!)), browser, Cancellation));

        static CallbackParameters Answer(IReadOnlyDictionary<string, string> answer) => new(answer["code"], answer["state"], answer["iss"], null, null);
    }
}
