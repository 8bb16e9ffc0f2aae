using System.Text.Json.Nodes;
using Alter.Apps;

namespace Alter.Tests.Apps;

/// <summary>A document that is right, to be changed at one place per test.</summary>
internal static class Documents
{
    public const string DigestOne = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    public const string DigestTwo = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";

    public static readonly HostSituation Production = new(false, true, "https://vault.azurewebsites.net", null);
    public static readonly HostSituation Development = new(true, false, "http://localhost:7071", null);

    public const string Right = $$"""
        {
          "$schema": "docs/alter.schema.json", // comments are welcome
          "public_url": "https://vault.acme.com/",
          "key_encryption": { "source": "key_vault", "secret": "alter-kek" },
          "audit": { "retention_months": 13 },
          "identity_providers": {
            "auth0": { "kind": "auth0", "issuer": "https://acme.eu.auth0.com/", "audiences": ["https://api.acme.com"], "sign_in": { "client_id": "alter", "client_secret": { "secret": "auth0-alter" } } },
            "clerk": { "kind": "clerk", "issuer": "https://clerk.acme.dev", "authorized_parties": ["https://shop.acme.dev"] },
          },
          "apps": {
            "shop": {
              "name": "Acme Shop", "website_url": "https://shop.acme.com", "branding": { "accent": "#0b5" },
              "keys": [ { "id": "2026_11", "sha256": "{{DigestOne}}", "scopes": ["connect:initiate", "proxy:execute"] } ],
              "identity_providers": ["auth0"],
              "origins": ["https://shop.acme.com/", "https://SHOP.acme.com:443"],
              "return_urls": ["https://shop.acme.com/connected"],
              "providers": {
                "erp": { "definition": { "name": "Acme ERP", "issuer": "https://login.erp.acme.com", "api_hosts": ["api.erp.acme.com"] },
                         "client_id": "shop", "client_secret": { "secret": "shop-erp" }, "scopes": ["orders.read", "orders.write"], "required_scopes": ["orders.read"] } },
              "grants": { "default_ttl_seconds": 7776000, "max_ttl_seconds": 31536000 } },
            "robots": {
              "name": "Nightly jobs", "owner": "app",
              "keys": [ { "id": "2026_11", "sha256": "{{DigestTwo}}" } ],
              "providers": {
                "erp": { "definition": { "name": "Acme ERP", "issuer": "https://login.erp.acme.com", "api_hosts": ["api.erp.acme.com"] },
                         "client_id": "robots", "client_secret": { "secret": "robots-erp" } } } }
          }
        }
        """;

    /// <summary>The right document, or another, with the member at a path set to JSON text; null removes it.</summary>
    public static string With(string path, string? json, string document = Right)
    {
        var root = JsonNode.Parse(document, null, new() { AllowTrailingCommas = true, CommentHandling = System.Text.Json.JsonCommentHandling.Skip })!.AsObject();
        var names = path.Split('.');
        JsonNode at = root;
        foreach (var name in names[..^1])
        {
            at = int.TryParse(name, out var index) ? at[index]! : at[name]!;
        }

        if (json is null)
        {
            at.AsObject().Remove(names[^1]);
        }
        else
        {
            at[names[^1]] = JsonNode.Parse(json);
        }

        return root.ToJsonString();
    }

    public static ConfigurationReading Read(string json) => ConfigurationReader.Read(json, Production);
}
