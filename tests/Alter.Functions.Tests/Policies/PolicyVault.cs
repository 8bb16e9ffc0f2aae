using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;

namespace Alter.Functions.Tests.Policies;

/// <summary>A vault whose document has policies and keys of every kind; the tests are the front end that appends to X-Forwarded-For.</summary>
public sealed class PolicyVault : IAsyncLifetime
{
    public const string Office = "203.0.113.7:49152";

    public const int Limit = 3;

    /// <summary>App <c>shop</c>; expired.</summary>
    public string Expired { get; } = DocumentKeys.New();

    /// <summary>App <c>shop</c>; deprecated.</summary>
    public string Deprecated { get; } = DocumentKeys.New();

    /// <summary>App <c>shop</c>; good from the office alone.</summary>
    public string Bound { get; } = DocumentKeys.New();

    public RunningVault Vault { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Vault = await RunningVault.StartAsync(new RunningSetup { Workers = 2, Change = Change });

    public ValueTask DisposeAsync() => Vault?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>A user's JWT for app <c>mall</c>, with these groups.</summary>
    public string MallToken(string subject, params string[] groups) => Vault.Users.Token(claims =>
    {
        claims["sub"] = subject;
        claims["aud"] = "https://mall.acme.com";
        claims["realm"] = new JsonObject { ["roles"] = new JsonArray([.. groups.Select(group => JsonValue.Create(group))]) };
    });

    private void Change(JsonObject document)
    {
        document["caller_address"] = JsonNode.Parse("""{ "header": "X-Forwarded-For", "trusted_hops": 1 }""");
        document["identity_providers"]!["mall"]!["groups_claim"] = "realm.roles";
        var shop = document["apps"]!["shop"]!;
        shop["keys"]!.AsArray().Add(Key("expired", Expired, "expires_at", "2026-01-01T00:00:00Z"));
        shop["keys"]!.AsArray().Add(Key("deprecated", Deprecated, "deprecated", true));
        shop["keys"]!.AsArray().Add(Key("bound", Bound, "cidrs", new JsonArray("203.0.113.0/24")));
        shop["providers"]!["crm"]!["policies"] = JsonNode.Parse("""[{ "name": "office", "kind": "caller_address", "cidrs": ["203.0.113.0/24", "2001:db8::/32"] }]""");
        shop["providers"]!["erp"]!["policies"] = JsonNode.Parse($$"""[{ "name": "few", "kind": "rate", "per": "user", "limit": {{Limit}}, "window_seconds": 86400 }]""");
        document["apps"]!["mall"]!["policies"] = JsonNode.Parse("""
            [{ "name": "staff", "kind": "groups", "any_of": ["staff"] }, { "name": "reads", "kind": "request", "methods": ["GET"] }]
            """);
    }

    private static JsonObject Key(string id, string key, string member, JsonNode value) => new()
    {
        ["id"] = id,
        ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key))),
        [member] = value,
    };
}
