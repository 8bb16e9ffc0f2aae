using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;

namespace Alter.Functions.Tests.Connect;

public sealed class ReportConnectStatusTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    [Fact]
    public async Task The_apps_page_reads_how_its_session_stands()
    {
        var browser = new Browser(vault);
        var session = await vault.Shop().SessionAsync("erp");
        var open = (await AskAsync(Browser.TokenOf(session), VaultDocument.ShopOrigin)).Is(200);
        Assert.Equal("open", (string?)open.Json["status"]);
        Assert.Equal(VaultDocument.ShopOrigin, open["Access-Control-Allow-Origin"]);
        Assert.Equal("Origin", open["Vary"]);
        Assert.Null(open["Access-Control-Allow-Credentials"]);

        (await browser.CallbackAsync("shop", "erp", vault.Erp.Consent((await browser.AuthorizeUrlAsync(session, "erp")).OriginalString, "ada@erp.example"))).Is(303);
        var complete = (await AskAsync(Browser.TokenOf(session), VaultDocument.ShopOrigin)).Is(200);
        Assert.Equal("complete", (string?)complete.Json["status"]);
        Assert.Equal("ada@erp.example", (string?)complete.Json["grants"]![0]!["account_identifier"]);
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    [InlineData("https://shop.acme.com")]
    [InlineData("http://localhost:70720")]
    public async Task Another_origin_reads_nothing(string origin)
    {
        var answer = await AskAsync(Browser.TokenOf(await vault.Shop().SessionAsync("erp")), origin);
        answer.IsRefusal(400, "invalid_request");
        Assert.Null(answer["Access-Control-Allow-Origin"]);
        Assert.Equal("Origin", answer["Vary"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sess_x")]
    [InlineData("{\"session_token\":\"x\"}")]
    public async Task A_token_of_no_session_is_expired(string token)
    {
        var answer = (await AskAsync(token, "https://evil.example")).Is(200);
        Assert.Equal("expired", (string?)answer.Json["status"]);
        Assert.Null(answer["Access-Control-Allow-Origin"]);
    }

    [Fact]
    public async Task A_denial_is_told()
    {
        var browser = new Browser(vault);
        var session = await vault.Shop().SessionAsync("erp");
        var consent = vault.Erp.Consent((await browser.AuthorizeUrlAsync(session, "erp")).OriginalString);
        (await browser.CallbackAsync("shop", "erp", [new("state", consent["state"]), new("iss", consent["iss"]), new("error", "access_denied")])).Is(303);
        var answer = (await AskAsync(Browser.TokenOf(session), null)).Is(200);
        Assert.Equal(("error", "access_denied"), ((string?)answer.Json["status"], (string?)answer.Json["error"]));
    }

    private async Task<Answer> AskAsync(string token, string? origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(vault.PublicUrl, "/sdk/oauth/connect/status"))
        {
            Content = new StringContent(token, new MediaTypeHeaderValue("text/plain")),
        };
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        return await Answer.ReadAsync(await Backend.Http.SendAsync(request, TestContext.Current.CancellationToken));
    }
}
