using System.Net.Http.Headers;
using System.Text;
using Alter.Functions.Tests.Running;
using Alter.Testing;

namespace Alter.Functions.Tests.Http;

/// <summary>Bodies no client writes, through the real worker: each is taken or refused by name, none is a surprise.</summary>
public sealed class HostileBodyTests(SharedVault shared)
{
    private const string Session =
        """{"allowed_providers":["erp"],"allowed_origin":null,"return_url":null,"required_scopes":{"erp":["orders.read"]},"grant_policy":{"default_ttl_seconds":3600},"metadata":{"ticket":"A-1"},"browser_proof":"confirm"}""";

    private readonly RunningVault vault = shared.Vault;

    [Fact]
    public async Task No_body_of_a_backend_is_an_error_of_the_vault()
    {
        var backend = vault.Shop();
        await Hostile.EachAsync(Hostile.Utf8(Session), 100, async body =>
        {
            var answer = await backend.SendAsync(HttpMethod.Post, "/sdk/oauth/connect/session", Json(body));
            Assert.True(answer.Status is 201 or 400 or 413, $"{answer.Status} {answer.Text}");
        });
        await Hostile.EachAsync(Hostile.Utf8("""{"completion_code":"0123456789012345678901234567890123456789012"}"""), 40, async body =>
        {
            var answer = await backend.SendAsync(HttpMethod.Post, "/sdk/oauth/connect/complete", Json(body));
            Assert.True(answer.Status is 400 or 404 or 410 or 413, $"{answer.Status} {answer.Text}");
        });
    }

    [Fact]
    public async Task No_body_of_the_page_is_an_error_of_the_vault()
    {
        var session = (string)(await vault.Shop().SessionAsync("erp"))["session_token"]!;
        foreach (var (path, right) in new[] { ("open", $$"""{"session_token":"{{session}}"}"""), ("authorize", $$"""{"session_token":"{{session}}","provider":"erp","mode":"popup"}""") })
        {
            await Hostile.EachAsync(Hostile.Utf8(right), 40, async body =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(vault.PublicUrl, $"/sdk/oauth/connect/{path}")) { Content = Json(body) };
                request.Headers.Add("Origin", vault.PublicUrl.GetLeftPart(UriPartial.Authority));
                request.Headers.Add("Sec-Fetch-Site", "same-origin");
                var answer = await Answer.ReadAsync(await Backend.Http.SendAsync(request, TestContext.Current.CancellationToken));
                Assert.True(answer.Status is 200 or 400 or 403 or 410 or 413, $"{answer.Status} {answer.Text}");
            });
        }
    }

    [Fact]
    public async Task No_query_of_a_listing_is_an_error_of_the_vault()
    {
        var backend = vault.Shop();
        await backend.ConnectAsync("erp", "ada@erp.example");
        await backend.ConnectAsync("crm", "ada@erp.example");
        var cursor = (string)(await backend.ListAsync("?limit=1"))["next_cursor"]!;
        var second = (string)(await backend.ListAsync($"?limit=1&cursor={cursor}"))["grants"]![0]!["grant_id"]!;

        await Hostile.EachAsync(Hostile.Text(cursor), 60, async text =>
        {
            var answer = await backend.SendAsync(HttpMethod.Get, $"/sdk/grants?limit=1&cursor={Uri.EscapeDataString(Wellformed(text))}");
            // As it was given it opens; empty it is none; everything else is refused, by the platform where the address is too long.
            Assert.True(text == cursor ? second == (string?)answer.Json["grants"]![0]!["grant_id"] : text.Length == 0 ? answer.Status == 200 : answer.Status is 400 or 414, $"{answer.Status} {answer.Text}");
        });
        await Hostile.EachAsync(Hostile.Text("erp", "erp' or PartitionKey gt '", "ada@erp.example"), 40, async text =>
        {
            var value = Uri.EscapeDataString(Wellformed(text));
            var answer = await backend.SendAsync(HttpMethod.Get, $"/sdk/grants?provider={value}&account={value}");
            Assert.True(answer.Status is 400 or 414 || (answer.Status == 200 && (text.Length == 0 || (int)answer.Json["total"]! == 0)), $"{answer.Status} {answer.Text}");
        });
    }

    private static ByteArrayContent Json(byte[] body) => new(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private static string Wellformed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
