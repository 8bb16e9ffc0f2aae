using System.Text;
using Alter.Sdk;
using Alter.Testing;
using Microsoft.AspNetCore.Http;
using static Alter.Tests.Sdk.SdkFixture;

namespace Alter.Tests.Sdk;

public sealed class ForeignHostTests
{
    private static readonly CancellationToken Now = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_opted_in_reaches_a_foreign_host_with_the_body_and_without_credentials(bool isStream)
    {
        await using var fixture = await StartAsync();
        await using var foreign = await FakeHost.StartAsync();
        using var app = fixture.App(options => options.ForeignHosts = ForeignHosts.SendWithoutCredentials);
        using HttpContent content = isStream ? new StreamContent(new MemoryStream("chunk"u8.ToArray())) : new ByteArrayContent("chunk"u8.ToArray());
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(foreign.Url, "/upload?signature=x")) { Content = content };
        request.Headers.Authorization = new("Bearer", "the callers own");

        using var answer = await app.SendAsync(request, "google", new CallOptions { Reason = "why" }, Now);

        var call = Assert.Single(foreign.Calls);
        Assert.Equal(("PUT", "/upload?signature=x", "chunk"), (call.Method, call.Path, Encoding.UTF8.GetString(call.Body)));
        Assert.DoesNotContain("X-Alter-", call.Head, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Authorization", call.Head, StringComparison.OrdinalIgnoreCase);
        Assert.Single(fixture.Vault.Calls);
    }

    [Fact]
    public async Task A_foreign_host_that_redirects_back_is_answered_through_the_vault()
    {
        await using var fixture = await StartAsync();
        await using var foreign = await FakeHost.StartAsync();
        fixture.Vault.AllowedHosts.Add("localhost");
        foreign.Serve = async (host, context) =>
        {
            await host.RecordAsync(context);
            context.Response.Redirect($"http://localhost:{fixture.Vault.Url.Port}/back");
        };
        using var app = fixture.App(options => options.ForeignHosts = ForeignHosts.SendWithoutCredentials);

        using var answer = await app.RequestAsync(HttpMethod.Get, foreign.Url.AbsoluteUri, "google", Now);

        Assert.True(answer.IsSuccessStatusCode);
        Assert.Equal(2, fixture.Vault.Calls.Count(call => call.Path == "/sdk/proxy"));
        Assert.Single(foreign.Calls);
    }

    [Fact]
    public async Task Nothing_goes_directly_over_plain_http_to_another_machine()
    {
        await using var fixture = await StartAsync();
        using var app = fixture.App(options => options.ForeignHosts = ForeignHosts.SendWithoutCredentials);

        await Assert.ThrowsAsync<AlterValueException>(() => app.RequestAsync(HttpMethod.Get, "http://metadata.internal/", "google", Now));
    }
}
