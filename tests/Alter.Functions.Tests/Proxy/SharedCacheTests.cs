using System.Globalization;
using Alter.Functions.Tests.Running;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Tests.Proxy;

/// <summary>
/// Every proxied call has one URL, so a cache in front of the vault would serve one user's answer to another (security A22). What such a cache may do is
/// computed here as RFC 9111 says it.
/// </summary>
public sealed class SharedCacheTests(SharedVault shared)
{
    // RFC 9110 §15.1: kept without a word about freshness.
    private static readonly int[] Heuristic = [200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501];

    private readonly RunningVault vault = shared.Vault;

    [Theory]
    [InlineData(200, "public, max-age=3600")]
    [InlineData(200, "s-maxage=60")]
    [InlineData(200, "must-revalidate, max-age=60")]
    [InlineData(200, "private, public, max-age=60, immutable")]
    [InlineData(200, "PUBLIC", "max-age=60")]
    [InlineData(203, "public")]
    [InlineData(206, "public")]
    [InlineData(301, "public, max-age=60")]
    [InlineData(404, "public, max-age=60")]
    [InlineData(410, "public")]
    public async Task No_answer_of_a_provider_may_be_kept_for_another(int status, params string[] cacheControl)
    {
        var backend = vault.Shop();
        await backend.ConnectAsync();
        var url = vault.Upstream.On(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.CacheControl = cacheControl;
            context.Response.Headers.Expires = "Fri, 31 Dec 2099 00:00:00 GMT";
            context.Response.Headers.Age = "0";
            context.Response.Headers.Vary = "Accept-Encoding";
            context.Response.Headers["CDN-Cache-Control"] = "public, max-age=3600";
            context.Response.Headers["Surrogate-Control"] = "max-age=3600";
            context.Response.Headers.ETag = "\"v1\"";
            return Task.CompletedTask;
        });
        using var direct = await Backend.Http.GetAsync(url, TestContext.Current.CancellationToken);
        Assert.True(MayStore(status, string.Join(", ", direct.Headers.GetValues("Cache-Control")), hasExpires: true)); // The check would see it.

        var answer = (await backend.CallAsync("erp", url)).Is(status);

        Assert.False(MayStore(status, answer["Cache-Control"], answer["Expires"] is not null));
        Assert.Equal("*", answer["Vary"]); // RFC 9111 §4.1: and never chosen for another request.
        Assert.All((string[])["Expires", "Age", "Pragma", "CDN-Cache-Control", "Surrogate-Control"], name => Assert.Null(answer[name]));
    }

    [Fact]
    public async Task Nothing_the_vault_says_itself_may_be_kept()
    {
        var backend = vault.Shop();
        var session = await backend.SessionAsync("erp");
        Answer[] answers =
        [
            await backend.SendAsync(HttpMethod.Get, "/sdk/grants"),
            await backend.SendAsync(HttpMethod.Get, "/sdk/grants?limit=0"),
            await backend.MintAsync(new { allowed_providers = new[] { "erp" } }),
            await backend.CallAsync("erp", vault.Upstream.Echo()), // Nothing is connected.
            await backend.SendAsync(HttpMethod.Get, "/sdk/nowhere"),
            await new Browser(vault).OpenAsync(session),
            await Answer.ReadAsync(await Backend.Http.GetAsync(new Uri(vault.PublicUrl, "/oauth/callback/shop/erp?state=x&code=y"), TestContext.Current.CancellationToken)),
        ];

        Assert.All(answers, answer => Assert.False(MayStore(answer.Status, answer["Cache-Control"], answer["Expires"] is not null), $"{answer.Status} {answer["Cache-Control"]}"));
    }

    /// <summary>RFC 9111 §3, for a request with Authorization (§3.5).</summary>
    private static bool MayStore(int status, string? cacheControl, bool hasExpires)
    {
        var directives = (cacheControl ?? "").Split(',', StringSplitOptions.TrimEntries).Select(directive => directive.ToLower(CultureInfo.InvariantCulture).Split('=')[0]).ToHashSet();
        var isForAll = directives.Overlaps(["public", "s-maxage", "must-revalidate"]);
        var isFresh = hasExpires || directives.Overlaps(["public", "s-maxage", "max-age"]) || Heuristic.Contains(status);
        // "private" beside "public" does not count: some caches read the one, some the other.
        return !directives.Contains("no-store") && isForAll && isFresh;
    }
}
