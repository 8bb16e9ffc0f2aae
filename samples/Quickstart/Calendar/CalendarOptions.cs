namespace Quickstart.Calendar;

/// <summary>Where the calendar lives and which client it knows; the defaults are those of the quickstart.</summary>
public sealed record CalendarOptions
{
    /// <summary>Its origin, with a concrete port: the issuer is this origin with a slash.</summary>
    public Uri Url { get; init; } = new("http://localhost:7074/");

    /// <summary>The secret of every client.</summary>
    public required string ClientSecret { get; init; }

    /// <summary>The clients it knows, each with the exact addresses where it may receive codes.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Uri>> Clients { get; init; } = ClientsOf(new Uri("http://localhost:7071/"));

    /// <summary>Short on purpose: the refresh shows within a minute.</summary>
    public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Adds <c>/demo/…</c>, with which tests slow down, break and count. Never in the open.</summary>
    public bool DemoControls { get; init; }

    /// <summary>
    /// The clients of a vault whose app <c>shop</c> uses this server twice, as <c>calendar</c> and as <c>tasks</c>. Two, not one with two addresses:
    /// a code meant for one could be brought to the other (RFC 9700 §4.4).
    /// </summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<Uri>> ClientsOf(Uri vault) => new Dictionary<string, IReadOnlyList<Uri>>
    {
        ["alter-vault"] = [new(vault, "/oauth/callback/shop/calendar")],
        ["alter-vault-tasks"] = [new(vault, "/oauth/callback/shop/tasks")],
    };

    /// <summary>Reads PORT, VAULT_URL, CALENDAR_CLIENT_SECRET, ACCESS_TOKEN_SECONDS and DEMO_CONTROLS.</summary>
    public static CalendarOptions From(IConfiguration settings) => new()
    {
        Url = new Uri($"http://localhost:{settings["PORT"] ?? "7074"}/"),
        ClientSecret = settings["CALENDAR_CLIENT_SECRET"] is { Length: > 0 } secret
            ? secret
            : throw new InvalidOperationException("Set CALENDAR_CLIENT_SECRET to the secret the vault presents here; ./start makes one."),
        Clients = ClientsOf(new Uri(settings["VAULT_URL"] ?? "http://localhost:7071/")),
        AccessTokenLifetime = TimeSpan.FromSeconds(settings.GetValue("ACCESS_TOKEN_SECONDS", 45)),
        DemoControls = settings["DEMO_CONTROLS"] is "1",
    };
}
