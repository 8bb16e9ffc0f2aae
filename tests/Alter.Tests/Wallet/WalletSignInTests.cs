using System.Web;
using Alter.Connect;
using Alter.Providers;
using Alter.Testing;

namespace Alter.Tests.Wallet;

/// <summary>Who is in the browser, and how nobody is made to be somebody else. Security rule A26.</summary>
public sealed class WalletSignInTests(SharedAzurite azurite) : WalletFixture(azurite)
{
    [Fact]
    public async Task A_sign_in_asks_for_a_code_with_PKCE_state_and_nonce_at_the_Wallets_own_redirect_URI()
    {
        var query = HttpUtility.ParseQueryString(new Uri((await StartAsync()).AuthorizationUrl).Query);

        Assert.Equal(
            ("code", "alter", "openid", "https://vault.acme.com/wallet/signin/people", "S256"),
            (query["response_type"], query["client_id"], query["scope"], query["redirect_uri"], query["code_challenge_method"]));
        Assert.All((string[])["state", "nonce", "code_challenge"], name => Assert.Matches("^[A-Za-z0-9_-]{43}$", query[name]));
        Assert.Null(query["prompt"]);
    }

    [Fact]
    public async Task Somebody_else_is_asked_even_where_the_OpenID_provider_knows_the_first()
    {
        var start = Value(await Vault.BeginWallet.RunAsync("people", issuer: null, asSomebodyElse: true, Cancellation));

        Assert.Equal("login", HttpUtility.ParseQueryString(new Uri(start.AuthorizationUrl).Query)["prompt"]);
    }

    [Fact]
    public async Task Who_signs_in_is_known_to_every_instance_by_a_sealed_cookie()
    {
        var cookie = await CookieAsync();
        using var another = Vault.Another();

        var session = Value(await another.WalletCookies.OpenSessionAsync(cookie, Cancellation));

        Assert.Equal(("people", People.Issuer, "ada"), (session.IdentityProvider, session.Issuer, session.Label));
        Assert.DoesNotContain("ada", cookie, StringComparison.Ordinal);
        Assert.Equal("[wallet session]", session.ToString());
    }

    [Theory]
    [InlineData(0)] // No cookie: the link was opened by somebody who began nothing.
    [InlineData(1)] // The cookie of the victim's own sign-in, which has another state.
    public async Task Another_browser_is_not_signed_in_by_an_answer_it_did_not_ask_for(int victim)
    {
        var mallory = Consented(People, await StartAsync(), "mallory");
        var cookie = victim == 0 ? null : (await StartAsync()).Cookie;

        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync("people", mallory, cookie)));
        Assert.Empty(People.Requests); // Its code went nowhere.
    }

    [Fact]
    public async Task An_answer_counts_at_the_place_it_was_asked_at_for_ten_minutes_and_once()
    {
        var start = await StartAsync();
        var answer = Consented(People, start);
        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync("islanders", answer, start.Cookie)));
        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync("people", answer with { Iss = Islanders.Issuer }, start.Cookie)));
        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync("people", answer with { Iss = null }, start.Cookie)));
        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync("people", answer with { State = null }, start.Cookie)));
        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync("people", answer with { Code = new string('c', 5000) }, start.Cookie)));
        Assert.Empty(People.Requests);

        Value(await FinishAsync("people", answer, start.Cookie));
        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync("people", answer, start.Cookie)));

        var late = await StartAsync();
        Time.Advance(TimeSpan.FromMinutes(10));
        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync("people", Consented(People, late), late.Cookie)));
    }

    [Theory]
    [InlineData("nonce", "another")]
    [InlineData("aud", "another client")]
    [InlineData("iss", "https://idp.example")]
    [InlineData("azp", "another client")]
    public async Task An_id_token_for_another_sign_in_signs_nobody_in(string claim, string value)
    {
        var start = await StartAsync();
        var answer = Consented(People, start);
        People.IdToken = claims => claims[claim] = value;

        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync("people", answer, start.Cookie)));
    }

    [Fact]
    public async Task Whoever_calls_the_sign_in_off_is_told_so()
    {
        var start = await StartAsync();
        var state = HttpUtility.ParseQueryString(new Uri(start.AuthorizationUrl).Query)["state"];

        Assert.IsType<ConnectDenied>(Refused(await FinishAsync("people", new CallbackParameters(null, state, People.Issuer, "access_denied", "<script>"), start.Cookie)));
    }

    [Fact]
    public async Task Nobody_signs_in_where_the_vault_has_no_client()
    {
        Assert.Equal(["islanders", "people"], Vault.WalletPlaces.List().Select(place => place.IdentityProvider).Order(StringComparer.Ordinal));
        foreach (var place in (string[])["mall", "nobody", "", new string('x', 5000)])
        {
            Assert.IsType<InvalidRequest>(Refused(await Vault.BeginWallet.RunAsync(place, null, false, Cancellation)));
        }

        Assert.IsType<InvalidRequest>(Refused(await Vault.BeginWallet.RunAsync("people", Islanders.Issuer, false, Cancellation)));

        using var without = VaultOf(App("Acme Shop", Provider("people", People)), App("Acme Robot"));
        Assert.Empty(without.WalletPlaces.List());
    }

    [Fact]
    public async Task A_client_that_is_told_another_sub_than_the_app_recognises_nobody_and_says_so_before_anyone_signs_in()
    {
        People.Discovery = metadata => metadata["subject_types_supported"] = new System.Text.Json.Nodes.JsonArray("pairwise");

        Assert.IsType<ConnectConfig>(Refused(await Vault.BeginWallet.RunAsync("people", null, false, Cancellation)));
    }

    [Fact]
    public async Task Without_the_clients_secret_nobody_is_sent_to_sign_in()
    {
        using var vault = VaultOf(App("Acme Shop", Provider("people", People) with { SignIn = Client() with { ClientSecret = "not-there" } }));

        var refusal = Assert.IsType<VaultUnavailable>(Refused(await vault.BeginWallet.RunAsync("people", null, false, Cancellation)));

        Assert.Equal("The client secret for provider people cannot be read; /health/ready says which and why.", refusal.Detail);
    }

    [Fact]
    public async Task Where_users_are_named_by_their_address_an_unproven_one_signs_nobody_in()
    {
        using var vault = VaultOf(App("Acme Shop", Provider("people", People) with { SignIn = Client(), UserIdClaim = "email", RequireEmailVerified = true }), Mall);
        var start = await StartAsync(vault: vault);
        People.IdToken = claims => claims["email_verified"] = false;

        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync("people", Consented(People, start), start.Cookie, vault)));

        var proven = await StartAsync(vault: vault);
        People.IdToken = claims => claims["email_verified"] = true;
        Value(await FinishAsync("people", Consented(People, proven), proven.Cookie, vault));
    }
}
