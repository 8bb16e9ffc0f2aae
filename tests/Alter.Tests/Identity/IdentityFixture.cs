using Alter.Apps;
using Alter.Egress;
using Alter.Identity;
using Alter.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Identity;

/// <summary>One app, its identity provider, and a verifier with a clock of its own.</summary>
public abstract class IdentityFixture : IAsyncLifetime
{
    private readonly EgressHandlers handlers = new();

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    protected FakeIdentityProvider Idp { get; private set; } = null!;

    private protected SigningKeys Keys { get; private set; } = null!;

    protected UserTokenVerifier Verifier { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Idp = await FakeIdentityProvider.StartAsync(Time);
        Keys = new SigningKeys(new EgressClient(handlers, Time), Time, NullLogger<SigningKeys>.Instance);
        Verifier = new UserTokenVerifier(Keys, Time);
    }

    public async ValueTask DisposeAsync()
    {
        await Idp.DisposeAsync();
        handlers.Dispose();
        GC.SuppressFinalize(this);
    }

    protected IdentityProviderConfiguration Provider() =>
        new() { Id = "idp", Issuer = Idp.Issuer, Audiences = ["https://api.acme.com"], AllowInsecureLocal = true };

    protected static AppConfiguration App(params IdentityProviderConfiguration[] providers) => new()
    {
        Id = "shop",
        Name = "Acme Shop",
        Keys = [],
        IdentityProviders = providers,
        Origins = [],
        ReturnUrls = [],
        Providers = new Dictionary<string, AppProvider>(),
    };

    protected async Task<VerifiedUser> Accepted(string token, IdentityProviderConfiguration? provider = null)
    {
        var outcome = await Verifier.VerifyAsync(App(provider ?? Provider()), token, TestContext.Current.CancellationToken);
        Assert.True(outcome.Succeeded(out var user, out var refusal), refusal?.ToString());
        return user;
    }

    protected async Task<InvalidUserToken> Refused(string reason, string token, IdentityProviderConfiguration? provider = null)
    {
        var outcome = await Verifier.VerifyAsync(App(provider ?? Provider()), token, TestContext.Current.CancellationToken);
        Assert.False(outcome.Succeeded(out _, out var refusal), "The token was accepted.");
        var invalid = Assert.IsType<InvalidUserToken>(refusal);
        Assert.Equal(reason, invalid.Reason);
        if (token.Length > 20)
        {
            Assert.DoesNotContain(token[..20], invalid.Detail, StringComparison.Ordinal);
        }

        return invalid;
    }
}
