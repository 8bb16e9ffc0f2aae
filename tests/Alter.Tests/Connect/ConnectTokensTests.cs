using Alter.Connect;
using Alter.Testing;

namespace Alter.Tests.Connect;

public sealed class ConnectTokensTests(SharedAzurite azurite) : ConnectFixture(azurite)
{
    [Fact]
    public async Task Junk_is_refused_without_a_storage_read()
    {
        var session = await SessionAsync();
        var state = StateOf(await AuthorizeAsync(session));
        string?[] junk =
        [
            null, "", "sess_", "sess", new string('A', 62), "sess_" + new string('A', 62), "sess_" + new string('_', 62), "sess_" + new string('!', 62),
            "sess_" + new string(' ', 62), "sess_" + new string('ä', 62), "sess_" + new string('=', 62), "sess_" + new string('A', 100_000), session[5..], session + "A", session[..^1],
            "SESS_" + session[5..], "sess_" + state, .. Enumerable.Range(5, 62).Select(at => Changed(session, at)),
        ];
        var before = Vault.Network.Requests;

        foreach (var token in junk)
        {
            Assert.IsType<ConnectSessionExpired>(Refused(await Vault.Open.RunAsync(token, null, ConnectBrowser.New, Cancellation)));
            Assert.IsType<ConnectSessionExpired>(Refused(await Vault.Authorize.RunAsync(new ConnectChoice(token, "erp", ConnectMode.Popup), ConnectBrowser.New, Cancellation)));
            Assert.Equal("expired", (await StatusAsync(token!)).Status);
            Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync(new CallbackParameters("code", token, null, null, null), "cookie")));
        }

        Assert.IsType<ConnectFlowInvalid>(Refused(await FinishAsync(new CallbackParameters("code", session[5..], null, null, null), "cookie")));
        Assert.Equal(before, Vault.Network.Requests);
    }

    [Fact]
    public async Task A_token_past_its_hour_costs_no_read()
    {
        var session = await SessionAsync();
        Time.Advance(TimeSpan.FromHours(2));
        var before = Vault.Network.Requests;

        Assert.IsType<ConnectSessionExpired>(Refused(await Vault.Open.RunAsync(session, null, ConnectBrowser.New, Cancellation)));
        Assert.Equal(before, Vault.Network.Requests);
    }

    [Fact]
    public async Task A_token_outlives_one_change_of_keys_and_not_two()
    {
        var session = await SessionAsync();
        Keys.Versions.Add(A.Key());
        using var another = Vault.Another();
        Assert.True((await another.Open.RunAsync(session, null, ConnectBrowser.New, Cancellation)).Succeeded(out _, out _));

        Keys.Versions.Add(A.Key());
        using var third = Vault.Another();
        Assert.IsType<ConnectSessionExpired>(Refused(await third.Open.RunAsync(session, null, ConnectBrowser.New, Cancellation)));
    }

    [Fact]
    public async Task Only_hashes_are_stored()
    {
        var session = await SessionAsync();
        var redirect = await AuthorizeAsync(session);
        var stored = new List<string>();
        foreach (var key in new[] { await Vault.ConnectTokens.ReadSessionAsync(session, Cancellation), await Vault.ConnectTokens.ReadStateAsync(StateOf(redirect), Cancellation) })
        {
            var row = (await Rows.GetEntityAsync<Azure.Data.Tables.TableEntity>(key!.Partition, key.Row, cancellationToken: Cancellation)).Value;
            stored.AddRange(row.Select(column => column.Value is byte[] bytes ? System.Text.Encoding.UTF8.GetString(bytes) : $"{column.Value}"));
        }

        Assert.DoesNotContain(stored, text => new[] { session[5..], StateOf(redirect), redirect.Cookie, "Ada" }.Any(text.Contains));
        Assert.DoesNotContain(redirect.Cookie, $"{redirect} {new CallbackParameters(redirect.Cookie, null, null, null, null)}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_instance_with_a_newer_key_gave_out_is_taken_by_one_that_has_not_got_it_yet()
    {
        await Vault.Ring.CurrentAsync(Cancellation);
        Keys.Versions.Add(A.Key());
        Time.Advance(TimeSpan.FromSeconds(10));
        using var ahead = Vault.Another();
        var (session, key) = await ahead.ConnectTokens.NewSessionAsync(Time.GetUtcNow().AddMinutes(10), Cancellation);
        var (cookie, user) = (await ahead.Cookies.SealAsync("main", new SignedInUser("https://idp.acme.com", "sub", "ada", Time.GetUtcNow()), Cancellation), "ada");

        Assert.Equal(key, await Vault.ConnectTokens.ReadSessionAsync(session, Cancellation));
        Assert.Equal(user, (await Vault.Cookies.OpenAsync("main", cookie, Cancellation))?.Value);
    }

    // The last character carries four spare bits: it changes by more than those.
    private static string Changed(string token, int at) => token[..at] + (token[at] == 'Q' ? 'w' : 'Q') + token[(at + 1)..];
}
