namespace Quickstart.IdentityProvider;

/// <summary>Where the identity provider lives and whom it serves; the defaults are those of the quickstart.</summary>
public sealed record IdentityProviderOptions
{
    /// <summary>Its origin, with a concrete port: the issuer is this origin with a slash.</summary>
    public Uri Url { get; init; } = new("http://localhost:7073/");

    /// <summary>The <c>aud</c> of access tokens.</summary>
    public string Audience { get; init; } = "https://quickstart.example/api";

    /// <summary>Where the client <c>shop-web</c> may receive codes.</summary>
    public IReadOnlyList<Uri> RedirectUris { get; init; } = [new("http://localhost:7072/signin-oidc")];

    /// <summary>Where <c>shop-web</c> may send people after signing out.</summary>
    public IReadOnlyList<Uri> SignedOutUris { get; init; } = [new("http://localhost:7072/signout-callback-oidc")];

    /// <summary>Where the vault, client <c>alter</c>, may receive codes: its redirect URI for app and identity provider, and that of the Wallet.</summary>
    public IReadOnlyList<Uri> VaultRedirectUris { get; init; } = RedirectUrisOf(new("http://localhost:7071/"));

    /// <summary>Life of access and id tokens.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Adds <c>POST /demo/token</c>, which signs a token for anyone who asks. For tests, and for curl beside the quickstart.</summary>
    public bool DemoControls { get; init; }

    /// <summary>The redirect URIs of a vault for the quickstart's document.</summary>
    public static IReadOnlyList<Uri> RedirectUrisOf(Uri vault) => [new(vault, "/oauth/signin/shop/quickstart"), new(vault, "/wallet/signin/quickstart")];

    /// <summary>Reads PORT, SHOP_URL, VAULT_URL, AUDIENCE, TOKEN_SECONDS and DEMO_CONTROLS.</summary>
    public static IdentityProviderOptions From(IConfiguration settings)
    {
        var shop = new Uri(settings["SHOP_URL"] ?? "http://localhost:7072/");
        return new IdentityProviderOptions
        {
            Url = new Uri($"http://localhost:{settings["PORT"] ?? "7073"}/"),
            Audience = settings["AUDIENCE"] ?? "https://quickstart.example/api",
            RedirectUris = [new Uri(shop, "/signin-oidc")],
            SignedOutUris = [new Uri(shop, "/signout-callback-oidc")],
            VaultRedirectUris = RedirectUrisOf(new Uri(settings["VAULT_URL"] ?? "http://localhost:7071/")),
            TokenLifetime = TimeSpan.FromSeconds(settings.GetValue("TOKEN_SECONDS", 3600)),
            DemoControls = settings["DEMO_CONTROLS"] is "1",
        };
    }
}
