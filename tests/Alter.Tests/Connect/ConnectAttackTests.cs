using System.Text.Json.Nodes;
using Alter.Connect;
using Alter.Testing;
using Azure.Data.Tables;

namespace Alter.Tests.Connect;

/// <summary>Security A1 to A4 and A35, played.</summary>
public sealed class ConnectAttackTests(SharedAzurite azurite) : ConnectFixture(azurite)
{
    public static TheoryData<string, Func<object?, object?>> SessionEdits => new()
    {
        { "app", _ => "another" },
        { "uh", _ => new string('b', 64) },
        { "providers", _ => """["erp","oidc"]""" },
        { "required_scopes", _ => """{"erp":["admin"]}""" },
        { "origin", _ => "https://evil.com" },
        { "return_url", _ => "https://evil.com/" },
        { "expires_at", old => ((DateTimeOffset)old!).AddDays(1) },
        { "grant_expires_at", _ => DateTimeOffset.UnixEpoch.AddYears(100) },
        { "grant_max_expires_at", _ => DateTimeOffset.UnixEpoch.AddYears(100) },
        { "claims", _ => """{"x":{"Flow":"y","Until":"2026-11-24T12:00:00Z"}}""" },
        { "last_return", _ => """{"CookieHash":"x","Mode":"popup","Error":null,"ErrorDescription":null}""" },
        { "details", Flipped },
        { "mac", Flipped },
        { "kek", _ => new string('0', 32) },
        { "kek", _ => 7 },
        { "mac", _ => "text" },
        { "app", _ => true },
        { "expires_at", _ => "never" },
    };

    public static TheoryData<string, Func<object?, object?>> FlowEdits => new()
    {
        { "app", _ => "another" },
        { "provider", _ => "oidc" },
        { "session_pk", _ => "2026112412|00" },
        { "session_rk", _ => "s|" + new string('0', 64) },
        { "cookie", _ => FlowCookie.Hash(new string('A', 43)) },
        { "mode", _ => "Redirect" },
        { "expires_at", old => ((DateTimeOffset)old!).AddDays(1) },
        { "secrets", Flipped },
        { "mac", Flipped },
        { "kek", _ => new string('0', 32) },
        { "kek", _ => 7 },
        { "mac", _ => "text" },
        { "app", _ => true },
        { "expires_at", _ => "never" },
    };

    [Fact]
    public async Task Of_two_browsers_with_one_session_one_makes_a_grant()
    {
        for (var round = 0; round < 3; round++)
        {
            var session = await SessionAsync();
            using var another = Vault.Another();
            var (one, two) = (await AuthorizeAsync(session), await AuthorizeAsync(session));
            Assert.NotEqual(one.Cookie, two.Cookie);
            var before = await GrantsAsync();

            var outcomes = await Task.WhenAll(
                FinishAsync(Consented(one, $"one{round}@example.com"), one.Cookie),
                FinishAsync(Consented(two, $"two{round}@example.com"), two.Cookie, vault: another));

            Assert.Single(outcomes, outcome => outcome.Succeeded(out _, out _));
            Assert.Single(outcomes, outcome => !outcome.Succeeded(out _, out var refusal) && refusal is ConnectSessionUsed);
            Assert.Equal(before.Count + 1, (await GrantsAsync()).Count);
            Assert.Equal("complete", (await StatusAsync(session)).Status);
        }
    }

    [Fact]
    public async Task A_second_finish_after_the_first_brings_nothing_and_gives_its_token_back()
    {
        var session = await SessionAsync();
        var (one, two) = (await AuthorizeAsync(session), await AuthorizeAsync(session));
        Assert.True((await FinishAsync(Consented(one), one.Cookie)).Succeeded(out _, out _));

        Assert.IsType<ConnectSessionUsed>(Refused(await FinishAsync(Consented(two, "two@example.com"), two.Cookie)));

        Assert.Single(await GrantsAsync());
        Assert.True(Provider.Revocations.Count == Provider.Requests.Count - 1);
    }

