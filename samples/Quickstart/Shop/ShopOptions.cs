namespace Quickstart.Shop;

/// <summary>Where the shop and its neighbours live; the defaults are those of the quickstart.</summary>
public sealed record ShopOptions
{
    /// <summary>Its own origin, with a concrete port.</summary>
    public Uri Url { get; init; } = new("http://localhost:7072/");

    /// <summary>The vault.</summary>
    public Uri VaultUrl { get; init; } = new("http://localhost:7071/");

    /// <summary>The shop's key at the vault. It stays on this server; the page never sees it.</summary>
    public required string ApiKey { get; init; }

    /// <summary>The OpenID provider where people sign in.</summary>
    public Uri IdentityProviderUrl { get; init; } = new("http://localhost:7073/");

    /// <summary>The calendar whose events are shown.</summary>
    public Uri CalendarUrl { get; init; } = new("http://localhost:7074/");

    internal string Origin => Url.GetLeftPart(UriPartial.Authority);

    internal string VaultOrigin => VaultUrl.GetLeftPart(UriPartial.Authority);

    /// <summary>Reads PORT, VAULT_URL, ALTER_API_KEY, IDP_URL and CALENDAR_URL.</summary>
    public static ShopOptions From(IConfiguration settings) => new()
    {
        Url = new Uri($"http://localhost:{settings["PORT"] ?? "7072"}/"),
        VaultUrl = new Uri(settings["VAULT_URL"] ?? "http://localhost:7071/"),
        ApiKey = settings["ALTER_API_KEY"] is { Length: > 0 } key
            ? key
            : throw new InvalidOperationException("Set ALTER_API_KEY to the shop's key; ./start makes one."),
        IdentityProviderUrl = new Uri(settings["IDP_URL"] ?? "http://localhost:7073/"),
        CalendarUrl = new Uri(settings["CALENDAR_URL"] ?? "http://localhost:7074/"),
    };
}
