using Alter.Functions.Tests.Running;
using Alter.Testing;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Tests.Proxy;

/// <summary>A shared cache stands in front of the vault, where every proxied call has one URL (security A22).</summary>
public sealed class NginxCacheTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    [Theory]
    [InlineData("public, max-age=3600")]
    [InlineData("s-maxage=3600, must-revalidate")]
    public async Task A_cache_in_front_of_the_vault_never_serves_one_users_answer_to_another(string cacheControl)
    {
        Assert.SkipUnless(Nginx.IsInstalled || Environment.GetEnvironmentVariable("CI") is not null, "nginx is not installed.");
        var (ada, bob) = (vault.Shop(), vault.Shop());
        await ada.ConnectAsync();
        await bob.ConnectAsync();
        var calls = 0;
        var url = vault.Upstream.On(async context =>
        {
            context.Response.Headers.CacheControl = cacheControl;
            context.Response.Headers.Expires = "Fri, 31 Dec 2099 00:00:00 GMT";
            context.Response.Headers["X-Accel-Expires"] = "3600"; // nginx's own word, stronger than Cache-Control.
            await context.Response.WriteAsync($"answer {Interlocked.Increment(ref calls)}");
        });

        await using (var direct = await Nginx.StartAsync(url))
        {
            // The cache would: without the vault in between the second caller is given the first one's answer.
            await GetAsync(direct, url.AbsolutePath);
            var (cached, body) = await GetAsync(direct, url.AbsolutePath);
            Assert.Equal(("HIT", "answer 1"), (cached, body));
        }

        await using var cache = await Nginx.StartAsync(vault.PublicUrl);
        var bodies = new List<string>();
        foreach (var backend in new[] { ada, bob, ada, bob })
        {
            var answer = (await CallAsync(cache, backend, url)).Is(200);
            Assert.NotEqual("HIT", answer["X-Cache"]);
            bodies.Add(answer.Text);
        }

        Assert.Equal(["answer 2", "answer 3", "answer 4", "answer 5"], bodies);
    }

    private static async Task<(string Cached, string Body)> GetAsync(Nginx nginx, string path)
    {
        using var answer = await Backend.Http.GetAsync(new Uri(nginx.Url, path), TestContext.Current.CancellationToken);
        return (answer.Headers.GetValues("X-Cache").Single(), await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static Task<Answer> CallAsync(Nginx nginx, Backend backend, Uri url) => backend.CallAsync("erp", url, request => request.RequestUri = new Uri(nginx.Url, "/sdk/proxy"));
}
