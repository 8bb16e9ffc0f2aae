using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;

namespace Alter.Functions.Tests.Connect;

public sealed class CreateConnectSessionTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    [Fact]
    public async Task A_session_is_minted_for_ten_minutes_and_its_token_is_in_the_fragment_alone()
    {
        var answer = (await vault.Shop().MintAsync(new
        {
            allowed_providers = new[] { "erp" },
            allowed_origin = $"{VaultDocument.ShopOrigin}/",
            return_url = $"{VaultDocument.ShopOrigin}/connected/later?order=7",
            required_scopes = new { erp = new[] { "orders.read" } },
            grant_policy = new { default_ttl_seconds = 3600, max_ttl_seconds = 7200 },
            metadata = new { ticket = "A-1" },
            browser_proof = "confirm",
        })).Is(201);
        Assert.Equal(["connect_url", "expires_at", "expires_in", "session_token"], answer.Json.AsObject().Select(member => member.Key).Order());
        Assert.Equal(600, (int)answer.Json["expires_in"]!);
        Assert.EndsWith("Z", (string)answer.Json["expires_at"]!, StringComparison.Ordinal);
        Assert.Equal($"{vault.PublicUrl}sdk/oauth/connect#session={answer.Json["session_token"]}", (string?)answer.Json["connect_url"]);
        Assert.Equal("no-store", answer["Cache-Control"]);
    }

    [Theory]
    [InlineData("""{"allowed_provider":["erp"]}""", "allowed_provider")]
    [InlineData("""{"allowed_providers":["erp"],"allowed_providers":["crm"]}""", "allowed_providers")]
    [InlineData("""{"ALLOWED_PROVIDERS":["erp"]}""", "ALLOWED_PROVIDERS")]
    [InlineData("""{"allowed_providers":"erp"}""", "allowed_providers")]
    [InlineData("""{"allowed_providers":[null]}""", "allowed_providers")]
    [InlineData("""{"allowed_providers":[]}""", "allowed_providers")]
    [InlineData("""{"allowed_providers":["google' or PartitionKey gt '"]}""", "allowed_providers")]
    [InlineData("""{"allowed_origin":"https://evil.example"}""", "allowed_origin")]
    [InlineData("""{"allowed_origin":"null"}""", "allowed_origin")]
    [InlineData("""{"allowed_origin":"*"}""", "allowed_origin")]
    [InlineData("""{"allowed_origin":"https://shop.acme.com/path"}""", "allowed_origin")]
    [InlineData("""{"allowed_origin":"https://shop.acme.com.evil.example"}""", "allowed_origin")]
    [InlineData("""{"return_url":"https://shop.acme.com.evil.example/connected"}""", "return_url")]
    [InlineData("""{"return_url":"https://shop.acme.com@evil.example/connected"}""", "return_url")]
    [InlineData("""{"return_url":"https://evil.example\\@shop.acme.com/connected"}""", "return_url")]
    [InlineData("""{"return_url":"https://shop.acme.com/connectedness"}""", "return_url")]
    [InlineData("""{"return_url":"https://shop.acme.com/connected/../admin"}""", "return_url")]
    [InlineData("""{"return_url":"https://shop.acme.com/connected/%2e%2e/admin"}""", "return_url")]
    [InlineData("""{"return_url":"https://shop.acme.com/connected#fragment"}""", "return_url")]
    [InlineData("""{"return_url":"http://shop.acme.com/connected"}""", "return_url")]
    [InlineData("""{"return_url":"javascript:alert(1)"}""", "return_url")]
    [InlineData("""{"required_scopes":{"erp":["orders.admin"]}}""", "required_scopes")]
    [InlineData("""{"required_scopes":{"google":["orders.read"]}}""", "required_scopes")]
    [InlineData("""{"grant_policy":{"default_ttl_seconds":0}}""", "grant_policy")]
    [InlineData("""{"grant_policy":{"default_ttl_seconds":10,"max_ttl_seconds":5}}""", "grant_policy")]
    [InlineData("""{"grant_policy":{"expires_at":"2001-01-01T00:00:00Z"}}""", "grant_policy")]
    [InlineData("""{"grant_policy":{"scopes":[]}}""", "grant_policy.scopes")]
    [InlineData("""{"metadata":{"a":1}}""", "metadata.a")]
    [InlineData("""{"browser_proof":"identity"}""", "browser_proof")]
    [InlineData("""{"browser_proof":"none"}""", "browser_proof")]
    public async Task A_member_that_is_unknown_doubled_or_wrong_is_named(string body, string field) => (await vault.Shop().MintAsync(body)).IsInvalid(field);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"erp\"")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("{} // comment")]
    [InlineData("{'allowed_providers':['erp']}")]
    [InlineData("allowed_providers=erp")]
    public async Task What_is_no_JSON_object_is_refused(string body) => (await vault.Shop().MintAsync(body)).IsRefusal(400, "invalid_request");

    [Fact]
    public async Task Deep_JSON_is_refused() =>
        (await vault.Shop().MintAsync($"{{\"metadata\":{string.Concat(Enumerable.Repeat("{\"a\":", 5000))}1{new string('}', 5001)}")).IsRefusal(400, "invalid_request");

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data")]
    public async Task A_body_any_web_page_could_send_is_refused(string type) =>
        (await vault.Shop().MintAsync(new StringContent("{}", new MediaTypeHeaderValue(type)))).IsRefusal(400, "invalid_request");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_large_body_is_refused_whether_or_not_it_says_its_length(bool chunked)
    {
        var body = new StringContent($$$"""{"metadata":{"a":"{{{new string('x', 70 * 1024)}}}"}}""", new MediaTypeHeaderValue("application/json"));
        var answer = await vault.Shop().MintAsync(body, request => request.Headers.TransferEncodingChunked = chunked);
        Assert.Equal(64 * 1024, (int)answer.IsRefusal(413, "request_too_large").Json["limit"]!);
    }

    [Fact]
    public async Task Too_much_metadata_is_named()
    {
        var many = Enumerable.Range(1, 17).ToDictionary(number => $"k{number}", _ => "v");
        (await vault.Shop().MintAsync(new { metadata = many })).IsInvalid("metadata");
        (await vault.Shop().MintAsync(new { metadata = new { a = new string('x', 257) } })).IsInvalid("metadata");
    }

    [Fact]
    public async Task Every_wrong_member_is_named_at_once()
    {
        var answer = (await vault.Shop().MintAsync(new { allowed_origin = "https://evil.example", return_url = "https://evil.example", browser_proof = "none" })).IsInvalid("return_url");
        Assert.Equal(["allowed_origin", "browser_proof", "return_url"], answer.Json["errors"]!.AsObject().Select(error => error.Key).Order());
    }
}
