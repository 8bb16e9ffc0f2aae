using System.Buffers.Text;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;
using Alter.Testing;
using Azure.Data.Tables;

namespace Alter.Functions.Tests.Connect;

/// <summary>The Connect page and what it calls: open and authorize.</summary>
public sealed class ConnectPageTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    [Theory]
    [InlineData("/sdk/oauth/connect")]
    [InlineData("//sdk/oauth/connect")]
    [InlineData("/sdk/oauth/connect?session=sess_x&next=https://evil.example")]
    public async Task The_page_is_fenced_in_and_reflects_nothing(string path)
    {
        var page = (await new Browser(vault).GoAsync(new Uri(vault.PublicUrl.AbsoluteUri.TrimEnd('/') + path))).Is(200);
        Assert.Equal("text/html; charset=utf-8", page["Content-Type"]);
        Assert.Contains("default-src 'none'", page["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", page["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-inline", page["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Equal("unsafe-none", page["Cross-Origin-Opener-Policy"]);
        Assert.Equal("no-referrer", page["Referrer-Policy"]);
        Assert.Equal("nosniff", page["X-Content-Type-Options"]);
        Assert.Equal("no-store", page["Cache-Control"]);
        Assert.NotNull(page["X-Alter-Request-Id"]);
        Assert.DoesNotContain("evil.example", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("sess_x", page.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("connect.css", "text/css; charset=utf-8")]
    [InlineData("connect.js", "text/javascript; charset=utf-8")]
    [InlineData("page.js", "text/javascript; charset=utf-8")]
    [InlineData("choices.js", "text/javascript; charset=utf-8")]
    [InlineData("vault.js", "text/javascript; charset=utf-8")]
    [InlineData("texts.js", "text/javascript; charset=utf-8")]
    [InlineData("icon.svg", "image/svg+xml")]
    public async Task Style_and_script_come_from_the_vault_itself(string file, string type) =>
        Assert.Equal(type, (await new Browser(vault).GoAsync(new Uri(vault.PublicUrl, $"/sdk/oauth/assets/{file}"))).Is(200)["Content-Type"]);

    [Fact]
    public async Task A_session_opens_with_app_user_and_providers()
    {
        var subject = $"ada-{A.Unique()}";
        var view = (await new Browser(vault).OpenAsync(await vault.Shop(subject).SessionAsync("erp"), VaultDocument.ShopOrigin)).Is(200).Json;
        Assert.Equal("open", (string?)view["status"]);
        Assert.Equal("Acme Shop", (string?)view["app"]!["name"]);
        Assert.Equal($"{subject}@acme.com", (string?)view["user"]);
        Assert.Equal("confirm", (string?)view["browser_proof"]);
        Assert.Equal("erp", (string?)Assert.Single(view["providers"]!.AsArray())!["id"]);
        Assert.Equal(VaultDocument.ShopOrigin, (string?)view["allowed_origin"]);
        Assert.Empty(view["grants"]!.AsArray());
    }

    [Fact]
    public async Task A_link_opened_from_a_foreign_page_is_refused() =>
        (await new Browser(vault).OpenAsync(await vault.Shop().SessionAsync("erp"), "https://evil.example")).IsRefusal(400, "invalid_request");

    [Fact]
    public async Task Only_the_vaults_own_page_may_call()
    {
        var session = await vault.Shop().SessionAsync("erp");
        foreach (var path in (string[])["open", "authorize"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(vault.PublicUrl, $"/sdk/oauth/connect/{path}"))
            {
                Content = JsonContent.Create(new { session_token = Browser.TokenOf(session), provider = "erp", mode = "popup" }),
            };
            request.Headers.Add("Origin", "https://evil.example");
            (await new Browser(vault).SendAsync(request)).IsRefusal(400, "invalid_request");
        }
    }

    [Fact]
    public async Task Junk_foreign_altered_and_purged_sessions_are_one_refusal()
    {
        var session = await vault.Shop().SessionAsync("erp");
        var token = Browser.TokenOf(session);
        var flipped = token[..20] + (token[20] == 'A' ? 'B' : 'A') + token[21..];
        var browser = new Browser(vault);
        foreach (var junk in (string[])["", "sess_", "sess_x", flipped, token.ToUpperInvariant(), token["sess_".Length..], $"{token} ", new string('A', 67)])
        {
            (await browser.OpenAsync(Linked(junk))).IsRefusal(410, "connect_session_expired");
            (await browser.AuthorizeAsync(Linked(junk), "erp")).IsRefusal(410, "connect_session_expired");
        }

        (await browser.OpenAsync(session)).Is(200);
        var table = vault.Azurite.Table("connect");
        await foreach (var row in table.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"RowKey eq {RowKeyOf(session)}"), cancellationToken: TestContext.Current.CancellationToken))
        {
            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancellationToken: TestContext.Current.CancellationToken);
        }

        (await browser.OpenAsync(session)).IsRefusal(410, "connect_session_expired");
    }

    [Fact]
    public async Task A_row_of_a_session_that_was_altered_is_not_believed()
    {
        var session = await vault.Shop().SessionAsync("erp");
        var table = vault.Azurite.Table("connect");
        var row = await table.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"RowKey eq {RowKeyOf(session)}"), cancellationToken: TestContext.Current.CancellationToken)
            .FirstAsync(TestContext.Current.CancellationToken);
        row["expires_at"] = ((DateTimeOffset)row["expires_at"]).AddMinutes(30); // One refusal more for whoever writes into storage.
        await table.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, TestContext.Current.CancellationToken);
        Assert.NotEqual(200, (await new Browser(vault).OpenAsync(session)).Status);
    }

    [Fact]
    public async Task Authorizing_binds_the_browser_and_sends_PKCE_state_and_the_exact_redirect_uri()
    {
        var browser = new Browser(vault);
        var url = await browser.AuthorizeUrlAsync(await vault.Shop().SessionAsync("erp"), "erp");
        var query = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(url.Query);
        Assert.Equal($"{vault.PublicUrl}oauth/callback/shop/erp", query["redirect_uri"]);
        Assert.Equal("S256", query["code_challenge_method"]);
        Assert.Equal(43, query["code_challenge"].ToString().Length);
        Assert.Equal("orders.read orders.write", query["scope"]);
        var cookie = browser.LastSetCookie!;
        Assert.StartsWith("__Host-alter-flow=", cookie, StringComparison.Ordinal);
        Assert.All((string[])["secure", "httponly", "samesite=lax", "path=/"], attribute => Assert.Contains(attribute, cookie, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("domain", cookie, StringComparison.OrdinalIgnoreCase);

        // Two popups of one browser share the cookie, and neither flow ends the other.
        var first = browser.FlowCookie;
        await browser.AuthorizeUrlAsync(await vault.Shop().SessionAsync("erp"), "erp");
        Assert.Equal(first, browser.FlowCookie);
    }

    [Theory]
    [InlineData("""{"session_token":"TOKEN","provider":"erp"}""")]
    [InlineData("""{"session_token":"TOKEN","provider":"erp","mode":"iframe"}""")]
    [InlineData("""{"session_token":"TOKEN","provider":"erp","mode":0}""")]
    [InlineData("""{"session_token":"TOKEN","provider":null,"mode":"popup"}""")]
    [InlineData("""{"session_token":"TOKEN","provider":"crm","mode":"popup"}""")]
    [InlineData("""{"session_token":"TOKEN","provider":"../erp","mode":"popup"}""")]
    [InlineData("""{"session_token":"TOKEN","provider":"erp","mode":"popup","redirect_uri":"https://evil.example"}""")]
    [InlineData("""{"session_token":"TOKEN","session_token":"TOKEN","provider":"erp","mode":"popup"}""")]
    public async Task A_page_body_is_read_strictly(string body)
    {
        var text = body.Replace("TOKEN", Browser.TokenOf(await vault.Shop().SessionAsync("erp")), StringComparison.Ordinal);
        (await vault.Backend("none").SendAsync(HttpMethod.Post, "/sdk/oauth/connect/authorize", text)).IsRefusal(400, "invalid_request");
    }

    [Theory]
    [InlineData("open")]
    [InlineData("authorize")]
    [InlineData("status")]
    public async Task A_page_body_is_at_most_8_KiB(string path)
    {
        var answer = await vault.Backend("none").SendAsync(HttpMethod.Post, $"/sdk/oauth/connect/{path}", $$"""{"session_token":"{{new string('x', 9000)}}"}""");
        Assert.Equal(8 * 1024, (int)answer.IsRefusal(413, "request_too_large").Json["limit"]!);
    }

    [Fact]
    public async Task A_session_is_used_up_by_its_grant_and_shows_it_to_its_own_browser_alone()
    {
        var backend = vault.Shop();
        var browser = new Browser(vault);
        var session = await backend.SessionAsync("erp");
        var consent = vault.Erp.Consent((await browser.AuthorizeUrlAsync(session, "erp")).OriginalString);
        (await browser.CallbackAsync("shop", "erp", consent)).Is(303);
        Assert.Equal("complete", (string?)(await browser.OpenAsync(session)).Is(200).Json["status"]);
        (await new Browser(vault).OpenAsync(session)).IsRefusal(410, "connect_session_used");
        (await browser.AuthorizeAsync(session, "erp")).IsRefusal(410, "connect_session_used");
        (await new Browser(vault).AuthorizeAsync(session, "erp")).IsRefusal(410, "connect_session_used");
    }

    [Fact]
    public async Task A_session_of_several_providers_connects_each_once()
    {
        var backend = vault.Shop();
        var browser = new Browser(vault);
        var session = (await backend.MintAsync(new { allowed_providers = new[] { "erp", "crm" } })).Is(201).Json;
        (await browser.CallbackAsync("shop", "erp", vault.Erp.Consent((await browser.AuthorizeUrlAsync(session, "erp")).OriginalString))).Is(303);
        Assert.Equal("open", (string?)(await browser.OpenAsync(session)).Is(200).Json["status"]);
        (await browser.AuthorizeAsync(session, "erp")).IsRefusal(410, "connect_session_used");
        (await browser.CallbackAsync("shop", "crm", vault.Crm.Consent((await browser.AuthorizeUrlAsync(session, "crm")).OriginalString))).Is(303);
        var view = (await browser.OpenAsync(session)).Is(200).Json;
        Assert.Equal("complete", (string?)view["status"]);
        Assert.Equal(["erp", "crm"], view["grants"]!.AsArray().Select(grant => (string?)grant!["provider"]));
    }

    private static string RowKeyOf(JsonNode session) =>
        "s|" + Convert.ToHexStringLower(SHA256.HashData(Base64Url.DecodeFromChars(Browser.TokenOf(session).AsSpan("sess_".Length))));

    private static JsonObject Linked(string token) => new() { ["connect_url"] = $"http://localhost/#session={Uri.EscapeDataString(token)}" };
}
