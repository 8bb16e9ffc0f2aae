using Alter.Functions.Tests.Running;

namespace Alter.Functions.Tests.Proxy;

/// <summary>What a caller may say to the proxy, and every trick with it.</summary>
public sealed class ControlHeaderTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    [Theory]
    [InlineData("http://api.erp.acme.com/")]
    [InlineData("https://api.erp.acme.com.evil.example/")]
    [InlineData("https://evil.example/api.erp.acme.com")]
    [InlineData("https://evilapi.erp.acme.com/")]
    [InlineData("https://api.erp.acme.com@evil.example/")]
    [InlineData("https://evil.example@api.erp.acme.com/")]
    [InlineData("https://api.erp.acme.com%2f@evil.example/")]
    [InlineData("https://api.erp.acme.com%00.evil.example/")]
    [InlineData("https://api.erp.acme.com\\@evil.example/")]
    [InlineData("https://api.erp.acme.com\\.evil.example/")]
    [InlineData("https://api.erp.acme.com:443/")]
    [InlineData("https://api.erp.acme.com:0443/")]
    [InlineData("https://api.erp.acme.com:/")]
    [InlineData("https://api.erp.acme.com:8443/")]
    [InlineData("https://api.erp.acme.com./")]
    [InlineData("https://api.erp.acme.com#@evil.example/")]
    [InlineData("https://api.erp.acme.com/ HTTP/1.1")]
    [InlineData("https://api.erp.acme.com/#fragment")]
    [InlineData("https:/api.erp.acme.com/")]
    [InlineData("https:api.erp.acme.com/")]
    [InlineData("//api.erp.acme.com/")]
    [InlineData("/v1/orders")]
    [InlineData("api.erp.acme.com")]
    [InlineData("ftp://api.erp.acme.com/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("javascript:alert(1)")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://127.1/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://0x7f.1/")]
    [InlineData("https://0177.0.0.1/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:127.0.0.1]/")]
    [InlineData("https://169.254.169.254/metadata/instance")]
    [InlineData("http://169.254.169.254/metadata/instance")]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://127.0.0.1:1/")]
    [InlineData("http://127.1:80/")]
    [InlineData("http://[::1]:80/")]
    public async Task Only_a_host_the_definition_spells_like_that_is_called(string url)
    {
        var answer = await CallAsync(url);
        answer.IsRefusal(400, "url_not_allowed");
        Assert.NotNull(answer.Json["allowed_hosts"]);
    }

    [Fact]
    public async Task A_URL_that_is_not_ASCII_is_refused_by_host_or_vault()
    {
        await ConnectedAsync();
        string[] urls = ["https://api。erp。acme。com/", "https://ａｐｉ.erp.acme.com/", "https://ⓐpi.erp.acme.com/", "https://api.erp.acme.com/ä"];
        foreach (var answer in await Task.WhenAll(urls.Select(CallAsync)))
        {
            Assert.True(answer.Status is 400 or 500, answer.Text); // The local host cannot pass such a header on.
            Assert.Null(answer["X-Alter-Grant-Id"]);
        }
    }

    [Fact]
    public async Task The_upstreams_port_under_another_name_is_another_host()
    {
        var url = new Uri($"http://localhost:{vault.Upstream.Url.Port}/");
        var answer = (await (await ConnectedAsync()).CallAsync("erp", url)).IsRefusal(400, "url_not_allowed");
        Assert.Equal(url.Authority, (string?)answer.Json["url_host"]);
        Assert.Contains(vault.Upstream.Url.Authority, answer.Json["allowed_hosts"]!.AsArray().Select(host => (string?)host));
    }

    [Theory]
    [InlineData("/a/../b?x=1")]
    [InlineData("/a/%2e%2e/b")]
    [InlineData("/a//b;c=1?q=%20%2F&q=+")]
    [InlineData("?only=query")]
    public async Task The_path_goes_out_exactly_as_it_came(string rest)
    {
        var url = vault.Upstream.Echo();
        var target = new Uri(url + rest, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var answer = (await (await ConnectedAsync()).CallAsync("erp", target)).Is(200);
        Assert.Equal(url.AbsolutePath + rest, (string?)answer.Json["target"]);
    }

    [Theory]
    [InlineData("X-Alter-Acount", "ada", "X-Alter-Acount")]
    [InlineData("X-Alter-Error", "x", "X-Alter-Error")]
    [InlineData("X-Alter-Grant-Id", "0b5bd1a5-54c5-4d32-9eb5-0d3b9a4f3b52", "X-Alter-Provider")]
    [InlineData("X-Alter-Redirects", "follow", "X-Alter-Redirects")]
    [InlineData("X-Alter-Context", "run=1", "X-Alter-Context")]
    [InlineData("X-Alter-Context", "[]", "X-Alter-Context")]
    [InlineData("X-Alter-Context", "{\"a\":1}", "X-Alter-Context")]
    [InlineData("X-Alter-Context", "{\"a\":{\"b\":\"c\"}}", "X-Alter-Context")]
    [InlineData("X-HTTP-Method", "DELETE", "X-HTTP-Method")]
    [InlineData("X-HTTP-Method-Override", "DELETE", "X-HTTP-Method-Override")]
    [InlineData("x-method-override", "DELETE", "X-Method-Override")]
    [InlineData("X_HTTP_Method_Override", "DELETE", "X-HTTP-Method-Override")]
    public async Task A_header_the_vault_does_not_take_is_named(string name, string value, string field)
    {
        var answer = await (await ConnectedAsync()).CallAsync("erp", vault.Upstream.Echo(), request => request.Headers.TryAddWithoutValidation(name, value));
        answer.IsInvalid(field);
    }

    [Fact]
    public async Task Exactly_one_of_provider_and_grant_id_says_what_is_meant()
    {
        var backend = vault.Shop();
        var id = Guid.NewGuid().ToString();
        (await backend.ProxyAsync(HttpMethod.Get, vault.Upstream.Url, _ => { })).IsInvalid("X-Alter-Provider");
        (await backend.ProxyAsync(HttpMethod.Get, vault.Upstream.Url, request =>
        {
            request.Headers.Add("X-Alter-Grant-Id", id);
            request.Headers.Add("X-Alter-Account", "ada");
        })).IsInvalid("X-Alter-Account");
        (await backend.SendAsync(HttpMethod.Get, "/sdk/proxy", null, request => request.Headers.Add("X-Alter-Provider", "erp"))).IsInvalid("X-Alter-Url");
        (await backend.CallAsync("google", vault.Upstream.Url)).IsInvalid("X-Alter-Provider");
        (await backend.CallAsync("__proto__", vault.Upstream.Url)).IsInvalid("X-Alter-Provider");
    }

    [Theory]
    [InlineData("X-Alter-Reason", 501, 500)]
    [InlineData("X-Alter-Context", 4097, 4096)]
    [InlineData("X-Alter-Caller", 201, 200)]
    [InlineData("X-Alter-Account", 1025, 1024)]
    public async Task A_header_over_its_limit_says_the_limit(string name, int length, int limit)
    {
        var answer = await vault.Shop().CallAsync("erp", vault.Upstream.Url, request => request.Headers.Add(name, new string('x', length)));
        Assert.Equal(limit, (int)answer.IsRefusal(413, "request_too_large").Json["limit"]!);
    }

    [Fact]
    public async Task A_URL_over_8_KiB_is_too_large()
    {
        var answer = await vault.Shop().CallAsync("erp", new Uri(vault.Upstream.Url, new string('a', 8192)));
        Assert.Equal(8192, (int)answer.IsRefusal(413, "request_too_large").Json["limit"]!);
    }

    [Theory]
    [InlineData("X-Alter-Url: https://api.erp.acme.com/")]
    [InlineData("X-Alter-Provider: erp")]
    [InlineData("X-Alter-Account: a@erp.example", "X-Alter-Account: b@erp.example")]
    [InlineData("X-Alter-User-Token: x")]
    [InlineData("X-Alter-Redirects: raw", "X-Alter-Redirects: raw")]
    public async Task A_control_header_on_two_lines_sends_nothing(params string[] lines)
    {
        var backend = await ConnectedAsync();
        var called = false;
        var url = vault.Upstream.On(_ =>
        {
            called = true;
            return Task.CompletedTask;
        });
        var (status, text) = await RawHttp.SendAsync(vault, RawHttp.Proxy(backend, "GET", ["X-Alter-Provider: erp", $"X-Alter-Url: {url}", .. lines]));
        Assert.True(status is 400 or 401 or 404, text);
        Assert.False(called);
    }

    [Fact]
    public async Task An_upgrade_is_refused()
    {
        var backend = await ConnectedAsync();
        var (status, text) = await RawHttp.SendAsync(vault, RawHttp.Proxy(backend, "GET", "X-Alter-Provider: erp", $"X-Alter-Url: {vault.Upstream.Echo()}", "Upgrade: websocket"));
        Assert.True(status is 400 or 200, text);
        Assert.DoesNotContain("\"Upgrade\"", text, StringComparison.Ordinal); // Dropped on the way, or refused by the vault.
    }

    [Fact]
    public async Task The_vaults_own_URL_has_no_query() =>
        (await vault.Shop().SendAsync(HttpMethod.Get, "/sdk/proxy?X-Alter-Url=https://evil.example", null, request =>
        {
            request.Headers.Add("X-Alter-Provider", "erp");
            request.Headers.Add("X-Alter-Url", "https://api.erp.acme.com/");
        })).IsInvalid("X-Alter-Url");

    [Fact]
    public async Task Reason_caller_and_context_are_taken()
    {
        var answer = await (await ConnectedAsync()).CallAsync("erp", vault.Upstream.Echo(), request =>
        {
            request.Headers.Add("X-Alter-Reason", "nightly export");
            request.Headers.Add("X-Alter-Caller", "agent:1");
            request.Headers.Add("X-Alter-Context", """{"run":"17"}""");
        });
        Assert.DoesNotContain(answer.Is(200).Json["headers"]!.AsObject(), header => header.Key.StartsWith("X-Alter", StringComparison.OrdinalIgnoreCase));
    }

    private async Task<Answer> CallAsync(string url) => await (await ConnectedAsync()).SendAsync(HttpMethod.Get, "/sdk/proxy", null, request =>
    {
        request.Headers.Add("X-Alter-Provider", "erp");
        request.Headers.TryAddWithoutValidation("X-Alter-Url", url);
    });

    // One user for all of these: none changes the grant.
    private async Task<Backend> ConnectedAsync()
    {
        var backend = vault.Shop("control-headers");
        if ((int)(await backend.ListAsync())["total"]! == 0)
        {
            await backend.ConnectAsync("erp", "ada@erp.example");
        }

        return backend;
    }
}
