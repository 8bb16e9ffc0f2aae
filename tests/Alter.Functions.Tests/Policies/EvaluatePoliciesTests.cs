using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;
using Alter.Sdk;
using Alter.Testing;

namespace Alter.Functions.Tests.Policies;

/// <summary>Policies through the real worker: what they deny, what a dry run says, and what app keys tell.</summary>
public sealed class EvaluatePoliciesTests(PolicyVault policies) : IClassFixture<PolicyVault>
{
    private readonly RunningVault vault = policies.Vault;
    private readonly Uri url = policies.Vault.Upstream.Echo();

    [Fact]
    public async Task A_rate_is_429_with_a_time_to_wait_whichever_worker_counts()
    {
        var shop = vault.Shop();
        var grant = (string)(await shop.ConnectAsync())["grant_id"]!;
        for (var call = 0; call < PolicyVault.Limit; call++)
        {
            (await (call == 0 ? shop.CallByIdAsync(grant, url) : shop.CallAsync("erp", url))).Is(200);
        }

        foreach (var _ in Enumerable.Range(0, 4))
        {
            var refused = (await shop.CallAsync("erp", url)).IsRefusal(429, "policy_violation");
            Assert.Equal(("few", $"{PolicyVault.Limit} in 86400 s per user", "retry"), ((string?)refused.Json["policy_error"]!["policy"], (string?)refused.Json["policy_error"]!["rule"], (string?)refused.Json["action"]));
            Assert.Equal(refused["Retry-After"], $"{(int)refused.Json["policy_error"]!["retry_after"]!}");
            Assert.InRange((int)refused.Json["policy_error"]!["retry_after"]!, 1, 86400);
        }

        (await shop.ConnectAsync("erp", $"{A.Unique()}@erp.example")).AsObject(); // Connecting is no call.
        await vault.Shop().ConnectAsync();
    }

    [Fact]
    public async Task A_dry_run_says_every_verdict_and_counts_and_sends_nothing()
    {
        var shop = vault.Shop();
        var grant = (string)(await shop.ConnectAsync())["grant_id"]!;
        for (var round = 0; round <= PolicyVault.Limit; round++)
        {
            var body = (await EvaluateAsync(shop, new { provider = "erp", method = "POST", url = "https://api.erp.acme.com/orders" })).Is(200).Json;
            Assert.True((bool)body["allowed"]!, body.ToJsonString());
            Assert.Equal((grant, "erp"), ((string?)body["grant_id"], (string?)body["provider"]));
            Assert.Equal(["suspended", "lifetime", "few"], body["verdicts"]!.AsArray().Select(verdict => (string)verdict!["policy"]!));
        }

        for (var call = 0; call < PolicyVault.Limit; call++)
        {
            (await shop.CallAsync("erp", url)).Is(200);
        }

        var used = (await EvaluateAsync(shop, new { grant_id = grant, method = "GET", url = "https://api.erp.acme.com/orders" })).Is(200).Json;
        Assert.Equal((false, false), ((bool)used["allowed"]!, (bool)used["verdicts"]![2]!["allowed"]!));
        Assert.InRange((int)used["verdicts"]![2]!["retry_after"]!, 1, 86400);
        var tomorrow = (await EvaluateAsync(shop, new { grant_id = grant, method = "GET", url = "https://api.erp.acme.com/orders", at = TimeProvider.System.GetUtcNow().AddDays(1) })).Is(200).Json;
        Assert.True((bool)tomorrow["allowed"]!);
    }

    [Fact]
    public async Task A_supposed_address_is_judged_and_otherwise_the_callers_own()
    {
        var shop = vault.Shop();
        await shop.ConnectAsync("crm");
        var call = new { provider = "crm", method = "GET", url = "https://api.erp.acme.com/orders" };

        Assert.False((bool)(await EvaluateAsync(shop, call)).Is(200).Json["allowed"]!);
        var own = (await EvaluateAsync(shop, call, request => request.Headers.TryAddWithoutValidation("X-Forwarded-For", PolicyVault.Office))).Is(200).Json;
        Assert.Equal((true, "203.0.113.7"), ((bool)own["allowed"]!, (string?)own["caller_address"]));
        Assert.True((bool)(await EvaluateAsync(shop, new { call.provider, call.method, call.url, caller_address = "::ffff:203.0.113.9" })).Is(200).Json["allowed"]!);
        Assert.False((bool)(await EvaluateAsync(shop, new { call.provider, call.method, call.url, caller_address = "192.0.2.1" })).Is(200).Json["allowed"]!);
    }

    [Theory]
    [InlineData("""{"method":"GET","url":"https://api.erp.acme.com/"}""", "provider")]
    [InlineData("""{"provider":"erp","grant_id":"x","method":"GET","url":"https://api.erp.acme.com/"}""", "provider")]
    [InlineData("""{"grant_id":"x","account":"a","method":"GET","url":"https://api.erp.acme.com/"}""", "account")]
    [InlineData("""{"provider":"erp","method":"get","url":"https://api.erp.acme.com/"}""", "method")]
    [InlineData("""{"provider":"erp","method":"GET","url":"https://api.erp.acme.com/","at":"9999-12-31T23:59:59Z"}""", "at")]
    [InlineData("""{"provider":"erp","method":"GET","url":"https://api.erp.acme.com/","caller_address":"203.0.113.7:80"}""", "caller_address")]
    [InlineData("""{"provider":"nowhere","method":"GET","url":"https://api.erp.acme.com/"}""", "X-Alter-Provider")]
    public async Task What_describes_no_call_is_named(string body, string member) => (await EvaluateAsync(vault.Shop(), body)).IsInvalid(member);