    [Fact]
    public async Task Eight_callbacks_of_one_flow_redeem_its_code_once()
    {
        var redirect = await AuthorizeAsync(await SessionAsync());
        var response = Consented(redirect);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => FinishAsync(response, redirect.Cookie)));

        Assert.Single(outcomes, outcome => outcome.Succeeded(out _, out _));
        Assert.Single(Provider.Requests);
        Assert.Single(await GrantsAsync());
        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync(response, redirect.Cookie))); // And replayed later.
    }

    [Fact]
    public async Task A_consumption_whose_answer_got_lost_is_ones_own()
    {
        var redirect = await AuthorizeAsync(await SessionAsync());
        Vault.Network.LoseNextAnswer(request => FakeNetwork.IsWrite(request, "connect"));

        Assert.True((await FinishAsync(Consented(redirect), redirect.Cookie)).Succeeded(out _, out var refusal), refusal?.Code);
        Assert.Single(await GrantsAsync());
    }

    [Fact]
    public async Task Another_browser_cannot_finish_a_flow_nor_end_it()
    {
        var redirect = await AuthorizeAsync(await SessionAsync());
        var response = Consented(redirect);
        foreach (var cookie in new[] { null, "", FlowCookie.New(), redirect.Cookie[..^1], redirect.Cookie + "A" })
        {
            Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync(response, cookie)));
        }

        Assert.Empty(Provider.Requests);
        Assert.True((await FinishAsync(response, redirect.Cookie)).Succeeded(out _, out _));
    }

    [Theory]
    [InlineData("oidc")]
    [InlineData("google")]
    public async Task An_answer_at_another_providers_address_ends_the_flow_and_its_code_goes_nowhere(string route)
    {
        var redirect = await AuthorizeAsync(await SessionAsync());
        var response = Consented(redirect);

        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync(response, redirect.Cookie, route)));

        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync(response, redirect.Cookie)));
        Assert.Empty(Provider.Requests);
    }

    [Fact]
    public async Task An_answer_at_another_apps_address_ends_the_flow()
    {
        var redirect = await AuthorizeAsync(await SessionAsync());
        var response = Consented(redirect);

        Assert.IsType<ConnectFlowInvalid>(Refused(await Vault.Finish.RunAsync("another", "erp", response, new ConnectBrowser(redirect.Cookie), Cancellation)));

        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync(response, redirect.Cookie)));
        Assert.Empty(Provider.Requests);
    }

    [Theory]
    [InlineData("erp", "https://evil.com", false)]
    [InlineData("erp", "", false)]
    [InlineData("erp", null, true)]
    [InlineData("oidc", null, false)] // It promises iss (RFC 9207 §2.4).
    [InlineData("oidc", "https://evil.com", false)]
    public async Task An_issuer_that_is_another_or_promised_and_missing_ends_the_flow(string provider, string? iss, bool passes)
    {
        var redirect = await AuthorizeAsync(await SessionAsync(provider), provider);
        var response = Consented(redirect) with { Iss = iss };

        Assert.Equal(passes, (await FinishAsync(response, redirect.Cookie, provider)).Succeeded(out _, out _));

        Assert.Equal(passes ? 1 : 0, Provider.Requests.Count);
        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync(response with { Iss = Provider.Issuer }, redirect.Cookie, provider)));
    }

    [Fact]
    public async Task An_id_token_for_this_flow_names_the_account()
    {
        var grant = await ConnectedAsync("oidc");

        Assert.Equal("ada@example.com", (await Vault.Keys.ReadProfileAsync(grant, Cancellation))?.Identifier);
    }

    [Theory]
    [InlineData("nonce", "another")]
    [InlineData("nonce", null)]
    [InlineData("aud", "another client")]
    [InlineData("iss", "https://evil.com")]
    [InlineData("sub", "")]
    public async Task An_id_token_of_another_flow_client_or_issuer_makes_no_grant(string claim, string? value)
    {
        var session = await SessionAsync("oidc");
        var redirect = await AuthorizeAsync(session, "oidc");
        Provider.IdToken = claims => claims[claim] = value is null ? null : JsonValue.Create(value);

        Assert.True((await FinishAsync(Consented(redirect), redirect.Cookie, "oidc")).Succeeded(out _, out _));

        Assert.Equal("connect_flow_invalid", (await StatusAsync(session)).Error);
        Assert.Empty(await GrantsAsync());
        Assert.Single(Provider.Revocations);
    }

    [Fact]
    public async Task A_missing_id_token_makes_no_grant()
    {
        var redirect = await AuthorizeAsync(await SessionAsync("oidc"), "oidc");
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(new FakeAnswer(200, """{"access_token":"a","token_type":"Bearer"}"""));

        await FinishAsync(Consented(redirect), redirect.Cookie, "oidc");

        Assert.Empty(await GrantsAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("long")]
    public async Task A_code_that_is_none_is_not_redeemed(string? code)
    {
        var session = await SessionAsync();
        var redirect = await AuthorizeAsync(session);

        await FinishAsync(Consented(redirect) with { Code = code == "long" ? new string('c', 5000) : code }, redirect.Cookie);

        Assert.Equal("connect_flow_invalid", (await StatusAsync(session)).Error);
        Assert.Empty(Provider.Requests);
    }

    [Fact]
    public async Task A_code_of_another_flow_fails_at_the_verifier()
    {
        var session = await SessionAsync();
        var (mine, other) = (await AuthorizeAsync(session), await AuthorizeAsync(session));

        await FinishAsync(Consented(other) with { State = StateOf(mine) }, mine.Cookie);

        Assert.Equal("connect_flow_invalid", (await StatusAsync(session)).Error);
        Assert.Empty(await GrantsAsync());
    }

    [Theory]
    [MemberData(nameof(SessionEdits), DisableDiscoveryEnumeration = true)]
    public async Task An_edited_session_row_is_as_if_it_were_gone(string column, Func<object?, object?> edit)
    {
        var session = await SessionAsync();
        var redirect = await AuthorizeAsync(session);
        await EditAsync((await Vault.ConnectTokens.ReadSessionAsync(session, Cancellation))!, column, edit);

        Assert.IsType<ConnectSessionExpired>(Refused(await Vault.Open.RunAsync(session, null, ConnectBrowser.New, Cancellation)));
        Assert.IsType<ConnectSessionExpired>(Refused(await FinishAsync(Consented(redirect), redirect.Cookie)));
        Assert.Empty(Provider.Requests);
    }

    [Theory]
    [MemberData(nameof(FlowEdits), DisableDiscoveryEnumeration = true)]
    public async Task An_edited_flow_row_is_as_if_it_were_gone(string column, Func<object?, object?> edit)
    {
        var redirect = await AuthorizeAsync(await SessionAsync());
        await EditAsync((await Vault.ConnectTokens.ReadStateAsync(StateOf(redirect), Cancellation))!, column, edit);

        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync(Consented(redirect), column == "cookie" ? new string('A', 43) : redirect.Cookie)));
        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync(Consented(redirect), redirect.Cookie, "oidc")));
        Assert.Empty(Provider.Requests);
    }

    [Fact]
    public async Task A_row_does_not_open_in_another_place()
    {
        var (mine, other) = (await SessionAsync(), await SessionAsync("oidc"));
        var (from, to) = ((await Vault.ConnectTokens.ReadSessionAsync(other, Cancellation))!, (await Vault.ConnectTokens.ReadSessionAsync(mine, Cancellation))!);
        var row = (await Rows.GetEntityAsync<TableEntity>(from.Partition, from.Row, cancellationToken: Cancellation)).Value;
        (row.PartitionKey, row.RowKey) = (to.Partition, to.Row);
        await Rows.UpsertEntityAsync(row, TableUpdateMode.Replace, Cancellation);

        Assert.IsType<ConnectSessionExpired>(Refused(await Vault.Open.RunAsync(mine, null, ConnectBrowser.New, Cancellation)));
    }

    [Fact]
    public async Task A_provider_the_session_does_not_allow_is_refused() =>
        Assert.IsType<InvalidRequest>(Refused(await Vault.Authorize.RunAsync(new ConnectChoice(await SessionAsync(), "oidc", ConnectMode.Popup), ConnectBrowser.New, Cancellation)));

    private static object? Flipped(object? old)
    {
        var bytes = ((byte[])old!).ToArray();
        bytes[^1] ^= 1;
        return bytes;
    }
}
