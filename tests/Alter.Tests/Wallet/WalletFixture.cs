using Alter.Apps;
using Alter.Connect;
using Alter.Grants;
using Alter.Providers;
using Alter.Testing;
using Alter.Wallet;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Wallet;

/// <summary>
/// Four apps around one OpenID provider: the shop and the mall know its people (the mall by another claim), the robot owns its grants itself, and the island
/// has an OpenID provider of its own, where people are called alike.
/// </summary>
public abstract class WalletFixture(SharedAzurite azurite) : IAsyncLifetime
{
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Begins now, for the provider's id tokens are of now.
    protected FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    protected FakeKeySource Keys { get; } = new(A.Key());

    /// <summary>The OpenID provider of shop and mall.</summary>
    protected FakeProvider People { get; private set; } = null!;

    protected FakeProvider Islanders { get; private set; } = null!;

    protected FakeProvider Erp { get; private set; } = null!;

    protected AppConfiguration Mall { get; private set; } = null!;

    protected AppConfiguration Island { get; private set; } = null!;

    /// <summary>Its own app is the shop.</summary>
    protected Vault Vault { get; private set; } = null!;

    protected AppConfiguration Shop => Vault.App;

    public async ValueTask InitializeAsync()
    {
        People = await FakeProvider.StartAsync();
        Islanders = await FakeProvider.StartAsync();
        Erp = await FakeProvider.StartAsync();
        People.IdToken = claims => claims["https://acme.com/ids"] = new System.Text.Json.Nodes.JsonObject { ["person"] = $"p-{(string?)claims["sub"]}" };
        Mall = App("Acme Mall", Provider("mall", People) with { UserIdClaim = "https://acme.com/ids.person" });
        Island = App("Island", Provider("islanders", Islanders) with { SignIn = Client() });
        Vault = VaultOf(App("Acme Shop", Provider("people", People) with { SignIn = Client() }));
    }

    public async ValueTask DisposeAsync()
    {
        Vault.Dispose();
        await People.DisposeAsync();
        await Islanders.DisposeAsync();
        await Erp.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>The same vault with another shop.</summary>
    protected Vault VaultOf(AppConfiguration shop, params AppConfiguration[] others) => new(new VaultSetup(azurite.ConnectionString, shop)
    {
        Time = Time,
        Keys = Keys,
        OtherApps = others.Length > 0 ? others : [Mall, Island, App("Acme Robot")],
    });

    protected AppConfiguration App(string name, params IdentityProviderConfiguration[] identityProviders) => A.App(A.AppId(), A.Provider(Erp)) with
    {
        Name = name,
        IdentityProviders = identityProviders,
    };

    protected static IdentityProviderConfiguration Provider(string id, FakeProvider at)
    {
        ArgumentNullException.ThrowIfNull(at);
        return new() { Id = id, Issuer = at.Issuer, Audiences = [$"https://{id}.acme.com"], AllowInsecureLocal = true };
    }

    protected static SignInClient Client() => new("alter", A.ClientSecretName, TokenEndpointAuthMethod.ClientSecretBasic, ["openid"], null);

    /// <summary>The cookie of somebody who has signed in.</summary>
    protected async Task<string> CookieAsync(string user = "ada", string place = "people", FakeProvider? at = null, Vault? vault = null)
    {
        var start = await StartAsync(place, vault);
        var outcome = await FinishAsync(place, Consented(at ?? People, start, user), start.Cookie, vault);
        Assert.True(outcome.Succeeded(out var cookie, out var refusal), refusal?.Code);
        return cookie;
    }

    /// <summary>Who has signed in, as any instance sees them.</summary>
    protected async Task<WalletSession> SignedInAsync(string user = "ada", string place = "people", FakeProvider? at = null, Vault? vault = null) =>
        Value(await (vault ?? Vault).WalletCookies.OpenSessionAsync(await CookieAsync(user, place, at, vault), Cancellation));

    protected async Task<WalletSignInStart> StartAsync(string place = "people", Vault? vault = null) =>
        Value(await (vault ?? Vault).BeginWallet.RunAsync(place, issuer: null, asSomebodyElse: false, Cancellation));

    protected Task<Outcome<string>> FinishAsync(string place, CallbackParameters response, string? cookie, Vault? vault = null) =>
        (vault ?? Vault).FinishWallet.RunAsync(place, response, cookie, Cancellation);

    protected static CallbackParameters Consented(FakeProvider at, WalletSignInStart start, string user = "ada")
    {
        ArgumentNullException.ThrowIfNull(at);
        ArgumentNullException.ThrowIfNull(start);
        var answer = at.Consent(start.AuthorizationUrl, user);
        return new CallbackParameters(answer["code"], answer["state"], answer["iss"], null, null);
    }

    protected Task<GrantOwner> OwnerAsync(AppConfiguration app, FakeProvider at, string user = "ada", string claim = "sub")
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(at);
        return Vault.Owners.OfAsync(new UserId(app.Id, at.Issuer, claim, user), Cancellation).AsTask();
    }

    /// <summary>A grant of somebody in the shop.</summary>
    protected async Task<Grant> GrantAsync(string user = "ada", Action<GrantDraft>? change = null) =>
        await Vault.GrantAsync(change, owner: await OwnerAsync(Shop, People, user));

    protected async Task<IReadOnlyList<WalletConnection>> ListAsync(WalletSession session, Vault? vault = null) =>
        Value(await (vault ?? Vault).WalletListing.ListAsync(session, Cancellation)).Connections;

    protected static T Value<T>(Outcome<T> outcome)
        where T : notnull
    {
        Assert.True(outcome.Succeeded(out var value, out var refusal), $"{refusal?.Code}: {refusal?.Detail}");
        return value;
    }

    protected static Refusal Refused<T>(Outcome<T> outcome)
        where T : notnull
    {
        Assert.False(outcome.Succeeded(out _, out var refusal), "It was not refused.");
        return refusal;
    }
}
