using System.Globalization;

namespace Alter.Start;

/// <summary>What is to run, and where.</summary>
internal sealed record ProductPlan(Checkout Checkout, StateFolder State, QuickstartPorts Ports)
{
    /// <summary>How many worker processes stand behind the vault's address.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>For the story alone: tokens that expire while it is told, and servers that say what they were asked.</summary>
    public TimeSpan? ShortLivedTokens { get; init; }

    public string AppKey => State.Secret("app-key", "alter_key_app_");

    /// <summary>For samples/Worker, which calls for people who are not there.</summary>
    public string WorkerKey => State.Secret("worker-key", "alter_key_app_");

    private string CalendarSecret => State.Secret("calendar-secret");

    public Dictionary<string, string> VaultSettings(string storage)
    {
        var settings = new Dictionary<string, string>
        {
            ["AlterStorage"] = storage,
            ["AzureWebJobsStorage"] = storage,
            ["AZURE_FUNCTIONS_ENVIRONMENT"] = "Development",
            ["ALTER_CONFIG"] = State.Document,
            ["ALTER_PUBLIC_URL"] = Origin(Ports.VaultUrl),
            ["ALTER_STATE_DIRECTORY"] = State.Path,
            ["ALTER_SECRET_SHOP_CALENDAR"] = CalendarSecret,
        };
        if (ShortLivedTokens is not null)
        {
            settings["AzureWebJobs__RunPeriodicWork__Disabled"] = "true"; // It renews tokens ahead of expiry, and the story counts renewals.
        }

        return settings;
    }

    public Dictionary<string, string> ShopSettings() => Server(Ports.Shop, new()
    {
        ["VAULT_URL"] = Origin(Ports.VaultUrl),
        ["IDP_URL"] = Ports.IdentityProviderUrl.AbsoluteUri,
        ["CALENDAR_URL"] = Ports.CalendarUrl.AbsoluteUri,
        ["ALTER_API_KEY"] = AppKey,
    });

    public Dictionary<string, string> IdentityProviderSettings()
    {
        var settings = Server(Ports.IdentityProvider, new() { ["SHOP_URL"] = Ports.ShopUrl.AbsoluteUri, ["VAULT_URL"] = Ports.VaultUrl.AbsoluteUri });
        settings["DEMO_CONTROLS"] = "1"; // A demo user's token without a browser: for curl.
        return settings;
    }

    public Dictionary<string, string> CalendarSettings()
    {
        var settings = Server(Ports.Calendar, new() { ["VAULT_URL"] = Ports.VaultUrl.AbsoluteUri, ["CALENDAR_CLIENT_SECRET"] = CalendarSecret });
        if (ShortLivedTokens is { } lifetime)
        {
            settings["ACCESS_TOKEN_SECONDS"] = lifetime.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        }

        return settings;
    }

    private Dictionary<string, string> Server(int port, Dictionary<string, string> settings)
    {
        settings["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        settings["DEMO_CONTROLS"] = ShortLivedTokens is null ? "0" : "1";
        settings["Logging__Console__FormatterName"] = "simple";
        settings["Logging__Console__FormatterOptions__SingleLine"] = "true";
        return settings;
    }

    private static string Origin(Uri url) => url.GetLeftPart(UriPartial.Authority);
}
