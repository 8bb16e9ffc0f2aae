using Alter.Testing;
using Alter.Wallet;

namespace Alter.Tests.Wallet;

/// <summary>How long a sign-in counts, and what does not pass for one.</summary>
public sealed class WalletSessionTests(SharedAzurite azurite) : WalletFixture(azurite)
{
    [Fact]
    public async Task It_counts_for_eight_hours_used_or_not_and_not_a_second_longer()
    {
        var cookie = await CookieAsync();

        Time.Advance(TimeSpan.FromHours(8) - TimeSpan.FromSeconds(1));
        Value(await Vault.WalletCookies.OpenSessionAsync(cookie, Cancellation));
        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.IsType<WalletSessionExpired>(Refused(await Vault.WalletCookies.OpenSessionAsync(cookie, Cancellation)));
    }

    [Fact]
    public async Task An_instance_whose_clock_is_a_little_behind_knows_it_and_one_of_tomorrow_is_none()
    {
        var cookie = await CookieAsync();
        var (behind, tomorrow) = (Instance(TimeSpan.FromSeconds(-30)), Instance(TimeSpan.FromDays(-1)));

        Value(await behind.OpenSessionAsync(cookie, Cancellation));
        Assert.IsType<WalletSessionExpired>(Refused(await tomorrow.OpenSessionAsync(cookie, Cancellation)));

        WalletCookies Instance(TimeSpan difference) => new(Vault.Ring, new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Time.GetUtcNow() + difference));
    }

    [Fact]
    public async Task It_outlives_one_rotation_of_the_key_and_not_two()
    {
        var cookie = await CookieAsync();

        Keys.Versions.Add(A.Key());
        using (var another = Vault.Another())
        {
            Value(await another.WalletCookies.OpenSessionAsync(cookie, Cancellation));
        }

        Keys.Versions.Add(A.Key());
        using (var another = Vault.Another())
        {
            Assert.IsType<WalletSessionExpired>(Refused(await another.WalletCookies.OpenSessionAsync(cookie, Cancellation)));
        }
    }

    [Fact]
    public async Task No_other_cookie_of_the_vault_and_no_altered_one_passes_for_it()
    {
        var (cookie, step) = (await CookieAsync(), (await StartAsync()).Cookie);
        var connect = await Vault.Cookies.SealAsync("people", new Alter.Connect.SignedInUser(People.Issuer, "sub", "ada", Time.GetUtcNow()), Cancellation);

        foreach (var other in (string?[])[null, "", step, connect, "junk", new string('A', 5000), cookie[..^1], cookie + "A", (cookie[0] is 'A' ? 'B' : 'A') + cookie[1..]])
        {
            Assert.IsType<WalletSessionExpired>(Refused(await Vault.WalletCookies.OpenSessionAsync(other, Cancellation)));
        }

        Assert.Null(await Vault.WalletCookies.OpenSignInAsync(cookie, Cancellation));
    }

    [Fact]
    public async Task A_sign_in_from_before_the_user_was_erased_shows_nothing_and_changes_nothing()
    {
        var (grant, session) = (await GrantAsync(), await SignedInAsync());
        Time.Advance(TimeSpan.FromSeconds(1));
        await Vault.Erasure.RunAsync(await OwnerAsync(Shop, People), Cancellation);

        Assert.IsType<WalletSessionExpired>(Refused(await Vault.WalletListing.ListAsync(session, Cancellation)));
        Assert.IsType<WalletSessionExpired>(Refused(await Vault.WalletRevocation.RunAsync(session, Shop.Id, $"{grant.Id}", Cancellation)));
        Assert.IsType<WalletSessionExpired>(Refused(await Vault.WalletReconnection.RunAsync(session, Shop.Id, $"{grant.Id}", Cancellation)));
        Assert.IsType<WalletSessionExpired>(Refused(await Vault.WalletActivity.ListAsync(session, new WalletActivityQuery(Shop.Id, new Alter.Audit.ActivityFilter(), null, 10), Cancellation)));

        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(await ListAsync(await SignedInAsync()));
    }
}
