using System.Text.Json.Nodes;
using Alter.Functions.Tests.Http;
using Alter.Functions.Tests.Running;

namespace Alter.Functions.Tests.OpenApi;

public sealed class ServeOpenApiTests(SharedVault shared)
{
    [Fact]
    public async Task The_document_is_served_to_anyone_as_it_stands_in_the_docs()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(shared.Vault.PublicUrl, "/sdk/openapi.json"));

        var answer = (await Answer.ReadAsync(await Backend.Http.SendAsync(request, TestContext.Current.CancellationToken))).Is(200);

        Assert.Equal("application/json", answer["Content-Type"]);
        Assert.Equal("public, max-age=300", answer["Cache-Control"]);
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(RunningVault.Checkout, "docs", "openapi.json"), TestContext.Current.CancellationToken), answer.Text);
    }

    [Fact]
    public void Every_code_that_reaches_the_wire_is_in_the_document_with_its_status()
    {
        // These two are met only where no operation is, and these two only as an error that Connect reports.
        string[] elsewhere = ["not_found", "method_not_allowed", "connect_denied", "user_mismatch"];
        var rows = ProblemsTests.Documented.Where(row => !elsewhere.Contains(row.Code)).ToList();

        Assert.All(rows, row => Assert.Contains(row.Status, ApiDocument.Codes[row.Code]));
        Assert.Empty(ApiDocument.Codes.Select(code => code.Key).Except(ProblemsTests.Documented.Select(row => row.Code)));
    }

    [Theory]
    [InlineData("GET", "/health/live", 200, """{"status":"live"}""", null)]
    [InlineData("GET", "/health/live", 200, """{"status":"dead"}""", "const")]
    [InlineData("GET", "/health/live", 200, """{"status":"live","token":"x"}""", "token")]
    [InlineData("GET", "/health/live", 200, "{}", "required")]
    [InlineData("GET", "/health/live", 201, "{}", "no such status")]
    [InlineData("GET", "/sdk/grants", 200, """{"grants":[{"grant_id":"no uuid"}],"total":0,"limit":1,"offset":0,"has_more":false,"next_cursor":null}""", "/grants/0")]
    [InlineData("GET", "/sdk/grants", 200, """{"grants":[],"total":0,"limit":1,"offset":0,"has_more":false,"next_cursor":null}""", null)]
    public void An_answer_that_is_not_as_documented_is_noticed(string method, string path, int status, string body, string? fault)
    {
        var found = ApiDocument.FaultOf(method, path, status, "application/json", null, body);

        Assert.Equal(fault is null, found is null);
        Assert.Contains(fault ?? "", found ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/sdk/grants", 401, "invalid_api_key", false)]
    [InlineData("GET", "/sdk/grants", 401, "grant_not_found", true)]
    [InlineData("GET", "/nowhere", 404, "not_found", false)]
    [InlineData("PATCH", "/sdk/grants", 405, "method_not_allowed", false)]
    [InlineData("PUT", "/sdk/proxy", 418, null, false)]
    [InlineData("PUT", "/sdk/proxy", 404, "grant_not_found", false)]
    public void A_code_belongs_to_its_operation(string method, string path, int status, string? code, bool isFault) =>
        Assert.Equal(isFault, ApiDocument.FaultOf(method, path, status, "application/problem+json", code, null) is not null);

    [Fact]
    public void An_accepted_body_that_is_not_as_documented_is_noticed()
    {
        Assert.Null(ApiDocument.FaultOfRequest("POST", "/sdk/oauth/connect/session", new JsonObject { ["allowed_providers"] = new JsonArray("google") }.ToJsonString()));
        Assert.NotNull(ApiDocument.FaultOfRequest("POST", "/sdk/oauth/connect/session", """{"allowed_provider":["google"]}"""));
    }
}
