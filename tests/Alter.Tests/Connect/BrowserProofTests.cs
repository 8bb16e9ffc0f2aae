using System.Web;
using Alter.Apps;
using Alter.Connect;
using Alter.Grants;
using Alter.Providers;
using Alter.Refresh;
using Alter.Storage;
using Alter.Testing;
using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Connect;

/// <summary>Whose browser is it? Ada is the user of the sessions; Mallory is not. Security rule A1, both ways round.</summary>
public sealed class BrowserProofTests(SharedAzurite azurite) : IAsyncLifetime
{
    private const string Ada = "ada";
    private const string Mallory = "mallory";
    private readonly FakeTimeProvider time = new(TimeProvider.System.GetUtcNow());
    private readonly FakeKeySource keys = new(A.Key());
    private FakeProvider people = null!; // The app's own OpenID provider.
    private FakeProvider erp = null!;
    private Vault vault = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        people = await FakeProvider.StartAsync();
        erp = await FakeProvider.StartAsync();
        vault = VaultWith(new SignInClient("alter", A.ClientSecretName, TokenEndpointAuthMethod.ClientSecretBasic, ["openid"], null));
    }

    public async ValueTask DisposeAsync()
    {
        vault.Dispose();
        await people.DisposeAsync();
        await erp.DisposeAsync();
    }

    [Fact]
    public async Task With_a_sign_in_client_identity_is_the_default_and_without_one_confirm_is()
    {
        Assert.Equal("identity", (await OpenAsync(await MintAsync(proof: null), new Person())).BrowserProof);

        using var without = VaultWith(null);
        Assert.Equal("confirm", (await OpenAsync(await MintAsync(proof: null, at: without), new Person(), without)).BrowserProof);
        Assert.Equal(["browser_proof"], Assert.IsType<InvalidRequest>(Refused(await TryMintAsync("identity", at: without))).Errors!.Keys);
    }

    [Fact]
    public async Task A_session_without_origin_and_return_url_allows_identity_alone()
    {
        using var headless = VaultWith(vault.App.IdentityProviders[0].SignIn, app => app with { WebsiteUrl = null });

        Assert.True((await TryMintAsync(null, returnUrl: null, at: headless)).Succeeded(out _, out _));
        Assert.IsType<InvalidRequest>(Refused(await TryMintAsync("confirm", returnUrl: null, at: headless)));
        Assert.IsType<InvalidRequest>(Refused(await TryMintAsync("complete", returnUrl: null, at: headless)));
    }

    [Fact]
    public async Task Without_the_sign_in_clients_secret_nobody_leaves_for_it_and_the_session_waits()
    {
        using var without = VaultWith(vault.App.IdentityProviders[0].SignIn! with { ClientSecret = "not-there" });
        var person = new Person();
        var session = await MintAsync(at: without);

        var choice = new ConnectChoice(session, "erp", ConnectMode.Popup);
        var refusal = Assert.IsType<VaultUnavailable>(Refused(await without.Authorize.RunAsync(choice, person.Browser, Cancellation)));

        Assert.Equal("The client secret for provider people cannot be read; /health/ready says which and why.", refusal.Detail);
        Assert.Equal("open", (await OpenAsync(session, person, without)).Status);
    }

    [Fact]
    public async Task Who_is_signed_in_already_goes_straight_on_to_the_provider_and_is_not_asked_again()
    {
        var person = new Person();
        var session = await MintAsync();

        var signIn = await AuthorizeAsync(session, person);
        var query = HttpUtility.ParseQueryString(new Uri(signIn).Query);
        Assert.StartsWith($"{people.Issuer}/authorize", signIn, StringComparison.Ordinal);
        Assert.Equal(
            ("none", "openid", "alter", $"https://vault.acme.com/oauth/signin/{vault.App.Id}/people", "S256"),
            (query["prompt"], query["scope"], query["client_id"], query["redirect_uri"], query["code_challenge_method"]));

        var on = await SignedInAsync(signIn, person, Ada);
        Assert.StartsWith($"{erp.Issuer}/authorize", on.AuthorizationUrl, StringComparison.Ordinal);
        Assert.True((await FinishAsync(on.AuthorizationUrl!, person)).Succeeded(out _, out var refusal), refusal?.Code);
        Assert.Equal(GrantStatus.Active, Assert.Single(await GrantsAsync()).Status);

        var second = await MintAsync(providers: ["crm"]);
        Assert.True((await OpenAsync(second, person)).SignedIn);
        Assert.StartsWith($"{erp.Issuer}/authorize", await AuthorizeAsync(second, person, "crm"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_not_signed_in_is_asked_to()
    {
        var person = new Person();
        var silent = await AuthorizeAsync(await MintAsync(), person);

        var asked = await AnswerAsync(new CallbackParameters(null, StateOf(silent), people.Issuer, "login_required", null), person);

        Assert.Null(HttpUtility.ParseQueryString(new Uri(asked.AuthorizationUrl!).Query)["prompt"]);
        Assert.StartsWith($"{erp.Issuer}/authorize", (await SignedInAsync(asked.AuthorizationUrl!, person, Ada)).AuthorizationUrl, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stranger_who_opens_the_link_gets_one_fresh_sign_in_and_then_nothing()
    {
        var (session, stranger) = (await MintAsync(), new Person());

        var back = await SignedInAsync(await AuthorizeAsync(session, stranger), stranger, Mallory);
        Assert.Null(back.AuthorizationUrl);
        Assert.Null(back.Cookie);
        var view = await OpenAsync(session, stranger);
        Assert.Equal(("error", "user_mismatch", "erp"), (view.Status, view.Error, view.SignInAgain));

        var fresh = await AuthorizeAsync(session, stranger, fresh: true);
        Assert.Equal("login", HttpUtility.ParseQueryString(new Uri(fresh).Query)["prompt"]);
        Assert.Null((await SignedInAsync(fresh, stranger, Mallory)).AuthorizationUrl);
        view = await OpenAsync(session, stranger);
        Assert.Equal(("error", "user_mismatch", null), (view.Status, view.Error, view.SignInAgain));

        // Nothing was sent to the provider, no grant exists, and the session is still good for Ada.
        Assert.Empty(erp.Requests);
        Assert.Empty(await GrantsAsync());
        var person = new Person();
        Assert.NotNull((await SignedInAsync(await AuthorizeAsync(session, person), person, Ada)).AuthorizationUrl);
    }

    [Fact]
    public async Task A_session_of_the_stranger_takes_no_account_from_the_person_it_is_sent_to()
    {
        var (trap, ada) = (await MintAsync(user: Mallory), new Person());

        var back = await SignedInAsync(await AuthorizeAsync(trap, ada), ada, Ada);

        Assert.Null(back.AuthorizationUrl);
        Assert.Empty(erp.Requests);
    }

    [Fact]
    public async Task The_proof_is_looked_at_again_before_a_code_is_redeemed()
    {
        var person = new Person();
        var on = await SignedInAsync(await AuthorizeAsync(await MintAsync(), person), person, Ada);
        person.Cookies.Clear(); // Signed out meanwhile, or another browser with a stolen flow cookie.

        Assert.True((await FinishAsync(on.AuthorizationUrl!, person)).Succeeded(out var session, out _));

        Assert.Equal("user_mismatch", (await OpenAsync(session, person)).Error);
        Assert.Empty(erp.Requests);
        Assert.Empty(await GrantsAsync());
    }

    [Theory]
    [InlineData("sub", "")]
    [InlineData("nonce", "another")]
    [InlineData("aud", "shop")]
    [InlineData("iss", "https://idp.evil.example")]
    public async Task An_id_token_that_is_not_for_this_sign_in_leads_nowhere(string claim, string value)
    {
        var (session, person) = (await MintAsync(), new Person());
        people.IdToken = claims => claims[claim] = value;

        Assert.Null((await SignedInAsync(await AuthorizeAsync(session, person), person, Ada)).AuthorizationUrl);
        Assert.Equal("connect_flow_invalid", (await OpenAsync(session, person)).Error);
        Assert.Empty(erp.Requests);
    }

    [Fact]
    public async Task Answers_at_the_wrong_redirect_uri_or_of_another_issuer_or_browser_are_refused()
    {
        var person = new Person();
        var session = await MintAsync();

        // The provider's answer at the sign-in, and the sign-in's at the provider.
        var signIn = Consented(people, await AuthorizeAsync(session, person), Ada);
        Assert.IsType<ConnectFlowInvalid>(Refused(await vault.Finish.RunAsync(vault.App.Id, "erp", signIn, person.Browser, Cancellation)));
        var on = await SignedInAsync(await AuthorizeAsync(session, person), person, Ada);
        var answer = Consented(erp, on.AuthorizationUrl!, "ada@example.com");
        Assert.IsType<ConnectFlowInvalid>(Refused(await vault.SignIn.RunAsync(vault.App.Id, "people", answer, person.Browser, Cancellation)));

        var fresh = new Person();
        var mixedUp = Consented(people, await AuthorizeAsync(session, fresh), Ada) with { Iss = erp.Issuer };
        Assert.IsType<ConnectFlowInvalid>(Refused(await vault.SignIn.RunAsync(vault.App.Id, "people", mixedUp, fresh.Browser, Cancellation)));
        var nameless = Consented(people, await AuthorizeAsync(session, fresh), Ada) with { Iss = null };
        Assert.IsType<ConnectFlowInvalid>(Refused(await vault.SignIn.RunAsync(vault.App.Id, "people", nameless, fresh.Browser, Cancellation)));
        var stolen = Consented(people, await AuthorizeAsync(session, fresh), Ada);
        Assert.IsType<ConnectFlowInvalid>(Refused(await vault.SignIn.RunAsync(vault.App.Id, "people", stolen, new Person().Browser, Cancellation)));
        Assert.Empty(erp.Requests);
        Assert.Empty(people.Requests.Skip(1));
    }

    [Fact]
    public async Task The_cookie_is_opened_by_any_instance_for_eight_hours_and_by_nobody_else()
    {
        var (cookies, person) = (new UserCookies(vault.Ring, time), new SignedInUser(people.Issuer, "sub", Ada, time.GetUtcNow()));
        var value = await cookies.SealAsync("people", person, Cancellation);
        using var another = vault.Another();

        Assert.Equal(person, await new UserCookies(another.Ring, time).OpenAsync("people", value, Cancellation));
        Assert.Null(await cookies.OpenAsync("others", value, Cancellation));
        Assert.Null(await cookies.OpenAsync("people", value[..^2] + "AA", Cancellation));
        Assert.Null(await cookies.OpenAsync("people", new string('A', 5000), Cancellation));
        Assert.DoesNotContain(Ada, value, StringComparison.Ordinal);
        time.Advance(UserCookies.Lifetime);
        Assert.Null(await cookies.OpenAsync("people", value, Cancellation));
    }

    [Fact]
    public async Task A_pairwise_subject_that_could_never_match_is_said_to_the_operator()
    {
        people.Discovery = metadata => metadata["subject_types_supported"] = new System.Text.Json.Nodes.JsonArray("pairwise");
        using var fresh = vault.Another();
        var choice = new ConnectChoice(await MintAsync(), "erp", ConnectMode.Popup);

        Assert.Contains("sub", Assert.IsType<ConnectConfig>(Refused(await fresh.Authorize.RunAsync(choice, ConnectBrowser.New, Cancellation))).Detail, StringComparison.Ordinal);

        using var own = VaultWith(new SignInClient("https://api.acme.com", null, TokenEndpointAuthMethod.None, ["openid"], null));
        Assert.True((await own.Authorize.RunAsync(choice with { SessionToken = await MintAsync(at: own) }, ConnectBrowser.New, Cancellation)).Succeeded(out _, out _));
    }

    [Fact]
    public async Task A_pending_grant_is_of_no_use_until_the_backend_completes_it()
    {
        var (session, person) = await PendingAsync();

        var view = Assert.Single((await OpenAsync(session, person)).Grants);
        Assert.Equal(("pending", "creation"), (view.Status, view.Operation));
        var code = view.Metadata!.CompletionCode!;
        Assert.Equal(43, code.Length); // 256 bits
        Assert.Contains($"completion_code={code}", (await OpenAsync(session, person)).ReturnTo, StringComparison.Ordinal);

        // Neither by provider nor by id, nor for another browser, nor at the status endpoint.
        var owner = await OwnerAsync(Ada);
        Assert.IsType<GrantNotFound>(Refused(await vault.Resolution.ResolveAsync(owner, "erp", null, Cancellation)));
        Assert.IsType<GrantNotFound>(Refused(await vault.Resolution.ResolveByIdAsync(owner, view.GrantId.ToString("D"), Cancellation)));
        Assert.IsType<ConnectSessionUsed>(Refused(await vault.Open.RunAsync(session, null, ConnectBrowser.New, Cancellation)));
        var status = (await vault.Status.RunAsync(session, Cancellation)).View;
        Assert.Equal(("complete", null), (status.Status, Assert.Single(status.Grants).Metadata!.CompletionCode));

        var completed = Assert.Single(await CompleteAsync(code));
        Assert.Equal(("active", view.GrantId), (completed.Status, completed.GrantId));
        Assert.True((await vault.Resolution.ResolveAsync(owner, "erp", null, Cancellation)).Succeeded(out var grant, out _));
        Assert.True((await vault.AccessTokens.GetAsync(grant, vault.App.Providers["erp"], Cancellation)).Succeeded(out var token, out _));
        Assert.True(erp.Accepts(token.Token.Reveal()));
        Assert.True(await vault.Due.ContainsAsync(grant.Id, grant.DueAt!.Value, Cancellation));
        Assert.NotNull(await vault.Accounts.FindAsync(grant, Cancellation));

        // A lost answer is asked for again.
        Assert.Equal(completed.GrantId, Assert.Single(await CompleteAsync(code)).GrantId);
        Assert.Single(await GrantsAsync());
    }

    [Fact]
    public async Task A_completion_is_repeated_even_where_its_row_came_under_another_key_meanwhile()
    {
        var (session, person) = await PendingAsync();
        var code = await CodeAsync(session, person);
        var completed = Assert.Single(await CompleteAsync(code));
        keys.Versions.Add(A.Key());
        time.Advance(Alter.Keys.KeyRing.Lifetime);
        var waited = Assert.Single((await vault.Store.ListAllAsync(await OwnerAsync(Ada), Cancellation)).Pending);
        Assert.True(await vault.Store.TryRewrapAsync(waited.TryRewrap(keys.Versions[0], keys.Versions[1])!, Cancellation));

        Assert.Equal(completed.GrantId, Assert.Single(await CompleteAsync(code)).GrantId);
        Assert.IsType<ConnectSessionExpired>(Refused(await vault.Complete.RunAsync(vault.App, await OwnerAsync(Ada), new string('A', 43), Cancellation)));
    }

    [Fact]
    public async Task A_pending_grant_leaves_the_living_one_alone_until_it_is_completed()
    {
        var (first, person) = await PendingAsync();
        var grant = Assert.Single(await CompleteAsync(await CodeAsync(first, person)));
        time.Advance(TimeSpan.FromSeconds(1));

        var (second, again) = await PendingAsync();
        Assert.Equal("reauth", Assert.Single((await OpenAsync(second, again)).Grants).Operation);
        var living = Assert.Single(await GrantsAsync());
        Assert.Equal((grant.GrantId, 1, GrantStatus.Active), (living.Id, living.Generation, living.Status));

        var renewed = Assert.Single(await CompleteAsync(await CodeAsync(second, again)));
        living = Assert.Single(await GrantsAsync());
        Assert.Equal((grant.GrantId, grant.GrantId, 2, "reauth"), (renewed.GrantId, living.Id, living.Generation, renewed.Operation));
        Assert.Equal(grant.GrantId, Assert.Single((await OpenAsync(second, again)).Grants).GrantId);
    }

    [Fact]
    public async Task A_code_completes_nothing_for_another_user_or_app_or_when_it_is_made_up()
    {
        var (session, person) = await PendingAsync();
        var code = await CodeAsync(session, person);

        Assert.IsType<ConnectSessionExpired>(Refused(await vault.Complete.RunAsync(vault.App, await OwnerAsync(Mallory), code, Cancellation)));
        foreach (var wrong in new[] { null, "", "x", code[..^1] + (code[^1] == 'A' ? 'B' : 'A'), new string('A', 43), code + "A" })
        {
            Assert.IsType<ConnectSessionExpired>(Refused(await vault.Complete.RunAsync(vault.App, await OwnerAsync(Ada), wrong, Cancellation)));
        }

        Assert.Empty(await GrantsAsync());
    }

    [Fact]
    public async Task What_a_stranger_connected_in_a_stolen_session_is_not_completed_with_the_users_own_code()
    {
        // Mallory stole Ada's session and connects her own account with it first; Ada then connects hers.
        var session = await MintAsync("complete", providers: ["erp", "crm"]);
        var (mallory, ada) = (new Person(), new Person());
        await ConnectAsync(session, mallory, "erp", "mallory@example.com");
        await ConnectAsync(session, ada, "crm", "ada@example.com");

        var view = await OpenAsync(session, ada);
        Assert.Null(view.Grants.Single(grant => grant.Provider == "erp").Metadata!.CompletionCode);
        var completed = await CompleteAsync(view.Grants.Single(grant => grant.Provider == "crm").Metadata!.CompletionCode!);

        Assert.Equal("crm", Assert.Single(completed).Provider);
        Assert.Equal("crm", Assert.Single(await GrantsAsync()).Place.Provider);
    }

    [Fact]
    public async Task One_code_completes_what_one_browser_brought_in_one_session()
    {
        var session = await MintAsync("complete", providers: ["erp", "crm"]);
        var person = new Person();
        await ConnectAsync(session, person, "erp", "ada@example.com");
        await ConnectAsync(session, person, "crm", "ada@example.com");

        var completed = await CompleteAsync(await CodeAsync(session, person));

        Assert.Equal(["crm", "erp"], completed.Select(grant => grant.Provider).Order());
    }

    [Fact]
    public async Task Of_ten_completions_at_once_one_makes_the_grant_and_all_answer_it()
    {
        var (session, person) = await PendingAsync();
        var code = await CodeAsync(session, person);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => CompleteAsync(code)));

        Assert.Single(answers.Select(grants => Assert.Single(grants).GrantId).Distinct());
        Assert.Equal(1, Assert.Single(await GrantsAsync()).Generation);
    }

    [Fact]
    public async Task What_nobody_completes_lapses_and_its_tokens_are_given_back()
    {
        var (session, person) = await PendingAsync();
        var code = await CodeAsync(session, person);
        var pending = Assert.Single((await vault.Store.ListAllAsync(await OwnerAsync(Ada), Cancellation)).Pending);
        Assert.True(await vault.Due.ContainsAsync(pending.Id, pending.DueAt!.Value, Cancellation));
        time.Advance(Grant.PendingLifetime);

        Assert.IsType<ConnectSessionExpired>(Refused(await vault.Complete.RunAsync(vault.App, await OwnerAsync(Ada), code, Cancellation)));
        await vault.DueGrants.RunAsync(new GrantMessage(GrantMessage.Version, "due", pending.Key.Partition, pending.Key.Row, pending.Id, pending.DueAt.Value.UtcTicks), 1, Cancellation);

        Assert.Single(erp.Revocations);
        var lapsed = Assert.Single((await vault.Store.ListAllAsync(await OwnerAsync(Ada), Cancellation)).Pending);
        Assert.Equal((GrantStatus.Expired, null, null, RevocationOutcomes.Confirmed), (lapsed.Status, lapsed.Secrets.RefreshToken, lapsed.RevocationToken, lapsed.RevocationOutcome));
        Assert.True((await vault.Listing.ListAsync(vault.App, await OwnerAsync(Ada), new GrantQuery(null, null, null, 10, 0, null), Cancellation)).Succeeded(out var page, out _));
        Assert.Empty(page.Grants);
    }

    [Fact]
    public async Task What_nobody_completes_is_only_forgotten_where_revoking_it_would_end_other_grants_too()
    {
        using var accountWide = VaultWith(null, app => app with
        {
            Providers = app.Providers.ToDictionary(pair => pair.Key, pair => pair.Value with { Definition = pair.Value.Definition with { Revocation = RevocationKind.Account } }),
        });
        var session = await MintAsync("complete", at: accountWide);
        await ConnectAsync(session, new Person(), "erp", "ada@example.com", accountWide);
        var owner = await accountWide.Owners.OfAsync(UserOf(accountWide, Ada), Cancellation);
        var pending = Assert.Single((await accountWide.Store.ListAllAsync(owner, Cancellation)).Pending);
        time.Advance(Grant.PendingLifetime);

        await accountWide.DueGrants.RunAsync(new GrantMessage(GrantMessage.Version, "due", pending.Key.Partition, pending.Key.Row, pending.Id, pending.DueAt!.Value.UtcTicks), 1, Cancellation);

        Assert.Empty(erp.Revocations);
        Assert.Equal(RevocationOutcomes.SharedAccount, Assert.Single((await accountWide.Store.ListAllAsync(owner, Cancellation)).Pending).RevocationOutcome);
    }

    [Theory]
    [InlineData("browser")]
    [InlineData("status")]
    [InlineData("expires_at")]
    public async Task A_pending_row_that_was_edited_completes_nothing(string column)
    {
        var (session, person) = await PendingAsync();
        var code = await CodeAsync(session, person);
        var rows = azurite.Table("grants");
        var pending = Assert.Single((await vault.Store.ListAllAsync(await OwnerAsync(Ada), Cancellation)).Pending);
        var row = (await rows.GetEntityAsync<TableEntity>(pending.Key.Partition, pending.Key.Row, cancellationToken: Cancellation)).Value;
        row[column] = column switch { "browser" => new string('0', 64), "status" => "active", _ => time.GetUtcNow().AddDays(9) };
        await rows.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, Cancellation);

        Assert.False((await vault.Complete.RunAsync(vault.App, await OwnerAsync(Ada), code, Cancellation)).Succeeded(out _, out _));
        Assert.Empty(await GrantsAsync());
    }

    [Fact]
    public async Task A_pending_row_copied_into_the_place_of_a_grant_releases_nothing()
    {
        await PendingAsync();
        var rows = azurite.Table("grants");
        var pending = Assert.Single((await vault.Store.ListAllAsync(await OwnerAsync(Ada), Cancellation)).Pending);
        var row = (await rows.GetEntityAsync<TableEntity>(pending.Key.Partition, pending.Key.Row, cancellationToken: Cancellation)).Value;
        row.RowKey = $"erp|{pending.Place.AccountKey}";
        foreach (var status in new[] { "pending", "active" })
        {
            row["status"] = status;
            await rows.UpsertEntityAsync(row, TableUpdateMode.Replace, Cancellation);
            var found = await vault.Resolution.ResolveAsync(await OwnerAsync(Ada), "erp", null, Cancellation);
            Assert.False(found.Succeeded(out var grant, out _) && (await vault.AccessTokens.GetAsync(grant, vault.App.Providers["erp"], Cancellation)).Succeeded(out _, out _));
        }
    }

    [Fact]
    public async Task A_completion_whose_answer_got_lost_on_the_way_from_storage_is_found_to_have_happened()
    {
        var (session, person) = await PendingAsync();
        var code = await CodeAsync(session, person);
        vault.Network.LoseNextAnswer(request => request.Uri.Path.EndsWith("/$batch", StringComparison.Ordinal));

        Assert.Equal("active", Assert.Single(await CompleteAsync(code)).Status);
        Assert.Single(await GrantsAsync());
    }

    [Fact]
    public async Task Done_closes_the_session_for_the_browser_that_brought_something_and_for_no_other()
    {
        var session = await MintAsync("confirm", providers: ["erp", "crm"]);
        var person = new Person();
        Assert.IsType<ConnectSessionUsed>(Refused(await vault.Close.RunAsync(session, person.Browser, Cancellation)));
        await ConnectAsync(session, person, "erp", "ada@example.com");
        Assert.IsType<ConnectSessionUsed>(Refused(await vault.Close.RunAsync(session, new Person().Browser, Cancellation)));
        Assert.Equal("open", (await vault.Status.RunAsync(session, Cancellation)).View.Status);
        var inAnotherTab = await AuthorizeAsync(session, person, "crm");

        Assert.True((await vault.Close.RunAsync(session, person.Browser, Cancellation)).Succeeded(out _, out _));
        Assert.True((await vault.Close.RunAsync(session, person.Browser, Cancellation)).Succeeded(out _, out _));

        Assert.Equal("complete", (await vault.Status.RunAsync(session, Cancellation)).View.Status);
        Assert.Equal("complete", (await OpenAsync(session, person)).Status);
        Assert.IsType<ConnectSessionUsed>(Refused(await vault.Authorize.RunAsync(new ConnectChoice(session, "crm", ConnectMode.Popup), person.Browser, Cancellation)));
        var answer = Consented(erp, inAnotherTab, "ada@example.com");
        Assert.IsType<ConnectSessionUsed>(Refused(await vault.Finish.RunAsync(vault.App.Id, "crm", answer, person.Browser, Cancellation)));
        Assert.Equal("erp", Assert.Single(await GrantsAsync()).Place.Provider);
    }

    private Vault VaultWith(SignInClient? signIn, Func<AppConfiguration, AppConfiguration>? change = null)
    {
        var app = A.App(A.AppId(), A.Provider(erp), A.Provider(erp, "crm")) with
        {
            IdentityProviders =
            [
                new IdentityProviderConfiguration { Id = "people", Issuer = people.Issuer, Audiences = ["https://api.acme.com"], AllowInsecureLocal = true, SignIn = signIn },
            ],
        };
        return new Vault(new VaultSetup(azurite.ConnectionString, change?.Invoke(app) ?? app) { Time = time, Keys = keys });
    }

    private UserId UserOf(Vault at, string user) => new(at.App.Id, people.Issuer, "sub", user);

    private Task<GrantOwner> OwnerAsync(string user) => vault.Owners.OfAsync(UserOf(vault, user), Cancellation).AsTask();

    private Task<Outcome<ConnectSessionCreated>> TryMintAsync(
        string? proof, string? returnUrl = "https://shop.acme.com/connected", string[]? providers = null, string user = Ada, Vault? at = null) =>
        (at ?? vault).Minting.MintAsync(
            (at ?? vault).App,
            UserOf(at ?? vault, user),
            user,
            new ConnectSessionRequest { AllowedProviders = providers ?? ["erp"], BrowserProof = proof, ReturnUrl = returnUrl },
            Cancellation);

    private async Task<string> MintAsync(string? proof = "identity", string[]? providers = null, string user = Ada, Vault? at = null)
    {
        Assert.True((await TryMintAsync(proof, providers: providers, user: user, at: at)).Succeeded(out var created, out var refusal), refusal?.ToString());
        return created.SessionToken;
    }

    private async Task<string> AuthorizeAsync(string session, Person person, string provider = "erp", bool fresh = false, Vault? at = null)
    {
        var choice = new ConnectChoice(session, provider, ConnectMode.Popup, fresh);
        Assert.True((await (at ?? vault).Authorize.RunAsync(choice, person.Browser, Cancellation)).Succeeded(out var redirect, out var refusal), refusal?.Detail);
        person.FlowCookie = redirect.Cookie;
        return redirect.AuthorizationUrl;
    }

    private async Task<ConnectView> OpenAsync(string session, Person person, Vault? at = null)
    {
        Assert.True((await (at ?? vault).Open.RunAsync(session, null, person.Browser, Cancellation)).Succeeded(out var view, out var refusal), refusal?.Code);
        return view;
    }

    private async Task<SignInFinish> AnswerAsync(CallbackParameters response, Person person)
    {
        Assert.True((await vault.SignIn.RunAsync(vault.App.Id, "people", response, person.Browser, Cancellation)).Succeeded(out var finish, out var refusal), refusal?.Code);
        if (finish.Cookie is { } cookie)
        {
            person.Cookies[cookie.Name] = cookie.Value;
        }

        return finish;
    }

    private Task<SignInFinish> SignedInAsync(string authorizationUrl, Person person, string user) => AnswerAsync(Consented(people, authorizationUrl, user), person);

    private Task<Outcome<string>> FinishAsync(string authorizationUrl, Person person, string provider = "erp", string account = "ada@example.com", Vault? at = null) =>
        (at ?? vault).Finish.RunAsync((at ?? vault).App.Id, provider, Consented(erp, authorizationUrl, account), person.Browser, Cancellation);

    private async Task ConnectAsync(string session, Person person, string provider, string account, Vault? at = null) =>
        Assert.True((await FinishAsync(await AuthorizeAsync(session, person, provider, at: at), person, provider, account, at)).Succeeded(out _, out var refusal), refusal?.Code);

    private async Task<(string Session, Person Person)> PendingAsync()
    {
        var (session, person) = (await MintAsync("complete"), new Person());
        await ConnectAsync(session, person, "erp", "ada@example.com");
        return (session, person);
    }

    private async Task<string> CodeAsync(string session, Person person) => (await OpenAsync(session, person)).Grants[0].Metadata!.CompletionCode!;

    private async Task<IReadOnlyList<GrantView>> CompleteAsync(string code)
    {
        Assert.True((await vault.Complete.RunAsync(vault.App, await OwnerAsync(Ada), code, Cancellation)).Succeeded(out var completed, out var refusal), refusal?.Code);
        return completed.Grants;
    }

    private async Task<IReadOnlyList<Grant>> GrantsAsync() => (await vault.Store.ListAllAsync(await OwnerAsync(Ada), Cancellation)).Grants;

    private static CallbackParameters Consented(FakeProvider at, string authorizationUrl, string account)
    {
        var answer = at.Consent(authorizationUrl, account);
        return new CallbackParameters(answer["code"], answer["state"], answer["iss"], null, null);
    }

    private static string StateOf(string url) => HttpUtility.ParseQueryString(new Uri(url).Query)["state"]!;

    private static Refusal Refused<T>(Outcome<T> outcome)
        where T : notnull
    {
        Assert.False(outcome.Succeeded(out _, out var refusal), "It was not refused.");
        return refusal;
    }

    /// <summary>Somebody at a browser of their own.</summary>
    private sealed class Person
    {
        public string? FlowCookie { get; set; }

        public Dictionary<string, string> Cookies { get; } = [];

        public ConnectBrowser Browser => new(FlowCookie, name => Cookies.GetValueOrDefault(name));
    }
}
