using System.Text;
using Alter.Egress;
using Alter.Providers;
using Alter.Tests.Egress;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Providers;

public sealed class ProviderDiscoveryTests : IAsyncDisposable
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly EgressHandlers handlers = new();
    private readonly RawServer server;
    private readonly ProviderDiscovery discovery;
    private Func<int, byte[]?> answer = _ => null;

    public ProviderDiscoveryTests()
    {
        server = new RawServer(number => answer(number));
        discovery = new ProviderDiscovery(new EgressClient(handlers, time), time);
    }

    private string Issuer => $"http://127.0.0.1:{server.Port}";

    public async ValueTask DisposeAsync()
    {
        handlers.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Endpoints_in_the_definition_need_no_call()
    {
        var definition = Definition() with { AuthorizationEndpoint = new("https://a.com/authorize"), TokenEndpoint = new("https://a.com/token") };

        Assert.True((await discovery.ResolveAsync(definition, Cancellation)).Succeeded(out var endpoints, out _));

        Assert.Equal("https://a.com/token", endpoints.Token.AbsoluteUri);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task The_issuers_metadata_gives_the_endpoints_and_twenty_callers_share_one_call()
    {
        answer = _ => Metadata(Issuer, $"{Issuer}/token", "\"authorization_response_iss_parameter_supported\": true");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => discovery.ResolveAsync(Definition(), Cancellation)));

        Assert.All(outcomes, outcome =>
        {
            Assert.True(outcome.Succeeded(out var endpoints, out _));
            Assert.Equal($"{Issuer}/token", endpoints.Token.AbsoluteUri);
            Assert.Equal(Issuer, endpoints.Issuer);
            Assert.True(endpoints.SendsIss);
        });
        Assert.StartsWith("GET /.well-known/openid-configuration ", Assert.Single(server.Requests), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_is_no_openid_document_that_of_rfc_8414_is_read()
    {
        var issuer = Issuer + "/tenant";
        answer = number => number == 1 ? Http("404 Not Found", "") : Metadata(issuer, $"{Issuer}/token");

        Assert.True((await discovery.ResolveAsync(Definition() with { Issuer = issuer }, Cancellation)).Succeeded(out _, out _));

        Assert.Equal(
            ["GET /tenant/.well-known/openid-configuration ", "GET /.well-known/oauth-authorization-server/tenant "],
            server.Requests.Select(request => request[..(request.IndexOf("HTTP/", StringComparison.Ordinal))]));
    }

    [Fact]
    public async Task Metadata_of_another_issuer_is_refused()
    {
        answer = _ => Metadata("https://other.example", $"{Issuer}/token");
        Assert.Contains("another issuer", (await RefusedAsync(Definition())).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slash_at_the_end_is_pointed_out()
    {
        answer = _ => Metadata(Issuer + "/", $"{Issuer}/token");
        Assert.Contains("another slash", (await RefusedAsync(Definition())).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.com/token")]
    [InlineData("https://127.0.0.1.evil.com/token")]
    [InlineData("https://127.0.0.1@evil.com/token")]
    [InlineData("http://login.acme.com/token")]
    [InlineData("/token")]
    public async Task A_client_secret_goes_where_metadata_says_only_on_the_issuers_host(string token)
    {
        answer = _ => Metadata(Issuer, token);

        var refusal = await RefusedAsync(Definition());

        Assert.Contains("token_endpoint", refusal.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_the_definition_names_beats_the_metadata()
    {
        answer = _ => Metadata(Issuer, "https://evil.com/token");

        Assert.True((await discovery.ResolveAsync(Definition() with { TokenEndpoint = new("https://oauth2.acme.com/token") }, Cancellation)).Succeeded(out var endpoints, out _));

        Assert.Equal("https://oauth2.acme.com/token", endpoints.Token.AbsoluteUri);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{ \"issuer\": 1 }")]
    [InlineData("{ \"issuer\": \"\\ud800\" }")]
    [InlineData("{ \"issuer\": \"a\", \"issuer\": \"b\" }")]
    public async Task What_is_no_metadata_is_a_refusal(string body)
    {
        answer = _ => Http("200 OK", body);
        Assert.Equal("erp", (await RefusedAsync(Definition())).Provider);
    }

    [Fact]
    public async Task The_last_good_metadata_serves_for_a_day_and_a_failing_issuer_is_left_alone_for_a_while()
    {
        answer = number => number == 1 ? Metadata(Issuer, $"{Issuer}/token") : Http("503 Service Unavailable", "");
        Assert.True((await discovery.ResolveAsync(Definition(), Cancellation)).Succeeded(out _, out _));

        time.Advance(TimeSpan.FromMinutes(59));
        Assert.True((await discovery.ResolveAsync(Definition(), Cancellation)).Succeeded(out _, out _));
        Assert.Single(server.Requests);

        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await discovery.ResolveAsync(Definition(), Cancellation)).Succeeded(out _, out _));
        Assert.True((await discovery.ResolveAsync(Definition(), Cancellation)).Succeeded(out _, out _));
        Assert.Equal(3, server.Requests.Count); // Both places, once.

        time.Advance(TimeSpan.FromHours(23));
        await RefusedAsync(Definition());
    }

    [Fact]
    public async Task A_public_definition_never_reaches_this_machine()
    {
        answer = _ => Metadata(Issuer, $"{Issuer}/token");

        await RefusedAsync(Definition() with { AllowInsecureLocal = false });

        Assert.Empty(server.Requests);
    }

    private static byte[] Http(string status, string body) =>
        Encoding.UTF8.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    private static byte[] Metadata(string issuer, string token, string more = "\"x\": 1") =>
        Http("200 OK", $$"""{ "issuer": "{{issuer}}", "authorization_endpoint": "https://anywhere.acme.com/authorize", "token_endpoint": "{{token}}", {{more}} }""");

    private ProviderDefinition Definition() =>
        new() { Id = "erp", Name = "Acme ERP", Issuer = Issuer, ApiHosts = ["api.erp.acme.com"], AllowInsecureLocal = true };

    private async Task<ConnectConfig> RefusedAsync(ProviderDefinition definition)
    {
        Assert.False((await discovery.ResolveAsync(definition, Cancellation)).Succeeded(out _, out var refusal));
        return Assert.IsType<ConnectConfig>(refusal);
    }
}
