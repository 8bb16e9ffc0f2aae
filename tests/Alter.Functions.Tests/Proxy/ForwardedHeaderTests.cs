using System.Net.Http.Headers;
using Alter.Functions.Tests.Running;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Tests.Proxy;

/// <summary>Which headers reach the provider, and which come back.</summary>
public sealed class ForwardedHeaderTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    [Fact]
    public async Task The_platforms_headers_and_the_callers_credentials_never_reach_the_provider()
    {
        var backend = vault.Shop();
        await backend.ConnectAsync();
        string[] dropped =
        [
            "X-MS-Client-Principal", "X-MS-Client-Principal-Id", "X-MS-Client-Principal-Name", "X-MS-Token-AAD-Access-Token", "X-ARR-LOG-ID", "X-ARR-SSL", "X-Azure-FDID",
            "X-Azure-ClientIP", "Client-IP", "X-Client-IP", "X-Client-Port", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-TlsVersion", "X-Original-URL",
            "X-Original-Host", "X-Original-For", "X-WAWS-Unencoded-URL", "Disguised-Host", "Was-Default-Hostname", "X-Site-Deployment-Id", "X-AppService-Proto", "Max-Forwards",
            "Forwarded", "Via", "Baggage", "Tracestate", "Correlation-Context", "X-Functions-Key", "Cookie", "Proxy-Authorization", "X-Alter-Caller", "X-Alter-Reason",
        ];
        string[] kept = ["X-MS-Version", "X-MS-Date", "X-MS-Client-Request-Id", "ConsistencyLevel", "If-Match", "Prefer", "User-Agent", "Accept-Language", "Idempotency-Key", "X-Api-Version"];
        var answer = (await backend.CallAsync("erp", vault.Upstream.Echo(), request =>
        {
            foreach (var name in dropped.Concat(kept))
            {
                request.Headers.TryAddWithoutValidation(name, name is "If-Match" ? "\"sent\"" : "sent");
            }
        })).Is(200);
        var arrived = answer.Json["headers"]!.AsObject().ToDictionary(header => header.Key, header => (string?)header.Value![0], StringComparer.OrdinalIgnoreCase);
        Assert.DoesNotContain(dropped, arrived.ContainsKey);
        Assert.All(kept, name => Assert.Contains("sent", arrived.GetValueOrDefault(name), StringComparison.Ordinal));
        Assert.DoesNotContain(arrived.Keys, name => name.StartsWith("X-Alter", StringComparison.OrdinalIgnoreCase));

        // The one credential is the grant's, and the host is the provider's own.
        Assert.Matches("^Bearer access-", arrived["Authorization"]);
        Assert.True(vault.Erp.Accepts(arrived["Authorization"]!["Bearer ".Length..]));
        Assert.Equal(vault.Upstream.Url.Authority, arrived["Host"]);
        Assert.DoesNotContain(arrived.Values, value => value!.Contains(backend.Key, StringComparison.Ordinal) || value.Contains(backend.UserToken!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_only_browsers_read_is_the_providers_own_and_a_refusals_the_vaults()
    {
        var backend = vault.Shop();
        var without = (await backend.CallAsync("erp", vault.Upstream.Echo())).IsRefusal(404, "grant_not_found");
        await backend.ConnectAsync();
        var silent = (await backend.CallAsync("erp", vault.Upstream.Echo())).Is(200);
        var speaking = (await backend.CallAsync("erp", vault.Upstream.On(context =>
        {
            context.Response.Headers.XContentTypeOptions = "nosniff";
            context.Response.Headers["Referrer-Policy"] = "origin";
            return Task.CompletedTask;
        }))).Is(200);
        var browsers = (await backend.CallAsync("erp", vault.Upstream.Echo(), request => request.Headers.Add("Sec-Fetch-Site", "cross-site"))).IsRefusal(400, "invalid_request");

        Assert.Equal((null, null), (silent["X-Content-Type-Options"], silent["Referrer-Policy"]));
        Assert.Equal(("nosniff", "origin"), (speaking["X-Content-Type-Options"], speaking["Referrer-Policy"]));
        Assert.All([browsers, without], refusal => Assert.Equal(("nosniff", "no-referrer"), (refusal["X-Content-Type-Options"], refusal["Referrer-Policy"])));
    }

    [Fact]
    public async Task Where_nothing_is_exported_the_callers_trace_passes_through_as_it_came()
    {
        const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
        var backend = vault.Shop();
        await backend.ConnectAsync();
        var answer = (await backend.CallAsync("erp", vault.Upstream.Echo(), request => request.Headers.Add("traceparent", TraceParent))).Is(200);
        Assert.Equal([TraceParent], answer.Json["headers"]!["traceparent"]!.AsArray().Select(value => (string?)value));
        Assert.False((await backend.CallAsync("erp", vault.Upstream.Echo())).Is(200).Json["headers"]!.AsObject().ContainsKey("traceparent"));
    }

    [Fact]
    public async Task A_header_named_by_Connection_stays_behind()
    {
        var backend = vault.Shop();
        await backend.ConnectAsync();
        var (status, text) = await RawHttp.SendAsync(
            vault, RawHttp.Proxy(backend, "GET", "X-Alter-Provider: erp", $"X-Alter-Url: {vault.Upstream.Echo()}", "Connection: X-Hop", "X-Hop: here", "X-End: there"));
        Assert.Equal(200, status);
        Assert.Contains("X-End", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"Connection\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Curls_Expect_is_answered_on_the_way_and_not_forwarded()
    {
        var backend = vault.Shop();
        await backend.ConnectAsync();
        var answer = await backend.SendAsync(HttpMethod.Post, "/sdk/proxy", new ByteArrayContent(new byte[2000]), request =>
        {
            request.Headers.ExpectContinue = true;
            request.Headers.Add("X-Alter-Provider", "erp");
            request.Headers.Add("X-Alter-Url", vault.Upstream.Echo().AbsoluteUri);
        });
        Assert.Equal(2000, (long)answer.Is(200).Json["body_bytes"]!);
        Assert.False(answer.Json["headers"]!.AsObject().ContainsKey("Expect"));
    }

    [Fact]
    public async Task A_provider_cannot_speak_for_the_vault_or_its_origin()
    {
        var backend = vault.Shop();
        var grant = (string)(await backend.ConnectAsync())["grant_id"]!;
        string[] stripped =
        [
            "X-Alter-Error", "X-Alter-Location", "X-Alter-Scope-Mismatch", "X-Alter-Anything", "Set-Cookie", "Alt-Svc", "Strict-Transport-Security", "Clear-Site-Data", "NEL", "Report-To",
            "Reporting-Endpoints", "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Expires", "Age", "Proxy-Authenticate",
            "CDN-Cache-Control", "Acme-CDN-Cache-Control", "Surrogate-Control", "Edge-Control", "X-Accel-Expires", "X-Accel-Redirect", "X-LiteSpeed-Location", "X-Sendfile",
        ];
        var url = vault.Upstream.On(async context =>
        {
            var headers = context.Response.Headers;
            foreach (var name in stripped)
            {
                headers[name] = "forged";
            }

            headers["X-Alter-Grant-Id"] = "00000000-0000-0000-0000-000000000000";
            headers["X-Alter-Request-Id"] = "forged";
            headers.CacheControl = "public, max-age=3600";
            headers.Vary = "Accept";
            headers.ETag = "\"v1\"";
            headers.LastModified = "Wed, 25 Nov 2026 00:00:00 GMT";
            headers["X-RateLimit-Remaining"] = "41";
            headers.Link = "<https://api.erp.acme.com/?page=2>; rel=\"next\"";
            headers["X-Echo"] = context.Request.Headers.Authorization;
            headers["X-Echo-Inside"] = $"token={context.Request.Headers.Authorization.ToString()["Bearer ".Length..]}; path=/";
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            await context.Response.WriteAsync("body");
        });
        var answer = (await backend.CallAsync("erp", url)).Is(202);
        Assert.Equal("body", answer.Text);
        Assert.DoesNotContain(stripped, name => answer[name] is not null);
        Assert.Equal(grant, answer["X-Alter-Grant-Id"]);
        Assert.Matches("^[0-9a-f]{32}$", answer["X-Alter-Request-Id"]);
        Assert.Equal(("no-store", "*"), (answer["Cache-Control"], answer["Vary"]));
        Assert.Equal(("\"v1\"", "41"), (answer["ETag"], answer["X-RateLimit-Remaining"]));
        Assert.NotNull(answer["Last-Modified"]);
        Assert.NotNull(answer["Link"]);
        Assert.Null(answer["X-Echo"]);
        Assert.Null(answer["X-Echo-Inside"]);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(305)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_comes_back_under_a_name_no_client_follows(int status)
    {
        var backend = vault.Shop("redirects");
        if ((int)(await backend.ListAsync())["total"]! == 0)
        {
            await backend.ConnectAsync("erp", "ada@erp.example");
        }

        var url = vault.Upstream.On(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "https://elsewhere.example/file";
            return Task.CompletedTask;
        });
        var answer = (await backend.CallAsync("erp", url)).Is(status);
        Assert.Equal((null, "https://elsewhere.example/file"), (answer["Location"], answer["X-Alter-Location"]));
        var raw = (await backend.CallAsync("erp", url, request => request.Headers.Add("X-Alter-Redirects", "raw"))).Is(status);
        Assert.Equal(("https://elsewhere.example/file", null), (raw["Location"], raw["X-Alter-Location"]));
    }

    [Fact]
    public async Task Location_of_a_created_thing_stays()
    {
        var backend = vault.Shop();
        await backend.ConnectAsync();
        var answer = await backend.CallAsync("erp", vault.Upstream.On(context =>
        {
            context.Response.StatusCode = StatusCodes.Status201Created;
            context.Response.Headers.Location = "/orders/1";
            return Task.CompletedTask;
        }));
        Assert.Equal("/orders/1", answer.Is(201)["Location"]);
    }

    [Fact]
    public async Task A_403_of_a_grant_without_all_scopes_says_which_are_missing()
    {
        var backend = vault.Shop();
        var browser = new Browser(vault);
        var url = vault.Upstream.On(context =>
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        });
        await backend.ConnectAsync();
        Assert.Null((await backend.CallAsync("erp", url)).Is(403)["X-Alter-Scope-Mismatch"]);

        var narrow = vault.Shop();
        var session = (await narrow.MintAsync(new { allowed_providers = new[] { "erp" }, required_scopes = new { erp = new[] { "orders.read" } } })).Is(201).Json;
        (await browser.CallbackAsync("shop", "erp", vault.Erp.Consent((await browser.AuthorizeUrlAsync(session, "erp")).OriginalString))).Is(303);
        var refused = (await narrow.CallAsync("erp", url)).Is(403);
        Assert.Equal(("orders.write", null), (refused["X-Alter-Scope-Mismatch"], refused["X-Alter-Error"]));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_providers_own_error_passes_and_is_not_the_vaults(int status)
    {
        var backend = vault.Shop("provider-errors");
        if ((int)(await backend.ListAsync())["total"]! == 0)
        {
            await backend.ConnectAsync("erp", "ada@erp.example");
        }

        var answer = await backend.CallAsync("erp", vault.Upstream.On(async context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "7";
            await context.Response.WriteAsJsonAsync(new { code = "grant_revoked" });
        }));
        Assert.Equal((status, null, "7"), (answer.Status, answer["X-Alter-Error"], answer["Retry-After"]));
        Assert.NotNull(answer["X-Alter-Grant-Id"]);
    }

    [Fact]
    public async Task A_body_keeps_its_type_and_encoding()
    {
        var backend = vault.Shop();
        await backend.ConnectAsync();
        var content = new ByteArrayContent([0x1f, 0x8b, 1, 2]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/vnd.acme+json");
        content.Headers.ContentEncoding.Add("gzip");
        var answer = await backend.SendAsync(HttpMethod.Put, "/sdk/proxy", content, request =>
        {
            request.Headers.Add("X-Alter-Provider", "erp");
            request.Headers.Add("X-Alter-Url", vault.Upstream.Echo().AbsoluteUri);
        });
        var headers = answer.Is(200).Json["headers"]!;
        Assert.Equal(("application/vnd.acme+json", "gzip", 4L), ((string?)headers["Content-Type"]![0], (string?)headers["Content-Encoding"]![0], (long)answer.Json["body_bytes"]!));
    }
}
