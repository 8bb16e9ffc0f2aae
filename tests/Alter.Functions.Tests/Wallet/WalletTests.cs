using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;
using Alter.Testing;
using Azure.Data.Tables;

namespace Alter.Functions.Tests.Wallet;

/// <summary>The Wallet through the real worker, two of them: none remembers who signed in at the other.</summary>
public sealed class WalletTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;
    private readonly string ada = $"ada-{A.Unique()}";

    [Fact]
    public async Task A_person_signs_in_sees_what_they_connected_and_takes_it_back()
    {
        await WalletBrowser.ConnectAsync(vault, ada);
        var wallet = new WalletBrowser(vault);
        var places = (await wallet.GetAsync("session")).Is(200).Json;
        Assert.Null(places["user"]);
        Assert.Equal(("people", "Acme Desk"), ((string?)Assert.Single(places["places"]!.AsArray())!["identity_provider"], (string?)places["places"]![0]!["apps"]![0]!["name"]));

        await wallet.SignInAsync(ada);
        Assert.Equal(ada, (string?)(await wallet.GetAsync("session")).Is(200).Json["user"]!["name"]);
        var connection = Assert.Single(await wallet.ConnectionsAsync());
        Assert.Equal(
            ("Acme Desk", "Acme ERP", $"{ada}@erp.example", "active", null),
            ((string?)connection["app"]!["name"], (string?)connection["provider"]!["name"], (string?)connection["account_identifier"], (string?)connection["status"], (string?)connection["reason"]));
        Assert.Equal("See your orders", (string?)connection["scope_descriptions"]!["orders.read"]);
        (await vault.Desk(ada).CallAsync("erp", vault.Upstream.Echo())).Is(200);

        var revoked = (await wallet.ChangeAsync("revoke", connection)).Is(200).Json;

        Assert.Equal((string?)connection["grant_id"], (string?)revoked["grant_id"]);
        Assert.Empty(await wallet.ConnectionsAsync());
        (await vault.Desk(ada).CallAsync("erp", vault.Upstream.Echo())).IsRefusal(403, "grant_revoked");
    }

    [Fact]
    public async Task The_page_and_its_cookies_are_fenced_in()
    {
        var wallet = new WalletBrowser(vault);
        var page = (await wallet.Browser.GoAsync(new Uri(vault.PublicUrl, "/wallet"))).Is(200);
        Assert.Equal(
            ("same-origin", "no-store", "no-referrer", "nosniff"),
            (page["Cross-Origin-Opener-Policy"], page["Cache-Control"], page["Referrer-Policy"], page["X-Content-Type-Options"]));
        Assert.Equal((await wallet.Browser.GoAsync(new Uri(vault.PublicUrl, "/sdk/oauth/connect")))["Content-Security-Policy"], page["Content-Security-Policy"]);
        Assert.DoesNotContain("{{", page.Text, StringComparison.Ordinal);

        await wallet.StartAsync();
        Assert.Matches("^__Host-alter-wallet-signin=[A-Za-z0-9_-]+; max-age=600; path=/; secure; samesite=lax; httponly$", wallet.Browser.LastSetCookie);
        var back = await wallet.SignInAsync(ada);
        Assert.Equal(("/wallet", "no-referrer"), (back.Location.OriginalString, back["Referrer-Policy"]));
        Assert.Matches("__Host-alter-wallet=[A-Za-z0-9_-]+; max-age=28800; path=/; secure; samesite=strict; httponly$", back["Set-Cookie"]);
        Assert.Matches("__Host-alter-wallet-signin=; expires=Thu, 01 Jan 1970", back["Set-Cookie"]);
        Assert.DoesNotContain(ada, back["Set-Cookie"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_that_the_page_did_not_send_changes_nothing()
    {
        await WalletBrowser.ConnectAsync(vault, ada);
        var (wallet, mallory) = (new WalletBrowser(vault), new WalletBrowser(vault));
        await wallet.SignInAsync(ada);
        await mallory.SignInAsync($"mallory-{A.Unique()}");
        var connection = Assert.Single(await wallet.ConnectionsAsync());

        foreach (var origin in (string?[])[null, "null", "https://shop.acme.com", wallet.Origin + "/", wallet.Origin.ToUpperInvariant(), $"{wallet.Origin}.evil.example"])
        {
            (await wallet.ChangeAsync("revoke", connection, change: request =>
            {
                request.Headers.Remove("Origin");
                if (origin is not null)
                {
                    request.Headers.Add("Origin", origin);
                }
            })).IsRefusal(400, "invalid_request");
        }

        (await wallet.ChangeAsync("revoke", connection, body => body.Remove("csrf_token"))).IsRefusal(400, "invalid_request");
        foreach (var token in (string[])["", mallory.CsrfToken, wallet.CsrfToken[..^1], new string('x', 5000)])
        {
            (await wallet.ChangeAsync("revoke", connection, body => body["csrf_token"] = token)).IsInvalid("csrf_token");
        }

        foreach (var path in (string[])["revoke", "reconnect", "extend", "signout", "signin"])
        {
            (await wallet.ChangeAsync(path, connection, change: request =>
            {
                request.Content = new StringContent("csrf_token=x&app=desk", System.Text.Encoding.UTF8, "text/plain");
            })).IsRefusal(400, "invalid_request");
            (await wallet.ChangeAsync(path, connection, change: request => request.Headers.Add("Sec-Fetch-Site", "cross-site"), further: body => body["csrf_token"] = "x")).IsRefusal(400, "invalid_request");
        }

        (await wallet.ChangeAsync("revoke", connection, body => body["reason"] = "x")).IsInvalid("reason");
        (await wallet.ChangeAsync("revoke", connection, body => body["grant_id"] = new string('x', 9000))).IsRefusal(413, "request_too_large");
        Assert.Equal("active", (string?)Assert.Single(await wallet.ConnectionsAsync())["status"]);
    }

    [Fact]
    public async Task Another_site_is_answered_nothing()
    {
        var wallet = new WalletBrowser(vault);
        await wallet.SignInAsync(ada);
        foreach (var path in (string[])["session", "connections", "activity?app=desk"])
        {
            foreach (var site in (string[])["cross-site", "same-site"])
            {
                (await wallet.GetAsync(path, request => request.Headers.Add("Sec-Fetch-Site", site))).IsRefusal(400, "invalid_request");
            }

            var answer = (await wallet.GetAsync(path, request =>
            {
                request.Headers.Add("Sec-Fetch-Site", "same-origin");
                request.Headers.Add("Origin", "https://shop.acme.com");
            })).Is(200);
            Assert.Equal((null, "no-store"), (answer["Access-Control-Allow-Origin"], answer["Cache-Control"]));
        }
    }

    [Fact]
    public async Task Nothing_is_shown_or_changed_for_a_browser_that_is_not_signed_in()
    {
        await WalletBrowser.ConnectAsync(vault, ada);
        var (wallet, other) = (new WalletBrowser(vault), new WalletBrowser(vault));
        await wallet.SignInAsync(ada);
        var connection = Assert.Single(await wallet.ConnectionsAsync());

        foreach (var path in (string[])["connections", "activity?app=desk"])
        {
            (await other.GetAsync(path)).IsRefusal(403, "wallet_session_expired");
        }

        foreach (var path in (string[])["revoke", "reconnect"])
        {
            (await other.ChangeAsync(path, connection, body => body["csrf_token"] = wallet.CsrfToken)).IsRefusal(403, "wallet_session_expired");
        }

        (await wallet.PostAsync("signout", new JsonObject { ["csrf_token"] = wallet.CsrfToken })).Is(204);
        (await wallet.GetAsync("connections")).IsRefusal(403, "wallet_session_expired");
        Assert.Null((await wallet.GetAsync("session")).Is(200).Json["user"]);
    }

    [Fact]
    public async Task A_browser_is_not_signed_in_by_an_answer_it_did_not_ask_for_and_the_page_reflects_nothing_of_it()
    {
        var (mallory, victim) = (new WalletBrowser(vault), new WalletBrowser(vault));
        var answer = vault.People.Consent((await mallory.StartAsync()).OriginalString, "mallory");

        Assert.Equal((400, "connect_flow_invalid"), Failure(await victim.AnswerAsync(answer)));
        await victim.StartAsync();
        Assert.Equal((400, "connect_flow_invalid"), Failure(await victim.AnswerAsync(answer)));
        Assert.Null((await victim.GetAsync("session")).Is(200).Json["user"]);
        Assert.DoesNotContain(vault.People.Requests, request => request.Form.GetValueOrDefault("code") == answer["code"]);

        foreach (var query in (string[])["", "?state=x&code=y", "?state=<script>alert(1)</script>&error=<b>", "?state=a&state=b"])
        {
            var failed = await victim.Browser.GoAsync(new Uri(vault.PublicUrl, $"/wallet/signin/people{query}"));
            Assert.Equal((400, "connect_flow_invalid"), Failure(failed));
            Assert.DoesNotContain("alert(1)", failed.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("<b>", failed.Text, StringComparison.Ordinal);
            Assert.Equal("same-origin", failed["Cross-Origin-Opener-Policy"]);
        }

        (await victim.PostAsync("signin", new JsonObject { ["identity_provider"] = "acme" })).IsInvalid("identity_provider");

        static (int, string?) Failure(Answer answer) => (answer.Status, answer["X-Alter-Error"]);
    }

    [Fact]
    public async Task Anothers_connection_answers_as_one_that_is_not_there()
    {
        var bob = $"bob-{A.Unique()}";
        await WalletBrowser.ConnectAsync(vault, bob);
        var (wallet, his) = (new WalletBrowser(vault), new WalletBrowser(vault));
        await wallet.SignInAsync(ada);
        await his.SignInAsync(bob);
        var connection = Assert.Single(await his.ConnectionsAsync());

        Assert.Empty(await wallet.ConnectionsAsync());
        var foreign = (await wallet.ChangeAsync("revoke", connection)).IsRefusal(404, "grant_not_found");
        var unknown = (await wallet.ChangeAsync("revoke", connection, body => body["grant_id"] = $"{Guid.NewGuid()}")).IsRefusal(404, "grant_not_found");
        Assert.Equal(unknown.Comparable(), foreign.Comparable());
        (await wallet.ChangeAsync("revoke", connection, body => body["app"] = "shop")).IsRefusal(404, "grant_not_found");
        (await wallet.ChangeAsync("reconnect", connection)).IsRefusal(404, "grant_not_found");
        (await wallet.ChangeAsync("extend", connection, body => body["expires_at"] = "2030-01-01T00:00:00Z")).IsRefusal(404, "grant_not_found");
        Assert.Equal("active", (string?)Assert.Single(await his.ConnectionsAsync())["status"]);
    }

    [Fact]
    public async Task What_broke_is_connected_again_through_Connect_which_leads_back_to_the_Wallet()
    {
        await WalletBrowser.ConnectAsync(vault, ada);
        var wallet = new WalletBrowser(vault);
        await wallet.SignInAsync(ada);
        var connection = Assert.Single(await wallet.ConnectionsAsync());
        (await wallet.ChangeAsync("reconnect", connection)).IsInvalid("grant_id");
        await EndAsync((string)connection["grant_id"]!);
        connection = Assert.Single(await wallet.ConnectionsAsync());
        Assert.Equal(("credential_revoked", "refused", true), ((string?)connection["status"], (string?)connection["reason"], (bool)connection["can_reconnect"]!));

        var session = (await wallet.ChangeAsync("reconnect", connection)).Is(200).Json;
        await WalletBrowser.FinishAsync(vault, wallet.Browser, session, ada);

        var view = (await wallet.Browser.OpenAsync(session)).Is(200).Json;
        Assert.Equal(("complete", null), ((string?)view["status"], (string?)view["allowed_origin"]));
        Assert.StartsWith($"{wallet.Origin}/wallet?alter_connect_success=true&grant_id={connection["grant_id"]}", (string?)view["return_to"], StringComparison.Ordinal);
        connection = Assert.Single(await wallet.ConnectionsAsync());
        Assert.Equal(("active", null, false), ((string?)connection["status"], (string?)connection["reason"], (bool)connection["can_reconnect"]!));
        (await vault.Desk(ada).CallAsync("erp", vault.Upstream.Echo())).Is(200);
    }

    [Fact]
    public async Task The_end_of_a_connection_moves_up_to_the_furthest_it_may_have()
    {
        await WalletBrowser.ConnectAsync(vault, ada, new { default_ttl_seconds = 3600, max_ttl_seconds = 86400 });
        var wallet = new WalletBrowser(vault);
        await wallet.SignInAsync(ada);
        var connection = Assert.Single(await wallet.ConnectionsAsync());
        Assert.True((bool)connection["can_extend"]!);

        (await wallet.ChangeAsync("extend", connection, body => body["expires_at"] = "2100-01-01T00:00:00Z")).IsInvalid("expires_at");
        (await wallet.ChangeAsync("extend", connection, body => body["expires_at"] = "tomorrow")).IsInvalid("expires_at");
        (await wallet.ChangeAsync("extend", connection)).IsRefusal(400, "invalid_request");
        (await wallet.ChangeAsync("extend", connection, body => body["expires_at"] = (string?)connection["max_expires_at"])).Is(200);

        connection = Assert.Single(await wallet.ConnectionsAsync());
        Assert.Equal(((string?)connection["max_expires_at"], false), ((string?)connection["expires_at"], (bool)connection["can_extend"]!));
        (await vault.Desk(ada).CallAsync("erp", vault.Upstream.Echo())).Is(200);
    }

    [Fact]
    public async Task The_activity_is_the_persons_own_by_filter_and_as_a_table()
    {
        await WalletBrowser.ConnectAsync(vault, ada);
        var wallet = new WalletBrowser(vault);
        await wallet.SignInAsync(ada);
        var connection = Assert.Single(await wallet.ConnectionsAsync());
        await NoteAsync((string)connection["grant_id"]!, "digest", "=HYPERLINK(\"https://evil.example\")");

        var page = (await wallet.GetAsync("activity?app=desk&provider=erp&outcome=provider_timeout")).Is(200).Json;
        var entry = Assert.Single(page["entries"]!.AsArray())!;
        Assert.Equal(("digest", "GET", "https://api.erp.acme.com/orders", 504), ((string?)entry["caller"], (string?)entry["method"], (string?)entry["url"], (int)entry["status"]!));
        Assert.Contains("in time", (string?)entry["explanation"], StringComparison.Ordinal);
        Assert.Empty((await wallet.GetAsync("activity?app=desk&outcome=provider_timeout&until=2020-01-01T00:00:00Z")).Is(200).Json["entries"]!.AsArray());

        var table = (await wallet.GetAsync("activity?app=desk&outcome=provider_timeout&format=csv")).Is(200);
        Assert.Equal(("text/csv; charset=utf-8", "attachment; filename=activity.csv; filename*=UTF-8''activity.csv"), (table["Content-Type"], table["Content-Disposition"]));
        Assert.Contains("\"'=HYPERLINK(\"\"https://evil.example\"\")\"", table.Text, StringComparison.Ordinal);

        foreach (var (query, parameter) in ((string, string)[])[("", "app"), ("?app=shop", "app"), ("?app=x'", "app"), ("?app=desk&limit=0", "limit"), ("?app=desk&limit=101", "limit"), ("?app=desk&since=x", "since"),
            ("?app=desk&grant_id=x", "grant_id"), ("?app=desk&format=xml", "format"), ("?app=desk&user=bob", "user"), ("?app=desk&app=desk", "app"), ("?app=desk&cursor=x", "cursor"), ("?app=desk&outcome=a'%20or%20'", "outcome")])
        {
            (await wallet.GetAsync($"activity{query}")).IsInvalid(parameter);
        }

        var other = new WalletBrowser(vault);
        await other.SignInAsync($"bob-{A.Unique()}");
        Assert.Empty((await other.GetAsync("activity?app=desk&outcome=provider_timeout")).Is(200).Json["entries"]!.AsArray());
    }

    private async Task<TableEntity> RowAsync(string grantId)
    {
        await foreach (var row in vault.Azurite.Table("grants").QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"gid eq {grantId}"), cancellationToken: TestContext.Current.CancellationToken))
        {
            if (row.RowKey[0] is not '~')
            {
                return row;
            }
        }

        throw new InvalidOperationException("There is no such grant.");
    }

    // As a refresh does that the provider refused: the status of what is over is believed without a MAC.
    private async Task EndAsync(string grantId)
    {
        var row = await RowAsync(grantId);
        (row["status"], row["cause"]) = ("credential_revoked", "invalid_grant");
        await vault.Azurite.Table("grants").UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, TestContext.Current.CancellationToken);
    }

    // One row as the record projects it: docs/storage.md.
    private async Task NoteAsync(string grantId, string caller, string reason)
    {
        var (row, now, id) = (await RowAsync(grantId), TimeProvider.System.GetUtcNow(), Guid.NewGuid().ToString("N"));
        var entry = new JsonObject
        {
            ["kind"] = "end", ["id"] = id, ["at"] = now.ToString("O"), ["app"] = "desk", ["user"] = row.GetString("uh"), ["grant_id"] = grantId, ["provider"] = "erp", ["caller"] = caller,
            ["method"] = "GET", ["url"] = "https://api.erp.acme.com/orders", ["status"] = 504, ["outcome"] = "provider_timeout", ["reason"] = reason,
        };
        var table = vault.Azurite.Table($"activity{now.UtcDateTime:yyyyMM}");
        await table.CreateIfNotExistsAsync(TestContext.Current.CancellationToken);
        await table.AddEntityAsync(
            new TableEntity(row.PartitionKey, $"{DateTimeOffset.MaxValue.UtcTicks - now.UtcTicks:D19}|{id}") { ["entry"] = entry.ToJsonString(), ["provider"] = "erp", ["gid"] = grantId, ["outcome"] = "provider_timeout" },
            TestContext.Current.CancellationToken);
    }
}
