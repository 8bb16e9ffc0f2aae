using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Alter.Apps;

namespace Alter.Functions.Tests.Running;

/// <summary>The app keys of one vault, in the open.</summary>
public sealed class DocumentKeys
{
    /// <summary>App <c>shop</c>, with the scopes a key has by default.</summary>
    public string Shop { get; } = New();

    /// <summary>App <c>shop</c>, <c>grants:read</c> alone.</summary>
    public string Reader { get; } = New();

    /// <summary>App <c>shop</c>, every scope, <c>grants:any_user</c> among them.</summary>
    public string Jobs { get; } = New();

    /// <summary>App <c>shop</c>, <c>audit:read</c> alone.</summary>
    public string Auditor { get; } = New();

    /// <summary>App <c>solo</c>, which owns its grants itself.</summary>
    public string Solo { get; } = New();

    /// <summary>App <c>mall</c>: the shop's users with another audience; its key may act for any user.</summary>
    public string Mall { get; } = New();

    /// <summary>App <c>desk</c>: its identity provider has a client for the vault.</summary>
    public string Desk { get; } = New();

    /// <summary>A key no document has.</summary>
    public static string New() => AppKeys.Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}

/// <summary>The document of a running vault.</summary>
internal static class VaultDocument
{
    public const string CalendarSecret = "calendar-client-secret-5d1c0b";

    public const string ShopOrigin = "http://localhost:7072";

    public static string For(RunningVault vault, Action<JsonObject>? change = null)
    {
        var document = Usual(vault);
        change?.Invoke(document);
        return document.ToJsonString();
    }

    private static JsonObject Usual(RunningVault vault) => new()
    {
        ["identity_providers"] = new JsonObject
        {
            ["quickstart"] = IdentityProvider(vault.IdentityProviderUrl.AbsoluteUri, "https://quickstart.example/api"),
            ["acme"] = IdentityProvider(vault.Users.Issuer, "https://api.acme.com"),
            ["mall"] = IdentityProvider(vault.Users.Issuer, "https://mall.acme.com"),
            ["people"] = WithSignIn(IdentityProvider(vault.People.Issuer, "https://desk.acme.com")),
        },
        ["apps"] = new JsonObject
        {
            ["shop"] = new JsonObject
            {
                ["name"] = "Acme Shop",
                ["website_url"] = ShopOrigin,
                ["branding"] = new JsonObject { ["logo"] = "shop.svg", ["accent"] = "#0b5" },
                ["keys"] = new JsonArray(
                    Key("main", vault.Keys.Shop),
                    Key("reader", vault.Keys.Reader, "grants:read"),
                    Key("auditor", vault.Keys.Auditor, "audit:read"),
                    Key("jobs", vault.Keys.Jobs, "connect:initiate", "grants:read", "grants:revoke", "proxy:execute", "grants:any_user")),
                ["identity_providers"] = new JsonArray("quickstart", "acme"),
                ["origins"] = new JsonArray(ShopOrigin, "https://shop.acme.com"),
                ["return_urls"] = new JsonArray($"{ShopOrigin}/connected", "https://shop.acme.com/connected"),
                ["providers"] = new JsonObject
                {
                    ["calendar"] = Calendar(vault),
                    ["erp"] = Fake(vault, vault.Erp, "Acme ERP", "shop client", sendsIss: true),
                    ["crm"] = Fake(vault, vault.Crm, "Acme CRM", "shop client", sendsIss: false),
                },
            },
            ["solo"] = new JsonObject
            {
                ["name"] = "Acme Robot",
                ["website_url"] = "https://robot.acme.com",
                ["owner"] = "app",
                ["keys"] = new JsonArray(Key("main", vault.Keys.Solo)),
                ["providers"] = new JsonObject { ["erp"] = Fake(vault, vault.Erp, "Acme ERP", "solo client", sendsIss: true) },
            },
            ["mall"] = new JsonObject
            {
                ["name"] = "Acme Mall",
                ["website_url"] = "https://mall.acme.com",
                ["identity_providers"] = new JsonArray("mall"),
                ["keys"] = new JsonArray(Key("main", vault.Keys.Mall, "connect:initiate", "grants:read", "grants:revoke", "proxy:execute", "grants:any_user")),
                ["providers"] = new JsonObject { ["erp"] = Fake(vault, vault.Erp, "Acme ERP", "mall client", sendsIss: true) },
            },
            ["desk"] = new JsonObject
            {
                ["name"] = "Acme Desk",
                ["identity_providers"] = new JsonArray("people"),
                ["keys"] = new JsonArray(Key("main", vault.Keys.Desk)),
                ["origins"] = new JsonArray("https://desk.acme.com"),
                ["providers"] = new JsonObject
                {
                    ["erp"] = Fake(vault, vault.Erp, "Acme ERP", "desk client", sendsIss: true),
                    ["crm"] = Fake(vault, vault.Crm, "Acme CRM", "desk client", sendsIss: false),
                },
            },
        },
    };

    private static JsonObject IdentityProvider(string issuer, string audience) =>
        new() { ["issuer"] = issuer, ["audiences"] = new JsonArray(audience), ["allow_insecure_local"] = true };

    private static JsonObject WithSignIn(JsonObject identityProvider)
    {
        identityProvider["sign_in"] = new JsonObject { ["client_id"] = "alter", ["client_secret"] = new JsonObject { ["secret"] = "shop-erp" } };
        return identityProvider;
    }

    private static JsonObject Key(string id, string key, params string[] scopes)
    {
        var entry = new JsonObject { ["id"] = id, ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key))) };
        if (scopes.Length > 0)
        {
            entry["scopes"] = new JsonArray([.. scopes.Select(scope => JsonValue.Create(scope))]);
        }

        return entry;
    }

    // The catalogue's own definition, at another port.
    private static JsonObject Calendar(RunningVault vault)
    {
        var shipped = File.ReadAllText(Path.Combine(RunningVault.Checkout, "src/Alter.Shared/Providers/catalog/calendar.json"));
        return new JsonObject
        {
            ["definition"] = JsonNode.Parse(shipped.Replace("localhost:7074", vault.CalendarUrl.Authority, StringComparison.Ordinal)),
            ["client_id"] = "alter-vault",
            ["client_secret"] = new JsonObject { ["secret"] = "shop-calendar" },
            ["scopes"] = new JsonArray("openid", "email", "profile", "offline_access", "calendar.read", "calendar.write"),
        };
    }

    private static JsonObject Fake(RunningVault vault, Testing.FakeProvider provider, string name, string clientId, bool sendsIss) => new()
    {
        ["definition"] = new JsonObject
        {
            ["name"] = name,
            ["issuer"] = provider.Issuer,
            ["authorization_endpoint"] = $"{provider.Issuer}/authorize",
            ["token_endpoint"] = $"{provider.Issuer}/token",
            ["revocation_endpoint"] = $"{provider.Issuer}/revoke",
            ["authorization_response_iss_parameter_supported"] = sendsIss,
            ["api_hosts"] = new JsonArray(vault.Upstream.Url.Authority, $"127.0.0.1:{vault.ClosedPort}", "api.erp.acme.com"),
            ["account"] = new JsonObject { ["url"] = $"{provider.Issuer}/account", ["id"] = "id" },
            ["scope_descriptions"] = new JsonObject { ["orders.read"] = "See your orders" },
            ["allow_insecure_local"] = true,
        },
        ["client_id"] = clientId,
        ["client_secret"] = new JsonObject { ["secret"] = "shop-erp" },
        ["scopes"] = new JsonArray("orders.read", "orders.write"),
        ["required_scopes"] = new JsonArray("orders.read"),
    };
}
