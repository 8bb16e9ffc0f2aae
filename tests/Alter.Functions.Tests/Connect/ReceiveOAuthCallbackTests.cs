using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;

namespace Alter.Functions.Tests.Connect;

public sealed class ReceiveOAuthCallbackTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    [Fact]
    public async Task The_answer_leads_back_without_code_and_state_whatever_Host_says()
    {
        var (browser, session, consent) = await BegunAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, CallbackUrl("shop", "erp", consent));
        request.Headers.Host = "evil.example";
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        var cookie = browser.FlowCookie;
        request.Headers.Add("Cookie", $"__Host-alter-flow={cookie}");
        var back = (await Answer.ReadAsync(await Backend.Http.SendAsync(request, TestContext.Current.CancellationToken))).Is(303);
        Assert.Equal($"/sdk/oauth/connect#session={Browser.TokenOf(session)}", back.Location.OriginalString);
        Assert.Equal("no-referrer", back["Referrer-Policy"]);
        Assert.Equal("no-store", back["Cache-Control"]);
    }

    [Fact]
    public async Task A_callback_counts_once()
    {
        var (browser, session, consent) = await BegunAsync();
        (await browser.CallbackAsync("shop", "erp", consent)).Is(303);
        AssertFailed(await browser.CallbackAsync("shop", "erp", consent), 400, "connect_flow_invalid");
        Assert.Single((await browser.OpenAsync(session)).Is(200).Json["grants"]!.AsArray());
    }

    [Fact]
    public async Task Of_ten_racing_callbacks_one_makes_the_grant()
    {
        var backend = vault.Shop();
        var browser = new Browser(vault);
        var session = await backend.SessionAsync("erp");
        var consent = vault.Erp.Consent((await browser.AuthorizeUrlAsync(session, "erp")).OriginalString);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => browser.CallbackAsync("shop", "erp", consent)));
        Assert.Single(answers, answer => answer.Status == 303);
        Assert.Equal(1, (int)(await backend.ListAsync())["total"]!);
    }

    [Fact]
    public async Task Another_browser_cannot_finish_a_flow_and_does_not_end_it()
    {
        var (browser, session, consent) = await BegunAsync();
        AssertFailed(await new Browser(vault).CallbackAsync("shop", "erp", consent), 400, "connect_flow_invalid");
        var stranger = new Browser(vault);
        await stranger.AuthorizeUrlAsync(await vault.Shop().SessionAsync("erp"), "erp");
        AssertFailed(await stranger.CallbackAsync("shop", "erp", consent), 400, "connect_flow_invalid");
        (await browser.CallbackAsync("shop", "erp", consent)).Is(303);
        Assert.Equal("complete", (string?)(await browser.OpenAsync(session)).Is(200).Json["status"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("<script>alert(1)</script>")]
    public async Task A_state_that_is_none_is_refused_and_nothing_is_reflected(string state)
    {
        var (browser, _, consent) = await BegunAsync();
        var failed = await browser.CallbackAsync("shop", "erp", Changed(consent, "state", state));
        AssertFailed(failed, 400, "connect_flow_invalid");
        Assert.DoesNotContain("script>alert", failed.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("crm", "shop")]
    [InlineData("erp", "mall")]
    [InlineData("erp", "nobody")]
    [InlineData("nothing", "shop")]
    public async Task An_answer_at_another_route_ends_the_flow_before_its_code_is_redeemed(string provider, string app)
    {
        var (browser, _, consent) = await BegunAsync();
        AssertFailed(await browser.CallbackAsync(app, provider, consent), 400, "connect_flow_invalid");
        AssertFailed(await browser.CallbackAsync("shop", "erp", consent), 400, "connect_flow_invalid");
        Assert.DoesNotContain(vault.Erp.Requests.Concat(vault.Crm.Requests), request => request.Form.GetValueOrDefault("code") == consent["code"]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("https://evil.example")]
    [InlineData("")]
    public async Task A_missing_or_foreign_iss_ends_the_flow_before_its_code_is_redeemed(string? iss)
    {
        var (browser, _, consent) = await BegunAsync();
        AssertFailed(await browser.CallbackAsync("shop", "erp", Changed(consent, "iss", iss)), 400, "connect_flow_invalid");
        AssertFailed(await browser.CallbackAsync("shop", "erp", consent), 400, "connect_flow_invalid");
        Assert.DoesNotContain(vault.Erp.Requests, request => request.Form.GetValueOrDefault("code") == consent["code"]);
    }

    [Theory]
    [InlineData("code")]
    [InlineData("state")]
    [InlineData("iss")]
    [InlineData("error")]
    public async Task A_parameter_that_comes_twice_is_refused(string name)
    {
        var (browser, _, consent) = await BegunAsync();
        AssertFailed(await browser.CallbackAsync("shop", "erp", [.. consent, new(name, "x"), new(name, "y")]), 400, "connect_flow_invalid");
        (await browser.CallbackAsync("shop", "erp", consent)).Is(303);
    }

    [Fact]
    public async Task A_code_of_another_flow_makes_no_grant()
    {
        // Mallory injects the code of her own consent into Ada's flow: the verifiers differ (RFC 7636 §1).
        var (_, _, mallorys) = await BegunAsync();
        var backend = vault.Shop();
        var browser = new Browser(vault);
        var session = await backend.SessionAsync("erp");
        var adas = vault.Erp.Consent((await browser.AuthorizeUrlAsync(session, "erp")).OriginalString);
        (await browser.CallbackAsync("shop", "erp", Changed(adas, "code", mallorys["code"]))).Is(303);
        var view = (await browser.OpenAsync(session)).Is(200).Json;
        Assert.Equal(("error", "connect_flow_invalid"), ((string?)view["status"], (string?)view["code"]));
        Assert.Equal(0, (int)(await backend.ListAsync())["total"]!);
    }

    [Fact]
    public async Task A_denial_consumes_nothing_and_its_words_are_cleaned()
    {
        var (browser, session, consent) = await BegunAsync();
        var denied = new Dictionary<string, string>
        {
            ["state"] = consent["state"],
            ["iss"] = consent["iss"],
            ["error"] = "access_denied",
            ["error_description"] = "No \"thanks\"\u202e<b>\u0007" + new string('x', 500),
        };
        (await browser.CallbackAsync("shop", "erp", denied)).Is(303);
        var view = (await browser.OpenAsync(session)).Is(200).Json;
        Assert.Equal(("error", "access_denied"), ((string?)view["status"], (string?)view["error"]));
        var description = (string)view["error_description"]!;
        Assert.True(description.Length <= 200 && description.All(c => c is >= ' ' and <= '~' and not '"' and not '\\'), description);

        // Another browser that holds the link sees none of it.
        Assert.Equal("open", (string?)(await new Browser(vault).OpenAsync(session)).Is(200).Json["status"]);
        (await browser.CallbackAsync("shop", "erp", vault.Erp.Consent((await browser.AuthorizeUrlAsync(session, "erp")).OriginalString))).Is(303);
        Assert.Equal("complete", (string?)(await browser.OpenAsync(session)).Is(200).Json["status"]);
    }

    [Fact]
    public async Task The_redirect_flow_brings_the_result_to_the_apps_own_address()
    {
        var backend = vault.Shop();
        var browser = new Browser(vault);
        var session = (await backend.MintAsync(new { allowed_providers = new[] { "erp" }, return_url = $"{VaultDocument.ShopOrigin}/connected?order=7&grant_id=forged" })).Is(201).Json;
        var consent = vault.Erp.Consent((await browser.AuthorizeUrlAsync(session, "erp", "redirect")).OriginalString, "a+b&c@erp.example");
        (await browser.CallbackAsync("shop", "erp", consent)).Is(303);
        var view = (await browser.OpenAsync(session)).Is(200).Json;
        Assert.Equal("redirect", (string?)view["mode"]);
        var back = new Uri((string)view["return_to"]!);
        Assert.StartsWith($"{VaultDocument.ShopOrigin}/connected?order=7&", back.AbsoluteUri, StringComparison.Ordinal);
        var result = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(back.Query);
        Assert.Equal("true", result["alter_connect_success"]);
        Assert.Equal((string?)view["grants"]![0]!["grant_id"], result["grant_id"]);
        Assert.Equal(("erp", "Acme ERP", "a+b&c@erp.example", "creation", "active"),
            (result["provider"].ToString(), result["provider_name"].ToString(), result["account_identifier"].ToString(), result["operation"].ToString(), result["status"].ToString()));
        Assert.Equal("orders.read,orders.write", result["scopes"]);
    }

    [Fact]
    public async Task The_redirect_flow_says_why_there_is_no_result()
    {
        var browser = new Browser(vault);
        var session = (await vault.Shop().MintAsync(new { allowed_providers = new[] { "erp" }, return_url = "https://shop.acme.com/connected/" })).Is(201).Json;
        var consent = vault.Erp.Consent((await browser.AuthorizeUrlAsync(session, "erp", "redirect")).OriginalString);
        (await browser.CallbackAsync("shop", "erp", [new("state", consent["state"]), new("iss", consent["iss"]), new("error", "access_denied")])).Is(303);
        var back = new Uri((string)(await browser.OpenAsync(session)).Is(200).Json["return_to"]!);
        var result = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(back.Query);
        Assert.Equal(("true", "access_denied"), (result["alter_connect_error"].ToString(), result["error_code"].ToString()));
        Assert.False(string.IsNullOrEmpty(result["error_description"]));
    }

    private static void AssertFailed(Answer answer, int status, string code)
    {
        Assert.Equal((status, code), (answer.Status, answer["X-Alter-Error"]));
        Assert.Equal("text/html; charset=utf-8", answer["Content-Type"]);
        Assert.Equal("no-store", answer["Cache-Control"]);
        Assert.Null(answer["Location"]);
    }

    private static Dictionary<string, string> Changed(IReadOnlyDictionary<string, string> parameters, string name, string? value)
    {
        var changed = parameters.ToDictionary();
        changed.Remove(name);
        if (value is not null)
        {
            changed[name] = value;
        }

        return changed;
    }

    private Uri CallbackUrl(string app, string provider, IReadOnlyDictionary<string, string> parameters) =>
        new(vault.PublicUrl, $"/oauth/callback/{app}/{provider}?" + string.Join('&', parameters.Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value)}")));

    private async Task<(Browser Browser, JsonNode Session, IReadOnlyDictionary<string, string> Consent)> BegunAsync()
    {
        var browser = new Browser(vault);
        var session = await vault.Shop().SessionAsync("erp");
        return (browser, session, vault.Erp.Consent((await browser.AuthorizeUrlAsync(session, "erp")).OriginalString));
    }
}
