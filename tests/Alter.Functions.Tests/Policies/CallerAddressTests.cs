using System.Net.Http.Headers;
using System.Text;
using Alter.Functions.Tests.Running;

namespace Alter.Functions.Tests.Policies;

/// <summary>Who called, through the host that replaces the header and hands the original over where clients may write as well.</summary>
public sealed class CallerAddressTests(PolicyVault policies) : IClassFixture<PolicyVault>
{
    private readonly Backend shop = policies.Vault.Shop();
    private readonly Uri url = policies.Vault.Upstream.Echo();

    [Fact]
    public async Task The_last_entry_counts_and_nothing_a_caller_puts_before_it()
    {
        await shop.ConnectAsync("crm");

        (await FromAsync(PolicyVault.Office)).Is(200);
        (await FromAsync($"10.0.0.1, {PolicyVault.Office}")).Is(200);
        (await FromAsync("[2001:db8::7]:49152")).Is(200);
        (await FromAsync("[::ffff:203.0.113.9]:49152")).Is(200);
        foreach (var chain in new[] { $"{PolicyVault.Office}, 10.0.0.1:49152", "10.0.0.1", "junk", $"{PolicyVault.Office},", null })
        {
            var refused = (await FromAsync(chain)).IsRefusal(403, "policy_violation");
            Assert.Equal(("office", "203.0.113.0/24, 2001:db8::/32", "none"), ((string?)refused.Json["policy_error"]!["policy"], (string?)refused.Json["policy_error"]!["rule"], (string?)refused.Json["action"]));
            Assert.Null(refused["Retry-After"]);
        }
    }

    // The host writes members of a JSON body beside its own entry Headers, and the client's win.
    [Theory]
    [InlineData("""{"Headers":{"X-Forwarded-For":"203.0.113.7"}}""")]
    [InlineData("""{"headers":{"x-forwarded-for":"203.0.113.7"}}""")]
    [InlineData("""{"Headers":"{\"X-Forwarded-For\":\"203.0.113.7\"}"}""")]
    [InlineData("""{"\u0048eaders":{"X-Forwarded-For":"203.0.113.7"}}""")]
    public async Task A_body_cannot_say_where_it_comes_from(string body)
    {
        await shop.ConnectAsync("crm");

        (await FromAsync("10.0.0.1", HttpMethod.Post, Json(body))).IsRefusal(403, "policy_violation");
        (await FromAsync(null, HttpMethod.Post, Json(body))).IsRefusal(403, "policy_violation");
        (await FromAsync(PolicyVault.Office, HttpMethod.Post, Json(body))).IsRefusal(403, "policy_violation"); // Who it is cannot be told.
        (await FromAsync(PolicyVault.Office, HttpMethod.Post, Json(body), chunked: true)).Is(200);
        (await FromAsync("10.0.0.1", HttpMethod.Post, Json(body), chunked: true)).IsRefusal(403, "policy_violation");
    }

    [Fact]
    public async Task An_ordinary_body_arrives_whole_and_a_long_one_leaves_the_address_unknown()
    {
        await shop.ConnectAsync("crm");

        Assert.Equal(20, (int)(await FromAsync(PolicyVault.Office, HttpMethod.Post, Json("""{"order":17,"x":"yz"}"""[..20]))).Is(200).Json["body_bytes"]!);
        (await FromAsync(PolicyVault.Office, HttpMethod.Post, Json(new string(' ', 65 * 1024)))).IsRefusal(403, "policy_violation");
        Assert.Equal(65 * 1024, (int)(await FromAsync(PolicyVault.Office, HttpMethod.Post, Json(new string(' ', 65 * 1024)), chunked: true)).Is(200).Json["body_bytes"]!);
    }

    [Fact]
    public async Task A_key_bound_to_addresses_is_good_from_those_alone_and_no_query_changes_that()
    {
        var bound = policies.Vault.Backend(policies.Bound, policies.Vault.UserToken("bound"));

        (await bound.SendAsync(HttpMethod.Get, "/sdk/grants", null, From(PolicyVault.Office))).Is(200);
        foreach (var (path, chain) in new[] { ("/sdk/grants", "10.0.0.1"), ("/sdk/grants", null), ("/sdk/grants?Headers=%7B%22X-Forwarded-For%22:%22203.0.113.7%22%7D", "10.0.0.1"), ("/sdk/grants?headers=x", PolicyVault.Office) })
        {
            var refused = (await bound.SendAsync(HttpMethod.Get, path, null, From(chain))).IsRefusal(401, "invalid_api_key");
            Assert.Contains("bound", (string?)refused.Json["detail"], StringComparison.Ordinal);
        }

        (await bound.MintAsync(new { allowed_providers = new[] { "crm" } }, From(PolicyVault.Office))).Is(201);
    }

    private static Action<HttpRequestMessage> From(string? chain) => request =>
    {
        if (chain is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", chain);
        }
    };

    private static ByteArrayContent Json(string text)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private Task<Answer> FromAsync(string? chain, HttpMethod? method = null, HttpContent? body = null, bool chunked = false) => shop.SendAsync(method ?? HttpMethod.Get, "/sdk/proxy", body, request =>
    {
        request.Headers.TryAddWithoutValidation("X-Alter-Url", url.OriginalString);
        request.Headers.Add("X-Alter-Provider", "crm");
        request.Headers.TransferEncodingChunked = chunked ? true : null;
        From(chain)(request);
    });
}
