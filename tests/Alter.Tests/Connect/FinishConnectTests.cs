using System.Web;
using Alter.Connect;
using Alter.Grants;
using Alter.Providers;
using Alter.Testing;
using Alter.Tokens;

namespace Alter.Tests.Connect;

public sealed class FinishConnectTests(SharedAzurite azurite) : ConnectFixture(azurite)
{
    [Fact]
    public async Task A_consent_becomes_a_grant_with_its_index_rows()
    {
        var session = await SessionAsync();
        var redirect = await AuthorizeAsync(session);
        var query = HttpUtility.ParseQueryString(new Uri(redirect.AuthorizationUrl).Query);
        Assert.Equal(
            ("code", "shop client", $"https://vault.acme.com/oauth/callback/{Vault.App.Id}/erp", "orders.read orders.write", "S256"),
            (query["response_type"], query["client_id"], query["redirect_uri"], query["scope"], query["code_challenge_method"]));

        var outcome = await FinishAsync(Consented(redirect), redirect.Cookie);

        Assert.True(outcome.Succeeded(out var back, out var refusal), refusal?.ToString());
        Assert.Equal(session, back);
        var grant = Assert.Single(await GrantsAsync());
        Assert.Equal((GrantStatus.Active, 1), (grant.Status, grant.Generation));
        Assert.True(grant.IsAuthentic(await Vault.Ring.CurrentAsync(Cancellation)));
        Assert.True(Provider.Accepts((await Vault.TokensAsync(grant)).Access!));
        Assert.True(await Vault.Due.ContainsAsync(grant.Id, grant.DueAt!.Value, Cancellation));
        Assert.NotNull(await Vault.Accounts.FindAsync(grant, Cancellation));
        Assert.Equal(("complete", "creation"), ((await StatusAsync(session)).Status, (await StatusAsync(session)).Grants.Single().Operation));
        Assert.InRange(Provider.Requests.Single().Form["code_verifier"].Length, 43, 128); // RFC 7636 §4.1; the provider checked it.
    }

    [Fact]
    public async Task The_same_account_again_renews_its_grant()
    {
        var first = await ConnectedAsync();
        var second = await ConnectedAsync();
        await ConnectedAsync(account: "other@example.com");

        Assert.Equal((first.Id, 2, first.CreatedAt), (second.Id, second.Generation, second.CreatedAt));
        Assert.Equal(2, (await GrantsAsync()).Count);
        Assert.Empty(Provider.Revocations);
    }

    [Fact]
    public async Task A_grant_that_comes_under_another_key_while_it_is_renewed_is_renewed_all_the_same()
    {
        var first = await ConnectedAsync();
        Keys.Versions.Add(A.Key());
        using var another = Vault.Another();
        var writes = 0;
        Vault.Network.Before = async request =>
        {
            if (request.Uri.Path.EndsWith("/$batch", StringComparison.Ordinal) && Interlocked.Exchange(ref writes, 1) == 0)
            {
                Assert.True(await another.Store.TryRewrapAsync((await another.ReadAsync(first)).TryRewrap(Keys.Versions[0], Keys.Versions[1])!, Cancellation));
            }
        };

        var second = await ConnectedAsync();

        Assert.Equal((first.Id, 2), (second.Id, second.Generation));
        Assert.Equal(1, writes);
        Assert.True(Provider.Accepts((await another.TokensAsync(second)).Access!));
    }

    [Fact]
    public async Task A_revoked_grant_is_not_revived_but_followed()
    {
        var first = await ConnectedAsync();
        Assert.True((await Vault.Revocation.RevokeAsync(first, Cancellation)).Succeeded(out _, out _));
        Time.Advance(TimeSpan.FromSeconds(1));

        var second = await ConnectedAsync();

        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal((1, first.Key), (second.Generation, second.Key));
        Assert.Equal(GrantStatus.Revoked, (await Vault.Store.ReadAsync(first.Key, first.Id, Cancellation))?.Status);
    }

    [Theory]
    [InlineData("gid", "no id")]
    [InlineData("gid", "00000000-0000-8000-8000-000000000000")]
    [InlineData("kek", "00000000000000000000000000000000")]
    [InlineData("mac", "text")]
    public async Task A_broken_row_does_not_keep_the_account_from_being_connected_again(string column, string value)
    {
        var first = await ConnectedAsync();
        var rows = GrantRows;
        var row = (await rows.GetEntityAsync<Azure.Data.Tables.TableEntity>(first.Key.Partition, first.Key.Row, cancellationToken: Cancellation)).Value;
        row[column] = value;
        await rows.UpdateEntityAsync(row, row.ETag, Azure.Data.Tables.TableUpdateMode.Replace, Cancellation);

        var second = await ConnectedAsync();

        Assert.Equal(column != "gid", second.Id == first.Id);
        Assert.Equal(GrantId.PartitionOf(Vault.App.Id, second.Id), second.Key.Partition);
        Assert.True((await Vault.AccessTokens.GetAsync(second, Vault.App.Providers["erp"], Cancellation)).Succeeded(out _, out _));
        Assert.Single(await GrantsAsync());
    }

