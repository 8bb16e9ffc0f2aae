using Alter.Apps;
using Alter.Connect;
using Alter.Testing;

namespace Alter.Tests.Connect;

public sealed class ConnectSessionMintingTests(SharedAzurite azurite) : ConnectFixture(azurite)
{
    private static readonly ConnectSessionRequest Plain = new();

    public static TheoryData<string, ConnectSessionRequest> Wrong => new()
    {
        { "allowed_providers", Plain with { AllowedProviders = [] } },
        { "allowed_providers", Plain with { AllowedProviders = ["erp", "google"] } },
        { "allowed_providers", Plain with { AllowedProviders = [null!] } },
        { "allowed_origin", Plain with { AllowedOrigin = "https://evil.com" } },
        { "allowed_origin", Plain with { AllowedOrigin = "https://shop.acme.com.evil.com" } },
        { "allowed_origin", Plain with { AllowedOrigin = "null" } },
        { "allowed_origin", Plain with { AllowedOrigin = "*" } },
        { "allowed_origin", Plain with { AllowedOrigin = "" } },
        { "allowed_origin", Plain with { AllowedOrigin = "https://shop.acme.com/path" } },
        { "return_url", Plain with { ReturnUrl = "https://shop.acme.com/elsewhere" } },
        { "return_url", Plain with { ReturnUrl = "https://shop.acme.com/connected.evil" } },
        { "return_url", Plain with { ReturnUrl = "https://shop.acme.com/connected/../admin" } },
        { "return_url", Plain with { ReturnUrl = "https://shop.acme.com/connected/%2e%2e/admin" } },
        { "return_url", Plain with { ReturnUrl = "https://shop.acme.com@evil.com/connected" } },
        { "return_url", Plain with { ReturnUrl = "javascript:alert(1)" } },
        { "return_url", Plain with { ReturnUrl = "" } },
        { "required_scopes", Plain with { RequiredScopes = new Dictionary<string, IReadOnlyList<string>> { ["google"] = ["x"] } } },
        { "required_scopes", Plain with { RequiredScopes = new Dictionary<string, IReadOnlyList<string>> { ["erp"] = ["admin"] } } },
        { "required_scopes", Plain with { RequiredScopes = new Dictionary<string, IReadOnlyList<string>> { ["erp"] = null! } } },
        { "required_scopes", Plain with { AllowedProviders = ["oidc"], RequiredScopes = new Dictionary<string, IReadOnlyList<string>> { ["erp"] = ["orders.read"] } } },
        { "grant_policy", Plain with { GrantPolicy = new GrantPolicyRequest(DefaultTtlSeconds: 0) } },
        { "grant_policy", Plain with { GrantPolicy = new GrantPolicyRequest(MaxTtlSeconds: -1) } },
        { "grant_policy", Plain with { GrantPolicy = new GrantPolicyRequest(DefaultTtlSeconds: 3, MaxTtlSeconds: 2) } },
        { "grant_policy", Plain with { GrantPolicy = new GrantPolicyRequest(ExpiresAt: DateTimeOffset.UnixEpoch) } },
        { "browser_proof", Plain with { BrowserProof = "identity" } },
        { "browser_proof", Plain with { BrowserProof = "none" } },
        { "metadata", Plain with { Metadata = new Dictionary<string, string> { ["k"] = new('v', 257) } } },
        { "metadata", Plain with { Metadata = new Dictionary<string, string> { [new('k', 257)] = "v" } } },
        { "metadata", Plain with { Metadata = new Dictionary<string, string> { ["k"] = null! } } },
        { "metadata", Plain with { Metadata = Enumerable.Range(0, 17).ToDictionary(n => $"k{n}", _ => "v") } },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public async Task A_field_that_is_wrong_is_named(string field, ConnectSessionRequest request)
    {
        var refusal = Assert.IsType<InvalidRequest>(Refused(await CreateAsync(request)));

        Assert.Equal([field], refusal.Errors!.Keys);
    }

    [Fact]
    public async Task All_that_is_wrong_is_said_at_once()
    {
        var request = new ConnectSessionRequest { AllowedProviders = [], AllowedOrigin = "x", ReturnUrl = "y", BrowserProof = "z" };

        Assert.Equal(["allowed_origin", "allowed_providers", "browser_proof", "return_url"], Assert.IsType<InvalidRequest>(Refused(await CreateAsync(request))).Errors!.Keys.Order());
    }

    [Fact]
    public async Task Nobody_to_vouch_for_the_browser_is_refused()
    {
        var nowhere = Vault.App with { WebsiteUrl = null };

        Assert.Contains("allowed_origin", Assert.IsType<InvalidRequest>(Refused(await CreateAsync(Plain, nowhere))).Errors!.Keys);
        Assert.True((await CreateAsync(Plain with { ReturnUrl = "https://shop.acme.com/connected" }, nowhere)).Succeeded(out _, out _));
    }

    [Fact]
    public async Task The_token_is_in_the_fragment_of_the_vaults_own_url()
    {
        Assert.True((await CreateAsync(Plain)).Succeeded(out var created, out _));

        Assert.Equal($"https://vault.acme.com/sdk/oauth/connect#session={created.SessionToken}", created.ConnectUrl);
        Assert.Equal((600, Time.GetUtcNow().AddMinutes(10)), (created.ExpiresIn, created.ExpiresAt));
        Assert.DoesNotContain(created.SessionToken, created.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, 90, 365)]
    [InlineData(60, null, 60, 365)]
    [InlineData(400, null, 365, 365)]
    [InlineData(null, 30, 30, 30)]
    [InlineData(10, 20, 10, 20)]
    public async Task A_session_may_only_narrow_what_the_app_allows(int? defaultDays, int? maxDays, int days, int most)
    {
        var app = Vault.App with { GrantLifetime = new GrantLifetime(TimeSpan.FromDays(90), TimeSpan.FromDays(365)) };
        var policy = new GrantPolicyRequest(defaultDays * 86400, maxDays * 86400);

        Assert.True((await CreateAsync(Plain with { GrantPolicy = policy }, app)).Succeeded(out var created, out _));

        var session = await FindAsync(created.SessionToken);
        Assert.Equal((Time.GetUtcNow().AddDays(days), Time.GetUtcNow().AddDays(most)), (session.GrantExpiresAt, session.GrantMaxExpiresAt));
    }

    [Theory]
    [InlineData(100, 100)]
    [InlineData(400, 365)]
    public async Task An_end_that_is_asked_for_beats_the_usual_life_and_not_the_longest(int asked, int days)
    {
        var app = Vault.App with { GrantLifetime = new GrantLifetime(TimeSpan.FromDays(90), TimeSpan.FromDays(365)) };

        Assert.True((await CreateAsync(Plain with { GrantPolicy = new GrantPolicyRequest(ExpiresAt: Time.GetUtcNow().AddDays(asked)) }, app)).Succeeded(out var created, out _));

        Assert.Equal(Time.GetUtcNow().AddDays(days), (await FindAsync(created.SessionToken)).GrantExpiresAt);
    }

    [Fact]
    public async Task What_was_asked_is_what_is_stored()
    {
        var request = new ConnectSessionRequest
        {
            AllowedProviders = ["erp", "erp"],
            AllowedOrigin = "https://ADMIN.acme.com/",
            ReturnUrl = "https://shop.acme.com/connected/a?x=1&grant_id=forged&alter_connect_success=true",
            RequiredScopes = new Dictionary<string, IReadOnlyList<string>> { ["erp"] = ["orders.read"] },
            Metadata = new Dictionary<string, string> { ["plan"] = "gold" },
        };
        Assert.True((await CreateAsync(request)).Succeeded(out var created, out var refusal), refusal?.Detail);

        var session = await FindAsync(created.SessionToken);

        Assert.Equal(["erp"], session.AllowedProviders);
        Assert.Equal(("https://admin.acme.com", "https://shop.acme.com/connected/a?x=1"), (session.AllowedOrigin, session.ReturnUrl));
        Assert.Equal(["orders.read"], session.RequiredScopes["erp"]);
        Assert.Equal(("Ada", "gold"), (session.Details.UserLabel, session.Details.Metadata["plan"]));
    }

    private Task<Outcome<ConnectSessionCreated>> CreateAsync(ConnectSessionRequest request, AppConfiguration? app = null) =>
        Vault.Minting.MintAsync(app ?? Vault.App, Vault.User(), "Ada", request, Cancellation);

    private async Task<ConnectSession> FindAsync(string token)
    {
        Assert.True((await Vault.Sessions.FindAsync(await Vault.ConnectTokens.ReadSessionAsync(token, Cancellation), Cancellation)).Succeeded(out var session, out _));
        return session;
    }
}
