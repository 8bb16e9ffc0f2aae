using Alter.Functions.Tests.Running;

namespace Alter.Functions.Tests.Http;

public sealed class ZzzNotFoundTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    [Theory]
    [InlineData("/sdk")]
    [InlineData("/sdk/grants/a/b")]
    [InlineData("/SDK/nothing")]
    [InlineData("/sdk/oauth/assets/connect.html")]
    [InlineData("/sdk/oauth/assets/..%2falter.json")]
    [InlineData("/oauth/callback/shop")]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/oauth/signin/shop")]
    public async Task What_no_function_has_is_not_found(string path) =>
        (await vault.Shop().SendAsync(HttpMethod.Get, path)).IsRefusal(404, "not_found");

    [Theory]
    [InlineData("GET", "/sdk/oauth/connect/session", "POST")]
    [InlineData("POST", "/sdk/oauth/connect", "GET")]
    [InlineData("GET", "/sdk/oauth/connect/status", "POST")]
    [InlineData("POST", "/sdk/grants", "GET")]
    [InlineData("PUT", "/sdk/grants/1", "DELETE")]
    [InlineData("POST", "/oauth/callback/shop/erp", "GET")]
    public async Task A_path_with_another_method_says_which_it_has(string method, string path, string allowed)
    {
        var answer = (await vault.Shop().SendAsync(new HttpMethod(method), path)).IsRefusal(405, "method_not_allowed");
        Assert.Equal(allowed, answer["Allow"]);
    }

    [Fact]
    public async Task TRACE_and_methods_nobody_knows_reach_no_provider()
    {
        var backend = vault.Shop();
        await backend.ConnectAsync();
        var called = false;
        var url = vault.Upstream.On(_ =>
        {
            called = true;
            return Task.CompletedTask;
        });
        foreach (var method in (string[])["TRACE", "PURGE", "PROPFIND"])
        {
            var (status, text) = await RawHttp.SendAsync(vault, RawHttp.Proxy(backend, method, "X-Alter-Provider: erp", $"X-Alter-Url: {url}"));
            Assert.True((status, RawHttp.CodeOf(text)) == (405, "method_not_allowed"), $"{method}: {text}");
        }

        Assert.False(called);
    }

    [Fact]
    public async Task HEAD_of_a_refusal_has_its_headers_and_no_body()
    {
        var answer = await vault.Backend("none").SendAsync(HttpMethod.Head, "/sdk/proxy");
        Assert.Equal((401, "invalid_api_key", ""), (answer.Status, answer["X-Alter-Error"], answer.Text));
    }
}