    [Fact]
    public async Task A_dry_run_is_refused_as_the_call_would_be()
    {
        var shop = vault.Shop();

        (await EvaluateAsync(shop, new { provider = "erp", method = "GET", url = "https://api.erp.acme.com/" })).IsRefusal(404, "grant_not_found");
        (await EvaluateAsync(shop, new { provider = "erp", method = "GET", url = "https://evil.example@api.erp.acme.com/" })).IsRefusal(400, "url_not_allowed");
        (await EvaluateAsync(vault.Backend(vault.Keys.Reader, shop.UserToken), new { provider = "erp", method = "GET", url = "https://api.erp.acme.com/" })).IsRefusal(403, "insufficient_scope");
        (await EvaluateAsync(vault.Backend(vault.Keys.Shop), new { provider = "erp", method = "GET", url = "https://api.erp.acme.com/" })).IsRefusal(401, "invalid_user_token");
    }

    [Fact]
    public async Task Groups_of_the_users_token_decide_and_a_call_without_a_user_has_none()
    {
        var subject = $"user-{A.Unique()}";
        var staff = vault.Backend(vault.Keys.Mall, policies.MallToken(subject, "staff"));
        var grant = (string)(await staff.ConnectAsync(app: "mall"))["grant_id"]!;

        (await staff.CallAsync("erp", url)).Is(200);
        var guest = (await vault.Backend(vault.Keys.Mall, policies.MallToken(subject, "guests")).CallAsync("erp", url)).IsRefusal(403, "policy_violation");
        Assert.Equal("staff", (string?)guest.Json["policy_error"]!["policy"]);
        (await vault.Backend(vault.Keys.Mall).CallByIdAsync(grant, url)).IsRefusal(403, "policy_violation"); // grants:any_user
        var post = (await staff.ProxyAsync(HttpMethod.Post, url, request => request.Headers.Add("X-Alter-Provider", "erp"))).IsRefusal(403, "policy_violation");
        Assert.Equal("reads", (string?)post.Json["policy_error"]!["policy"]);
    }

    [Fact]
    public async Task Every_answer_to_a_deprecated_key_says_so_a_providers_too()
    {
        var shop = vault.Shop();
        await shop.ConnectAsync();
        var old = vault.Backend(policies.Deprecated, shop.UserToken);
        var liar = vault.Upstream.On(context =>
        {
            context.Response.Headers["X-Alter-Key-Deprecated"] = "false";
            return Task.CompletedTask;
        });

        Assert.Equal("true", (await old.CallAsync("erp", url)).Is(200)["X-Alter-Key-Deprecated"]);
        Assert.Equal("true", (await old.CallAsync("erp", liar)).Is(200)["X-Alter-Key-Deprecated"]);
        Assert.Equal("true", (await old.SendAsync(HttpMethod.Get, "/sdk/providers")).Is(200)["X-Alter-Key-Deprecated"]);
        Assert.Equal("true", (await old.CallAsync("crm", url)).IsRefusal(404, "grant_not_found")["X-Alter-Key-Deprecated"]);
        Assert.Null((await shop.CallAsync("erp", liar)).Is(200)["X-Alter-Key-Deprecated"]);
    }

    [Fact]
    public async Task An_expired_key_says_that_it_has_expired()
    {
        var refused = (await vault.Backend(policies.Expired).SendAsync(HttpMethod.Get, "/sdk/providers")).IsRefusal(401, "invalid_api_key");

        Assert.Contains("expired at 2026-01-01T00:00:00Z", (string?)refused.Json["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_SDK_asks_and_reads_the_same()
    {
        var shop = vault.Shop();
        await shop.ConnectAsync("crm");
        using var alter = new AlterApp(shop.Key, vault.PublicUrl);

        var evaluation = await alter.EvaluatePoliciesAsync(
            new HypotheticalCall { Method = HttpMethod.Get, Url = "https://api.erp.acme.com/orders", CallerAddress = "192.0.2.1", UserToken = shop.UserToken }, "crm", TestContext.Current.CancellationToken);

        Assert.Equal((false, "crm", "192.0.2.1"), (evaluation.Allowed, evaluation.Provider, evaluation.CallerAddress));
        Assert.Equal(["office"], evaluation.Verdicts.Where(verdict => !verdict.Allowed).Select(verdict => verdict.Policy));
        await Assert.ThrowsAsync<GrantNotFoundException>(() => alter.EvaluatePoliciesAsync(
            new HypotheticalCall { Method = HttpMethod.Get, Url = "https://api.erp.acme.com/orders", UserToken = shop.UserToken }, "erp", TestContext.Current.CancellationToken));
    }

    private static Task<Answer> EvaluateAsync(Backend backend, object call, Action<HttpRequestMessage>? change = null) => backend.SendAsync(HttpMethod.Post, "/sdk/policies/evaluate", call, change);
}
