using System.Web;
using Alter.Connect;
using Alter.Testing;

namespace Alter.Tests.Connect;

/// <summary>A vault that moves has two origins, and a browser's cookie is of one of them.</summary>
public sealed class MovingVaultTests(SharedAzurite azurite) : ConnectFixture(azurite)
{
    private const string Public = "https://vault.acme.com";
    private const string Former = "https://vault-old.acme.com";

    [Theory]
    [InlineData(Public, false, false)]
    [InlineData(Public, true, true)]
    [InlineData(Former, false, true)]
    [InlineData(Former, true, false)]
    public async Task A_response_that_comes_back_at_the_other_origin_is_led_to_where_its_browser_left_from(string page, bool isRegisteredAtFormer, bool isLedOn)
    {
        using var vault = Moving(isRegisteredAtFormer);
        var redirect = await BegunAsync(vault, page);
        Assert.StartsWith($"{(isRegisteredAtFormer ? Former : Public)}/oauth/callback/", QueryOf(redirect.AuthorizationUrl)["redirect_uri"], StringComparison.Ordinal);
        var response = Consented(redirect);

        var url = await vault.OtherOrigin.FindAsync(response, ConnectBrowser.New, Cancellation);

        Assert.Equal(isLedOn, url is not null);
        if (url is not null)
        {
            Assert.StartsWith($"{page}/oauth/callback/{vault.App.Id}/erp?code=", url, StringComparison.Ordinal);
            var query = QueryOf(url);
            Assert.Equal((response.Code, response.State, response.Iss, "1"), (query["code"], query["state"], query["iss"], query[OtherOrigin.Marker]));
        }

        Assert.True((await FinishAsync(response with { IsLedOn = isLedOn }, redirect.Cookie, vault: vault)).Succeeded(out _, out var refusal), refusal?.Code);
        Assert.Single(await GrantsAsync());
    }

    [Fact]
    public async Task A_browser_that_never_had_the_cookie_is_led_on_once_and_refused()
    {
        using var vault = Moving(isRegisteredAtFormer: true);
        var response = Consented(await BegunAsync(vault, Public));
        Assert.NotNull(await vault.OtherOrigin.FindAsync(response, ConnectBrowser.New, Cancellation));
        Assert.NotNull(await vault.OtherOrigin.FindAsync(response, new ConnectBrowser(FlowCookie.New()), Cancellation));

        var there = response with { IsLedOn = true };

        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync(there, cookie: null, vault: vault)));
        Assert.Null(await vault.OtherOrigin.FindAsync(there, ConnectBrowser.New, Cancellation));
    }

    [Fact]
    public async Task Nothing_is_led_on_that_is_over_unknown_or_of_an_origin_the_vault_has_given_up()
    {
        using var vault = Moving(isRegisteredAtFormer: true);
        var redirect = await BegunAsync(vault, Public);
        var response = Consented(redirect);
        Assert.Null(await vault.OtherOrigin.FindAsync(response, new ConnectBrowser(redirect.Cookie), Cancellation)); // It is where it belongs.
        Assert.Null(await vault.OtherOrigin.FindAsync(response with { State = "junk" }, ConnectBrowser.New, Cancellation));
        Assert.Null(await vault.OtherOrigin.FindAsync(response with { State = null }, ConnectBrowser.New, Cancellation));
        Assert.Null(await Vault.OtherOrigin.FindAsync(response, ConnectBrowser.New, Cancellation)); // The move is over.
        using var moved = Moving(isRegisteredAtFormer: false, former: "https://vault-older.acme.com");
        var early = Consented(await BegunAsync(vault, Former));
        Assert.Null(await moved.OtherOrigin.FindAsync(early, ConnectBrowser.New, Cancellation));

        Assert.True((await FinishAsync(response, redirect.Cookie, vault: vault)).Succeeded(out _, out _));
        Assert.Null(await vault.OtherOrigin.FindAsync(response, ConnectBrowser.New, Cancellation));
    }

    [Fact]
    public async Task A_person_on_their_way_while_the_document_changes_gets_through()
    {
        var redirect = await AuthorizeAsync(await SessionAsync());
        using var moving = Moving(isRegisteredAtFormer: true); // From now on the redirect URI is another.

        Assert.True((await FinishAsync(Consented(redirect), redirect.Cookie, vault: moving)).Succeeded(out _, out var refusal), refusal?.Code);
    }

    private Vault Moving(bool isRegisteredAtFormer, string former = Former)
    {
        var providers = Vault.App.Providers.ToDictionary(entry => entry.Key, entry => entry.Value with { IsRegisteredAtFormer = isRegisteredAtFormer });
        return new Vault(new VaultSetup(Storage, Vault.App with { Providers = providers }) { Time = Time, Keys = Keys, FormerPublicUrl = new Uri(former) });
    }

    private async Task<AuthorizationRedirect> BegunAsync(Vault vault, string page)
    {
        var begun = await vault.Authorize.RunAsync(new ConnectChoice(await SessionAsync(), "erp", ConnectMode.Popup, PageOrigin: page), ConnectBrowser.New, Cancellation);
        Assert.True(begun.Succeeded(out var redirect, out var refusal), refusal?.Detail);
        return redirect;
    }

    private static System.Collections.Specialized.NameValueCollection QueryOf(string url) => HttpUtility.ParseQueryString(new Uri(url).Query);
}
