using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Alter.Testing;

namespace Alter.Bench.Running;

/// <summary>The document of a vault under measurement: one app, one provider per kind of rotation, one that people connect to.</summary>
internal static class BenchDocument
{
    public const string Audience = "https://api.acme.com";
    public const string Origin = "https://shop.acme.com";

    public static string For(BenchVault vault, IReadOnlyDictionary<string, string> policies, string? apiHost)
    {
        var providers = new JsonObject { ["erp"] = Connectable(vault.Erp) };
        foreach (var (id, server) in vault.Servers)
        {
            var provider = Refreshable(id, server, apiHost);
            if (policies.TryGetValue(id, out var list))
            {
                provider["policies"] = JsonNode.Parse(list);
            }

            providers[id] = provider;
        }

        return new JsonObject
        {
            ["key_encryption"] = new JsonObject { ["source"] = vault.KeyVault is null ? "local" : "key_vault", ["secret"] = FakeKeyVault.Secret },
            ["identity_providers"] = new JsonObject
            {
                ["acme"] = new JsonObject { ["issuer"] = vault.Users.Issuer, ["audiences"] = new JsonArray(Audience), ["allow_insecure_local"] = true },
            },
            ["apps"] = new JsonObject
            {
                [BenchVault.App] = new JsonObject
                {
                    ["name"] = "Acme Shop",
                    ["website_url"] = Origin,
                    ["keys"] = new JsonArray(new JsonObject
                    {
                        ["id"] = "main",
                        ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(vault.Key))),
                    }),
                    ["identity_providers"] = new JsonArray("acme"),
                    ["origins"] = new JsonArray(Origin),
                    ["return_urls"] = new JsonArray($"{Origin}/connected"),
                    ["providers"] = providers,
                },
            },
        }.ToJsonString();
    }

    private static JsonObject Refreshable(string id, FakeTokenServer server, string? apiHost)
    {
        var definition = Definition(id, server.Url);
        if (apiHost is not null)
        {
            ((JsonArray)definition["api_hosts"]!).Add(apiHost);
        }

        definition["rotation"] = id;
        if (server.Grace > TimeSpan.Zero)
        {
            definition["rotation_grace_seconds"] = (int)server.Grace.TotalSeconds;
        }

        return Used(definition);
    }

    private static JsonObject Connectable(FakeProvider provider)
    {
        var definition = Definition("erp", new Uri(provider.Issuer));
        definition["issuer"] = provider.Issuer;
        definition["revocation_endpoint"] = $"{provider.Issuer}/revoke";
        definition["authorization_response_iss_parameter_supported"] = true;
        return Used(definition);
    }

    private static JsonObject Definition(string id, Uri url) => new()
    {
        ["name"] = $"Acme {id}",
        ["authorization_endpoint"] = new Uri(url, "/authorize").AbsoluteUri,
        ["token_endpoint"] = new Uri(url, "/token").AbsoluteUri,
        ["api_hosts"] = new JsonArray(url.Authority),
        ["account"] = new JsonObject { ["url"] = new Uri(url, "/account").AbsoluteUri, ["id"] = "id" },
        ["allow_insecure_local"] = true,
    };

    private static JsonObject Used(JsonObject definition) => new()
    {
        ["definition"] = definition,
        ["client_id"] = "shop client",
        ["client_secret"] = new JsonObject { ["secret"] = A.ClientSecretName },
        ["scopes"] = new JsonArray("orders.read", "orders.write"),
        ["required_scopes"] = new JsonArray("orders.read"),
    };
}