    [Fact]
    public async Task A_refresh_token_that_is_not_given_again_is_kept()
    {
        var first = await ConnectedAsync();
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(new FakeAnswer(200, $$"""{"access_token":"{{Provider.Issue("ada@example.com").AccessToken}}","token_type":"Bearer"}"""));

        var second = await ConnectedAsync();

        Assert.Equal(2, second.Generation);
        Assert.Equal((await Vault.TokensAsync(first)).Refresh, (await Vault.TokensAsync(second)).Refresh);
    }

    [Fact]
    public async Task A_kept_refresh_token_that_is_being_presented_is_waited_for()
    {
        var first = await ConnectedAsync();
        var leased = await Vault.Store.TryReplaceAsync(first with { Lease = new RefreshLease("another instance", Time.GetUtcNow().AddSeconds(45), first.Generation) }, Cancellation);
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(new FakeAnswer(200, $$"""{"access_token":"{{Provider.Issue("ada@example.com").AccessToken}}","token_type":"Bearer"}"""));
        var redirect = await AuthorizeAsync(await SessionAsync());
        var finishing = FinishAsync(Consented(redirect), redirect.Cookie);

        // The other instance's refresh ends while Connect waits: its rotated token is the living one.
        var key = await Vault.Ring.CurrentAsync(Cancellation);
        Assert.True(AccessToken.TryParse("at-2", out var access));
        Assert.True(RefreshToken.TryParse("rt-2", out var refresh));
        var secrets = SealedSecrets.Seal(key, first.Place, 2, new OpenSecrets(access, refresh, (await Vault.Keys.ReadProfileAsync(first, Cancellation))!));
        await Eventually.TrueAsync(() => Provider.Requests.Count == 2, "the code was redeemed");
        Assert.NotNull(await Vault.Store.TryReplaceAsync((leased! with { Generation = 2, Secrets = secrets, Lease = null }).Authenticated(key), Cancellation));
        await Eventually.TrueAsync(
            () =>
            {
                Time.Advance(TimeSpan.FromMilliseconds(200));
                return finishing.IsCompleted;
            },
            "Connect goes on");

        Assert.True((await finishing).Succeeded(out _, out _));
        var second = Assert.Single(await GrantsAsync());
        Assert.Equal(3, second.Generation);
        Assert.Equal("rt-2", (await Vault.TokensAsync(second)).Refresh);
    }

