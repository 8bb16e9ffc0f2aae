using System.Collections;
using System.Reflection;
using System.Text.Json.Nodes;
using Alter.Audit;
using Alter.Functions.Tests.Running;
using Alter.Sdk;
using Alter.Testing;

namespace Alter.Functions.Tests.Audit;

public sealed class ListAuditTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    [Fact]
    public async Task What_was_done_for_a_user_is_told_with_who_why_and_how_it_ended()
    {
        var backend = vault.Shop();
        var grant = (string)(await backend.ConnectAsync())["grant_id"]!;
        var echo = vault.Upstream.Echo();
        var called = await backend.CallAsync("erp", new Uri($"{echo.AbsoluteUri}?secret=hunter2"), request =>
        {
            request.Headers.Add("X-Alter-Caller", "nightly");
            request.Headers.Add("X-Alter-Reason", "invoices of November");
            request.Headers.Add("X-Alter-Context", """{"run_id":"42"}""");
            request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        });
        called.Is(200);
        (await backend.RevokeAsync(grant)).Is(200);
        (await backend.CallAsync("erp", echo)).IsRefusal(403, "grant_revoked");
        var audit = vault.Backend(vault.Keys.Auditor, backend.UserToken);
        var entries = await EventuallyAsync(audit, "", found => new[] { "created", "answered", "revocation_asked", "grant_revoked" }.All(outcome => found.Any(entry => (string?)entry["outcome"] == outcome)));

        var call = entries.Single(entry => (string?)entry["outcome"] is "answered");
        Assert.Equal(
            ("end", "shop", "main", "nightly", "invoices of November", "erp", "GET", 200),
            ((string?)call["kind"], (string?)call["app"], (string?)call["key_id"], (string?)call["caller"], (string?)call["reason"], (string?)call["provider"], (string?)call["method"], (int)call["status"]!));
        Assert.Equal((grant, "42", "0af7651916cd43dd8448eb211c80319c"), ((string?)call["grant_id"], (string?)call["context"]!["run_id"], (string?)call["trace_id"]));
        Assert.DoesNotContain("hunter2", call.ToJsonString(), StringComparison.Ordinal);
        Assert.EndsWith(echo.AbsolutePath, (string?)call["url"], StringComparison.Ordinal);
        Assert.Contains("connect the account again", (string?)entries.Single(entry => (string?)entry["outcome"] is "grant_revoked")["explain"], StringComparison.Ordinal);

        // By the user as an entry names them, without their token; and never another than the token's.
        var app = vault.Backend(vault.Keys.Auditor);
        Assert.Contains(await ListAsync(app, $"?user={(string?)call["user"]}"), entry => (string?)entry["request_id"] == (string?)call["request_id"]);
        Assert.Empty(await ListAsync(app, $"?user={new string('0', 64)}"));
        (await app.SendAsync(HttpMethod.Get, "/sdk/audit?user=ada")).IsRefusal(400, "invalid_request");
        (await audit.SendAsync(HttpMethod.Get, $"/sdk/audit?user={new string('0', 64)}")).IsRefusal(400, "invalid_request");

        // Another user sees nothing of it, the app all.
        Assert.Empty(await ListAsync(vault.Backend(vault.Keys.Auditor, vault.UserToken($"user-{A.Unique()}")), ""));
        await EventuallyAsync(app, $"?grant_id={grant}", found => found.Any(entry => (string?)entry["request_id"] == (string?)call["request_id"]));
    }

    [Fact]
    public async Task Every_refusal_after_a_good_key_is_recorded_and_none_before()
    {
        var reader = vault.Backend(vault.Keys.Reader, vault.UserToken($"user-{A.Unique()}"));
        (await reader.CallAsync("erp", vault.Upstream.Echo())).IsRefusal(403, "insufficient_scope");
        (await vault.Backend(vault.Keys.Reader, "no.jwt.atall").SendAsync(HttpMethod.Get, "/sdk/grants")).IsRefusal(401, "invalid_user_token");
        (await vault.Backend(DocumentKeys.New()).SendAsync(HttpMethod.Get, "/sdk/grants")).IsRefusal(401, "invalid_api_key");
        var audit = vault.Backend(vault.Keys.Auditor);
        await EventuallyAsync(audit, "?outcome=insufficient_scope", found => found.Any(entry => (string?)entry["key_id"] is "reader" && (int)entry["status"]! is 403));
        await EventuallyAsync(audit, "?outcome=invalid_user_token", found => found.Any(entry => (string?)entry["key_id"] is "reader" && (string?)entry["url"] is "/sdk/grants"));
        Assert.Empty(await ListAsync(audit, "?outcome=invalid_api_key"));
    }

    [Fact]
    public async Task Csv_and_ndjson_are_pages_of_the_same()
    {
        var backend = vault.Shop();
        await backend.ConnectAsync();
        for (var count = 0; count < 2; count++)
        {
            (await backend.CallAsync("erp", vault.Upstream.Echo(), request => request.Headers.Add("X-Alter-Reason", "=1+1"))).Is(200);
        }

        var audit = vault.Backend(vault.Keys.Auditor, backend.UserToken);
        await EventuallyAsync(audit, "?outcome=answered", found => found.Count == 2);
        using var csv = await RawAsync(audit, "?outcome=answered&format=csv&limit=1");
        Assert.Equal("text/csv", csv.Content.Headers.ContentType!.MediaType);
        var lines = (await csv.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Contains("\"'=1+1\"", lines[1], StringComparison.Ordinal);

        var next = Assert.Single(csv.Headers.GetValues("X-Alter-Next-Cursor"));
        using var ndjson = await RawAsync(audit, $"?outcome=answered&format=ndjson&cursor={next}");
        Assert.Equal("application/x-ndjson", ndjson.Content.Headers.ContentType!.MediaType);
        Assert.Equal("=1+1", (string?)JsonNode.Parse(Assert.Single((await ndjson.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries)))!["reason"]);
        Assert.False(ndjson.Headers.Contains("X-Alter-Next-Cursor"));
    }

    [Fact]
    public async Task The_sdk_lists_page_after_page()
    {
        var backend = vault.Shop();
        await backend.ConnectAsync();
        for (var count = 0; count < 3; count++)
        {
            (await backend.CallAsync("erp", vault.Upstream.Echo())).Is(200);
        }

        await EventuallyAsync(vault.Backend(vault.Keys.Auditor, backend.UserToken), "?outcome=answered", found => found.Count == 3);
        using var app = new AlterApp(vault.Keys.Auditor, vault.PublicUrl);
        var seen = new List<Alter.Sdk.AuditEntry>();
        await foreach (var entry in app.ListAuditAsync(new AuditFilter { Outcome = "answered", PageSize = 2, UserToken = backend.UserToken }, TestContext.Current.CancellationToken))
        {
            seen.Add(entry);
        }

        Assert.Equal(3, seen.DistinctBy(entry => entry.Id).Count());
        Assert.All(seen, entry => Assert.Equal((200, "erp", "The provider answered; there is nothing to do."), (entry.Status!.Value, entry.Provider, entry.Explain)));
    }

    [Fact]
    public async Task Without_the_scope_nothing_is_told_and_a_wrong_query_says_where()
    {
        (await vault.Backend(vault.Keys.Shop).SendAsync(HttpMethod.Get, "/sdk/audit")).IsRefusal(403, "insufficient_scope");
        (await vault.Backend(vault.Keys.Jobs).SendAsync(HttpMethod.Get, "/sdk/audit")).IsRefusal(403, "insufficient_scope");
        var audit = vault.Backend(vault.Keys.Auditor);
        foreach (var (query, field) in new[]
        {
            ("provider=google'%20or%20provider%20ne%20'", "provider"), ("outcome=a%27", "outcome"), ("grant_id=1", "grant_id"), ("since=yesterday", "since"), ("until=2026-13-01", "until"),
            ("limit=0", "limit"), ("limit=1001", "limit"), ("format=xml", "format"), ("cursor=junk", "cursor"), ("user=ada", "user"), ("limit=1&limit=2", "limit"),
        })
        {
            (await audit.SendAsync(HttpMethod.Get, $"/sdk/audit?{query}")).IsInvalid(field);
        }
    }

    // A refusal without a sentence would be explained by a reference to the docs.
    [Fact]
    public void Every_code_a_recorded_request_can_end_with_has_its_sentence()
    {
        var functions = Assembly.LoadFrom(Path.Combine(RunningVault.AppDirectory, "Alter.Functions.dll"));
        var table = (IEnumerable)functions.GetType("Alter.Functions.Http.Problems")!.GetProperty("Table")!.GetValue(null)!;
        var codes = table.Cast<object>().Select(row => Refusal.CodeOf((Type)row.GetType().GetProperty("Key")!.GetValue(row)!)).ToList();
        Assert.True(codes.Count > 20);
        Assert.Empty(codes.Except(AuditExplanations.Sentences.Keys));
    }

    private static async Task<List<JsonNode>> EventuallyAsync(Backend audit, string query, Func<List<JsonNode>, bool> condition)
    {
        List<JsonNode> found = [];
        await Eventually.TrueAsync(async () => condition(found = await ListAsync(audit, query)), "the record had it");
        return found;
    }

    private static async Task<List<JsonNode>> ListAsync(Backend audit, string query) =>
        [.. (await audit.SendAsync(HttpMethod.Get, $"/sdk/audit{query}")).Is(200).Json["entries"]!.AsArray().Select(entry => entry!)];

    private static async Task<HttpResponseMessage> RawAsync(Backend audit, string query)
    {
        using var request = audit.Request(HttpMethod.Get, $"/sdk/audit{query}");
        var response = await Backend.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
        return response;
    }
}
