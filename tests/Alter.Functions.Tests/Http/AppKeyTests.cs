using Alter.Functions.Tests.Running;
using Alter.Testing;

namespace Alter.Functions.Tests.Http;

public sealed class AppKeyTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    public static TheoryData<string, string> BackendEndpoints { get; } = new()
    {
        { "POST", "/sdk/oauth/connect/session" },
        { "GET", "/sdk/grants" },
        { "DELETE", "/sdk/grants/0b5bd1a5-54c5-4d32-9eb5-0d3b9a4f3b52" },
        { "GET", "/sdk/proxy" },
        { "POST", "/sdk/proxy" },
    };

    [Theory]
    [MemberData(nameof(BackendEndpoints))]
    public async Task Without_a_valid_key_nothing_else_is_looked_at(string method, string path)
    {
        var good = vault.Keys.Shop;
        foreach (var header in (string?[])
        [
            null, "Bearer", "Bearer ", $"Basic {good}", good, $"Bearer {good[..^1]}", $"Bearer {good}x", $"Bearer \"{good}\"", $"Bearer {good.ToUpperInvariant()}",
            $"Bearer {DocumentKeys.New()}", $"Bearer {good}, Bearer {good}", "Bearer alter_key_app_", "Bearer sk_live_0123456789",
        ])
        {
            // The user token is junk: had it been looked at first, the answer would say so.
            var answer = await vault.Backend(good, "junk").SendAsync(new HttpMethod(method), path, change: request =>
            {
                request.Headers.Remove("Authorization");
                request.Headers.TryAddWithoutValidation("Authorization", header);
            });
            answer.IsRefusal(401, "invalid_api_key");
            Assert.Equal("Bearer", answer["WWW-Authenticate"]);
            Assert.DoesNotContain(good[20..], answer.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Two_authorization_headers_are_no_key()
    {
        var (status, text) = await RawHttp.SendAsync(
            vault, "GET /sdk/grants HTTP/1.1", $"Authorization: Bearer {vault.Keys.Shop}", $"Authorization: Bearer {vault.Keys.Shop}", $"X-Alter-User-Token: {vault.UserToken("ada")}");
        Assert.Equal((401, "invalid_api_key"), (status, RawHttp.CodeOf(text)));
    }

    [Fact]
    public async Task A_key_in_the_query_is_no_key() =>
        (await vault.Backend("none").SendAsync(HttpMethod.Get, $"/sdk/grants?api_key={vault.Keys.Shop}&code={vault.Keys.Shop}")).IsRefusal(401, "invalid_api_key");

    [Theory]
    [InlineData("POST", "/sdk/oauth/connect/session", "connect:initiate")]
    [InlineData("DELETE", "/sdk/grants/0b5bd1a5-54c5-4d32-9eb5-0d3b9a4f3b52", "grants:revoke")]
    [InlineData("GET", "/sdk/proxy", "proxy:execute")]
    public async Task A_key_without_the_scope_is_told_which(string method, string path, string scope)
    {
        var answer = (await vault.Backend(vault.Keys.Reader, "junk").SendAsync(new HttpMethod(method), path)).IsRefusal(403, "insufficient_scope");
        Assert.Equal(scope, (string?)answer.Json["required_scope"]);
    }

    [Fact]
    public async Task A_key_does_what_its_scopes_say() =>
        Assert.Equal(0, (int)(await vault.Backend(vault.Keys.Reader, vault.UserToken($"reader-{A.Unique()}")).ListAsync())["total"]!);

    [Theory]
    [MemberData(nameof(BackendEndpoints))]
    public async Task A_call_from_a_browser_is_refused(string method, string path)
    {
        foreach (var (header, value) in ((string, string)[])[("Origin", "https://shop.acme.com"), ("Origin", "null"), ("Sec-Fetch-Site", "same-origin")])
        {
            var backend = vault.Shop();
            (await backend.SendAsync(new HttpMethod(method), path, change: request => request.Headers.Add(header, value))).IsRefusal(400, "invalid_request");
        }
    }

    [Fact]
    public async Task Sec_Fetch_Mode_alone_is_no_browser() =>
        (await vault.Shop().SendAsync(HttpMethod.Get, "/sdk/grants", change: request => request.Headers.Add("Sec-Fetch-Mode", "cors"))).Is(200);

    [Fact]
    public async Task No_backend_endpoint_answers_to_another_origin()
    {
        // A preflight that is allowed would let any page try stolen keys from its visitors' browsers.
        var answer = await vault.Shop().SendAsync(HttpMethod.Options, "/sdk/grants", change: request =>
        {
            request.Headers.Add("Origin", "https://evil.example");
            request.Headers.Add("Access-Control-Request-Method", "GET");
        });
        answer.IsRefusal(405, "method_not_allowed");
        Assert.Null(answer["Access-Control-Allow-Origin"]);
    }
}