    [Fact]
    public async Task No_saves_the_session_and_ends_the_flow()
    {
        var session = await SessionAsync();
        var redirect = await AuthorizeAsync(session);
        var denial = new CallbackParameters(null, StateOf(redirect), Provider.Issuer, "access_denied", "The user said \"no\"\u0007 <b>é</b>");

        Assert.True((await FinishAsync(denial, redirect.Cookie)).Succeeded(out _, out _));
        Assert.Equal(("error", "access_denied", "The user said no <b></b>"), await ErrorAsync(session));
        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync(Consented(redirect), redirect.Cookie)));
        Assert.Empty(Provider.Requests);

        var again = await AuthorizeAsync(session, cookie: redirect.Cookie);
        Assert.True((await FinishAsync(Consented(again), again.Cookie)).Succeeded(out _, out _));
        Assert.Equal("complete", (await StatusAsync(session)).Status);
    }

    [Fact]
    public async Task A_provider_that_fails_leaves_the_session_for_another_try()
    {
        var session = await SessionAsync();
        var redirect = await AuthorizeAsync(session);
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(new FakeAnswer(503, ""));
        Assert.True((await FinishAsync(Consented(redirect), redirect.Cookie)).Succeeded(out _, out _));
        Assert.Equal("provider_unreachable", (await StatusAsync(session)).Error);

        Provider.Token = _ => Task.FromResult<FakeAnswer?>(null);
        var again = await AuthorizeAsync(session);
        Assert.True((await FinishAsync(Consented(again), again.Cookie)).Succeeded(out _, out _));
        Assert.Single(await GrantsAsync());
    }

    [Theory]
    [InlineData(200, "{}")]
    [InlineData(200, "[]")]
    [InlineData(200, """{"id":{"deep":1}}""")]
    [InlineData(200, """{"id":"\ud800"}""")]
    [InlineData(200, """{"id":"x","email":"\ud800"}""")]
    [InlineData(200, """{"\ud800":1,"id":"x"}""")]
    [InlineData(200, "<html>")]
    [InlineData(403, """{"id":"x"}""")]
    public async Task Without_an_account_there_is_no_grant_and_the_token_is_given_back(int status, string body)
    {
        var session = await SessionAsync();
        var redirect = await AuthorizeAsync(session);
        Provider.Account = _ => new FakeAnswer(status, body);

        Assert.True((await FinishAsync(Consented(redirect), redirect.Cookie)).Succeeded(out _, out _));

        Assert.Equal("connect_config", (await StatusAsync(session)).Error);
        Assert.Empty(await GrantsAsync());
        Assert.Single(Provider.Revocations);
    }

    [Fact]
    public async Task A_transaction_whose_answer_got_lost_is_a_grant_all_the_same()
    {
        var session = await SessionAsync();
        var redirect = await AuthorizeAsync(session);
        Vault.Network.LoseNextAnswer(request => request.Uri.Path.EndsWith("/$batch", StringComparison.Ordinal));

        Assert.True((await FinishAsync(Consented(redirect), redirect.Cookie)).Succeeded(out _, out _));

        Assert.Equal("complete", (await StatusAsync(session)).Status);
        Assert.Empty(Provider.Revocations);
    }

    [Fact]
    public async Task The_result_is_shown_to_the_browser_that_brought_it()
    {
        var session = await SessionAsync();
        var redirect = await AuthorizeAsync(session);
        await FinishAsync(Consented(redirect), redirect.Cookie);

        Assert.True((await Vault.Open.RunAsync(session, null, new ConnectBrowser(redirect.Cookie), Cancellation)).Succeeded(out var view, out _));
        Assert.Equal("complete", view.Status);
        Assert.StartsWith("https://shop.acme.com/connected?tab=1&alter_connect_success=true&grant_id=", view.ReturnTo, StringComparison.Ordinal);
        Assert.IsType<ConnectSessionUsed>(Refused(await Vault.Open.RunAsync(session, null, ConnectBrowser.New, Cancellation)));
        Assert.IsType<ConnectSessionUsed>(Refused(await Vault.Open.RunAsync(session, null, new ConnectBrowser(FlowCookie.New()), Cancellation)));
        Assert.IsType<ConnectSessionUsed>(Refused(await Vault.Authorize.RunAsync(new ConnectChoice(session, "erp", ConnectMode.Popup), new ConnectBrowser(redirect.Cookie), Cancellation)));
    }

    [Theory]
    [InlineData("https://shop.acme.com", true)]
    [InlineData("https://vault.acme.com", true)]
    [InlineData(null, true)]
    [InlineData("https://evil.com", false)]
    [InlineData("null", false)]
    public async Task Connect_opens_from_the_apps_pages_or_from_none(string? referrer, bool opens) =>
        Assert.Equal(opens, (await Vault.Open.RunAsync(await SessionAsync(), referrer, ConnectBrowser.New, Cancellation)).Succeeded(out _, out _));

    [Fact]
    public async Task After_ten_minutes_nothing_of_a_session_works()
    {
        var session = await SessionAsync();
        var redirect = await AuthorizeAsync(session);
        var response = Consented(redirect);
        Time.Advance(TimeSpan.FromMinutes(10));

        Assert.IsType<ConnectSessionExpired>(Refused(await Vault.Open.RunAsync(session, null, ConnectBrowser.New, Cancellation)));
        Assert.IsType<ConnectSessionExpired>(Refused(await Vault.Authorize.RunAsync(new ConnectChoice(session, "erp", ConnectMode.Popup), ConnectBrowser.New, Cancellation)));
        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync(response, redirect.Cookie)));
        Assert.Equal("expired", (await StatusAsync(session)).Status);
        Assert.Empty(Provider.Requests);
    }

    [Fact]
    public async Task A_flow_begun_late_does_not_outlive_its_session()
    {
        var session = await SessionAsync();
        Time.Advance(TimeSpan.FromMinutes(9));
        var redirect = await AuthorizeAsync(session);
        Time.Advance(TimeSpan.FromMinutes(2));

        Assert.IsType<ConnectSessionExpired>(Refused(await FinishAsync(Consented(redirect), redirect.Cookie)));
        Assert.Empty(Provider.Requests);
    }

    private async Task<(string, string?, string?)> ErrorAsync(string session)
    {
        var status = await StatusAsync(session);
        return (status.Status, status.Error, status.ErrorDescription);
    }
}
