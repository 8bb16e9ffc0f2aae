using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;
using Alter.Testing;

namespace Alter.Functions.Tests.Connect;

public sealed class BrowserProofTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    [Fact]
    public async Task A_signed_in_user_connects_and_the_cookie_that_remembers_it_is_sealed_and_fenced_in()
    {
        var subject = $"ada-{A.Unique()}";
        var (backend, browser) = (vault.Desk(subject), new Browser(vault));
        var session = await backend.SessionAsync("erp");
        var view = (await browser.OpenAsync(session)).Is(200).Json;
        Assert.Equal(("identity", false), ((string?)view["browser_proof"], (bool)view["signed_in"]!));

        var signIn = await browser.AuthorizeUrlAsync(session, "erp");
        var on = (await browser.SignInCallbackAsync("desk", "people", vault.People.Consent(signIn.OriginalString, subject))).Is(303);

        Assert.StartsWith($"{vault.Erp.Issuer}/authorize", on.Location.OriginalString, StringComparison.Ordinal);
        Assert.Equal("no-referrer", on["Referrer-Policy"]);
        Assert.Matches("^__Host-alter-user-people=[A-Za-z0-9_-]+; max-age=28800; path=/; secure; samesite=lax; httponly$", on["Set-Cookie"]);
        Assert.DoesNotContain(subject, on["Set-Cookie"], StringComparison.Ordinal);
        (await browser.CallbackAsync("desk", "erp", vault.Erp.Consent(on.Location.OriginalString))).Is(303);
        Assert.Equal("active", (string?)(await browser.OpenAsync(session)).Is(200).Json["grants"]![0]!["status"]);
        Assert.Equal(1, (int)(await backend.ListAsync())["total"]!);
        Assert.True((bool)(await browser.OpenAsync(await backend.SessionAsync("crm"))).Is(200).Json["signed_in"]!);
    }

    [Fact]
    public async Task A_stranger_gets_one_fresh_sign_in_and_then_nothing()
    {
        var subject = $"ada-{A.Unique()}";
        var (backend, stranger) = (vault.Desk(subject), new Browser(vault));
        var session = await backend.SessionAsync("erp");

        var back = (await stranger.SignInCallbackAsync("desk", "people", vault.People.Consent((await stranger.AuthorizeUrlAsync(session, "erp")).OriginalString, "mallory"))).Is(303);
        Assert.Equal($"/sdk/oauth/connect#session={Browser.TokenOf(session)}", back.Location.OriginalString);
        Assert.Null(back["Set-Cookie"]);
        Assert.Equal(("user_mismatch", "erp"), Mismatch(await stranger.OpenAsync(session)));

        var fresh = await stranger.SignInAgainUrlAsync(session, "erp");
        Assert.Contains("prompt=login", fresh.Query, StringComparison.Ordinal);
        (await stranger.SignInCallbackAsync("desk", "people", vault.People.Consent(fresh.OriginalString, "mallory"))).Is(303);
        Assert.Equal(("user_mismatch", null), Mismatch(await stranger.OpenAsync(session)));
        Assert.Equal(0, (int)(await backend.ListAsync())["total"]!);

        static (string?, string?) Mismatch(Answer answer)
        {
            var view = answer.Is(200).Json;
            return ((string?)view["error"], (string?)view["sign_in_again"]);
        }
    }

    [Theory]
    [InlineData("shop", "people")]
    [InlineData("desk", "acme")]
    [InlineData("desk", "nobody")]
    public async Task A_sign_in_answered_at_another_route_ends_its_flow(string app, string identityProvider)
    {
        var browser = new Browser(vault);
        var consent = vault.People.Consent((await browser.AuthorizeUrlAsync(await vault.Desk("ada").SessionAsync("erp"), "erp")).OriginalString, "ada");
        Assert.Equal((400, "connect_flow_invalid"), Failure(await browser.SignInCallbackAsync(app, identityProvider, consent)));
        Assert.Equal((400, "connect_flow_invalid"), Failure(await browser.SignInCallbackAsync("desk", "people", consent)));
        Assert.DoesNotContain(vault.People.Requests, request => request.Form.GetValueOrDefault("code") == consent["code"]);
    }

    [Fact]
    public async Task A_sign_in_without_flow_or_with_doubled_parameters_reflects_nothing()
    {
        var browser = new Browser(vault);
        foreach (var query in new[] { "", "?state=x&code=y", "?state=<script>alert(1)</script>", "?state=a&state=b", "?error=login_required" })
        {
            var failed = await browser.GoAsync(new Uri(vault.PublicUrl, $"/oauth/signin/desk/people{query}"));
            Assert.Equal((400, "connect_flow_invalid"), Failure(failed));
            Assert.DoesNotContain("alert(1)", failed.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Identity_needs_a_client_for_the_vault() => (await vault.Shop().MintAsync(new { browser_proof = "identity" })).IsInvalid("browser_proof");

    [Fact]
    public async Task A_grant_that_waits_for_the_backend_is_of_no_use_until_it_is_completed()
    {
        var (backend, browser) = (vault.Shop(), new Browser(vault));
        var session = (await backend.MintAsync(new { allowed_providers = new[] { "erp" }, browser_proof = "complete" })).Is(201).Json;
        (await browser.CallbackAsync("shop", "erp", vault.Erp.Consent((await browser.AuthorizeUrlAsync(session, "erp")).OriginalString))).Is(303);
        var grant = (await browser.OpenAsync(session)).Is(200).Json["grants"]![0]!;
        var code = (string)grant["metadata"]!["completion_code"]!;
        var url = vault.Upstream.On(_ => Task.CompletedTask);

        Assert.Equal("pending", (string?)grant["status"]);
        (await backend.CallAsync("erp", url)).IsRefusal(404, "grant_not_found");
        (await backend.CallByIdAsync((string)grant["grant_id"]!, url)).IsRefusal(404, "grant_not_found");
        Assert.Equal(0, (int)(await backend.ListAsync())["total"]!);
        Assert.Equal(1, (int)(await backend.ListAsync("?status=pending"))["total"]!);

        (await CompleteAsync(vault.Shop(), code)).IsRefusal(410, "connect_session_expired");
        (await CompleteAsync(vault.Backend(vault.Keys.Shop), code)).IsRefusal(401, "invalid_user_token");
        (await CompleteAsync(vault.Backend(vault.Keys.Reader, backend.UserToken), code)).IsRefusal(403, "insufficient_scope");
        (await backend.SendAsync(HttpMethod.Post, "/sdk/oauth/connect/complete", new { completion_code = code }, request => request.Headers.Add("Origin", "https://shop.acme.com"))).IsRefusal(400, "invalid_request");
        (await backend.SendAsync(HttpMethod.Post, "/sdk/oauth/connect/complete", new { code })).IsInvalid("code");
        (await CompleteAsync(backend, new string('x', 43))).IsRefusal(410, "connect_session_expired");
        (await CompleteAsync(backend, new string('x', 5000))).IsRefusal(410, "connect_session_expired");

        var completed = (await CompleteAsync(backend, code)).Is(200).Json["grants"]![0]!;
        Assert.Equal(("active", (string?)grant["grant_id"]), ((string?)completed["status"], (string?)completed["grant_id"]));
        Assert.Null(completed["metadata"]!["completion_code"]);
        (await backend.CallAsync("erp", url)).Is(200);
        Assert.Equal((string?)grant["grant_id"], (string?)(await CompleteAsync(backend, code)).Is(200).Json["grants"]![0]!["grant_id"]);
    }

    [Fact]
    public async Task Done_closes_the_session()
    {
        var (backend, browser) = (vault.Shop(), new Browser(vault));
        var session = (await backend.MintAsync(new { allowed_providers = new[] { "erp", "crm" } })).Is(201).Json;
        (await browser.CallbackAsync("shop", "erp", vault.Erp.Consent((await browser.AuthorizeUrlAsync(session, "erp")).OriginalString))).Is(303);
        (await new Browser(vault).CloseAsync(session)).IsRefusal(410, "connect_session_used");

        (await browser.CloseAsync(session)).Is(204);

        Assert.Equal("complete", (string?)(await browser.OpenAsync(session)).Is(200).Json["status"]);
        (await browser.AuthorizeAsync(session, "crm")).IsRefusal(410, "connect_session_used");
        (await new Browser(vault).OpenAsync(session)).IsRefusal(410, "connect_session_used");
    }

    private static Task<Answer> CompleteAsync(Backend backend, string code) => backend.SendAsync(HttpMethod.Post, "/sdk/oauth/connect/complete", new { completion_code = code });

    private static (int, string?) Failure(Answer answer) => (answer.Status, answer["X-Alter-Error"]);
}
