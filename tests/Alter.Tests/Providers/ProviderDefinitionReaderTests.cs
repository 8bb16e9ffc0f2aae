using System.Text.Json.Nodes;
using Alter.Providers;

namespace Alter.Tests.Providers;

public class ProviderDefinitionReaderTests
{
    private const string Right = """
        {
          "id": "airtable", "name": "Airtable", "documentation": "https://airtable.com/developers/web/api/oauth-reference",
          "authorization_endpoint": "https://airtable.com/oauth2/v1/authorize", "token_endpoint": "https://airtable.com/oauth2/v1/token",
          "token_endpoint_auth_method": "client_secret_basic", "pkce": "S256",
          "api_hosts": ["api.airtable.com"], "default_scopes": ["user.email:read"],
          "account": { "url": "https://api.airtable.com/v0/meta/whoami", "id": "id", "identifier": "email", "email": "email" },
          "rotation": "grace", "rotation_grace_seconds": 30, "revocation": "none",
          "because": "default_scopes: an authorization request without any scope is refused."
        }
        """;

    [Fact]
    public void A_definition_is_read_in_the_words_of_the_field()
    {
        var definition = Read(Right).Definition!;

        Assert.Equal("https://airtable.com/oauth2/v1/token", definition.TokenEndpoint!.AbsoluteUri);
        Assert.Equal(["api.airtable.com"], definition.ApiHosts);
        Assert.Equal(TimeSpan.FromSeconds(30), definition.RotationGrace);
        Assert.Equal(RevocationKind.None, definition.Revocation);
        Assert.Equal("id", definition.Account.Id);
        Assert.Equal("name", definition.Account.DisplayName);
        Assert.True(definition.Pkce);
        Assert.False(definition.IsDiscovered);
        Assert.False(definition.IsOpenIdProvider);
    }

    [Fact]
    public void A_definition_says_in_words_what_its_scopes_are()
    {
        var definition = Read(With("scope_descriptions", "{ \"user.email:read\": \"See your email address\" }")).Definition!;

        Assert.Equal("See your email address", definition.ScopeDescriptions["user.email:read"]);
    }

    [Fact]
    public void An_issuer_alone_suffices()
    {
        var definition = Read("""{ "id": "erp", "name": "Acme ERP", "issuer": "https://login.erp.acme.com", "api_hosts": ["api.erp.acme.com"] }""").Definition!;

        Assert.True(definition.IsDiscovered);
        Assert.True(definition.IsOpenIdProvider);
    }

    [Theory]
    [InlineData("id", "\"Airtable\"", "id")]
    [InlineData("name", null, "name")]
    [InlineData("Name", "\"x\"", "Name")]
    [InlineData("token_endpoint", null, "token_endpoint")]
    [InlineData("token_endpoint", "\"http://airtable.com/t\"", "token_endpoint")]
    [InlineData("token_endpoint", "\"https://client@airtable.com/t\"", "token_endpoint")]
    [InlineData("token_endpoint", "\"https://airtable.com/t#x\"", "token_endpoint")]
    [InlineData("token_endpoint", "\"https://10.0.0.1/t\"", "token_endpoint")]
    [InlineData("token_endpoint", "\"http://localhost:1/t\"", "token_endpoint")]
    [InlineData("token_endpoint", "\"https://{subdomain}.airtable.com/t\"", "token_endpoint")]
    [InlineData("issuer", "\"https://airtable.com/?x\"", "issuer")]
    [InlineData("jwks_uri", "\"https://airtable.com/jwks\"", "jwks_uri")]
    [InlineData("token_endpoint_auth_method", "\"private_key_jwt\"", "token_endpoint_auth_method")]
    [InlineData("pkce", "true", "pkce")]
    [InlineData("pkce", "\"plain\"", "pkce")]
    [InlineData("authorization_response_iss_parameter_supported", "true", "authorization_response_iss_parameter_supported")]
    [InlineData("api_hosts", "[]", "api_hosts")]
    [InlineData("api_hosts", "[\"API.airtable.com\"]", "api_hosts[0]")]
    [InlineData("api_hosts", "[\"https://api.airtable.com\"]", "api_hosts[0]")]
    [InlineData("api_hosts", "[\"api.airtable.com/v0\"]", "api_hosts[0]")]
    [InlineData("api_hosts", "[\"com\"]", "api_hosts[0]")]
    [InlineData("api_hosts", "[\"*.*.airtable.com\"]", "api_hosts[0]")]
    [InlineData("api_hosts", "[\"api.*.com\"]", "api_hosts[0]")]
    [InlineData("api_hosts", "[\"*api.airtable.com\"]", "api_hosts[0]")]
    [InlineData("api_hosts", "[\"*.com\"]", "api_hosts[0]")]
    [InlineData("api_hosts", "[\"127.0.0.1\"]", "api_hosts[0]")]
    [InlineData("api_hosts", "[\"localhost:7074\"]", "api_hosts[0]")]
    [InlineData("api_hosts", "[\"api.airtable.com:0443\"]", "api_hosts[0]")]
    [InlineData("scope_separator", "\"\"", "scope_separator")]
    [InlineData("default_scopes", "[\"a b\"]", "default_scopes")]
    [InlineData("authorization_parameters", "{ \"redirect_uri\": \"https://evil.com\" }", "authorization_parameters.redirect_uri")]
    [InlineData("authorization_parameters", "{ \"State\": \"x\" }", "authorization_parameters.State")]
    [InlineData("authorization_parameters", "{ \"code_challenge_method\": \"plain\" }", "authorization_parameters.code_challenge_method")]
    [InlineData("authorization_parameters", "{ \"response_mode\": \"form_post\" }", "authorization_parameters.response_mode")]
    [InlineData("authorization_parameters", "{ \"scope\": \"admin\" }", "authorization_parameters.scope")]
    [InlineData("authorization_parameters", "{ \"request_uri\": \"x\" }", "authorization_parameters.request_uri")]
    [InlineData("authorization_parameters", "{ \"a&b\": \"x\" }", "authorization_parameters.(unreadable name)")]
    [InlineData("response_mode", "\"form_post\"", "response_mode")]
    [InlineData("scope_parameter", "\"user_scope\"", "scope_parameter")]
    [InlineData("token_answer", "{}", "token_answer")]
    [InlineData("scope_descriptions", "[\"See\"]", "scope_descriptions")]
    [InlineData("scope_descriptions", "{ \"orders.read\": 1 }", "scope_descriptions.(unreadable name)")]
    [InlineData("scope_descriptions", "{ \"orders\": \"\" }", "scope_descriptions.orders")]
    [InlineData("scope_descriptions", "{ \"a b\": \"See\" }", "scope_descriptions")]
    [InlineData("account", "{ \"subject\": \"id\" }", "account.subject")]
    [InlineData("account", "{ \"url\": \"http://api.airtable.com/me\" }", "account.url")]
    [InlineData("account", "{ \"id\": \"a..b\" }", "account.id")]
    [InlineData("account", "{ \"id_within\": \"\" }", "account.id_within")]
    [InlineData("revocation", "\"everything\"", "revocation")]
    [InlineData("revocation_endpoint", "\"https://airtable.com/revoke\"", "revocation_endpoint")]
    [InlineData("rotation_grace_seconds", null, "rotation_grace_seconds")]
    [InlineData("rotation", "\"strict\"", "rotation_grace_seconds")]
    [InlineData("batch_paths", "[\"batch\"]", "batch_paths[0]")]
    public void A_mistake_is_named_by_its_path(string member, string? value, string expected)
    {
        var (definition, mistakes) = Read(With(member, value));

        Assert.Null(definition);
        Assert.Equal(expected, Assert.Single(mistakes).Path);
    }

    [Theory]
    [InlineData("pkce", "false")]
    [InlineData("api_hosts", "[\"*.airtable.com\"]")]
    [InlineData("scope_parameter", "\"user_scope\"")]
    [InlineData("token_answer", "{ \"within\": \"authed_user\", \"token_type\": \"user\", \"success\": \"ok\", \"errors\": { \"bad\": \"invalid_grant\" }, \"scopes\": { \"long\": \"short\" } }")]
    public void What_is_odd_needs_a_reason(string member, string value)
    {
        Assert.StartsWith(member, Assert.Single(Read(With(member, value)).Mistakes).Path, StringComparison.Ordinal); // Its reason is another's.
        Assert.NotNull(Read(With(member, value, because: $"{member}: the documentation says so.")).Definition);
    }

    [Theory]
    [InlineData("scope_parameter", "\"redirect_uri\"", "scope_parameter")]
    [InlineData("token_answer", "{ \"within\": \"a.b\" }", "token_answer.within")]
    [InlineData("token_answer", "{ \"success\": \"\" }", "token_answer.success")]
    [InlineData("token_answer", "{ \"token_type\": \"a b\" }", "token_answer.token_type")]
    [InlineData("token_answer", "{ \"errors\": { \"bad\": \"retry\" } }", "token_answer.errors.bad")]
    [InlineData("token_answer", "{ \"errors\": { \"b d\": \"invalid_grant\" } }", "token_answer.errors.(unreadable name)")]
    [InlineData("token_answer", "{ \"scopes\": { \"long\": \"a b\" } }", "token_answer.scopes.long")]
    [InlineData("token_answer", "{ \"access_token\": \"token\" }", "token_answer.access_token")]
    public void A_mistake_in_what_is_odd_is_named_by_its_path(string member, string value, string expected) =>
        Assert.Equal(expected, Assert.Single(Read(With(member, value, because: $"{member}: the documentation says so.")).Mistakes).Path);

    [Fact]
    public void The_parameter_of_the_scopes_is_not_fixed_by_the_definition()
    {
        var root = JsonNode.Parse(With("scope_parameter", "\"user_scope\"", because: "scope_parameter: the documentation says so."))!;
        root["authorization_parameters"] = new JsonObject { ["user_scope"] = "admin" };

        Assert.Equal("authorization_parameters", Assert.Single(Read(root.ToJsonString()).Mistakes).Path);
    }

    [Fact]
    public void A_public_client_always_uses_pkce()
    {
        var root = JsonNode.Parse(With("pkce", "false", because: "pkce: refused."))!;
        root["token_endpoint_auth_method"] = "none";

        Assert.Equal("pkce", Assert.Single(Read(root.ToJsonString()).Mistakes).Path);
    }

    [Fact]
    public void A_local_definition_may_use_http_on_this_machine_alone()
    {
        const string Local = """
            { "id": "calendar", "name": "Calendar", "allow_insecure_local": true, "authorization_endpoint": "http://localhost:7074/authorize",
              "token_endpoint": "http://127.0.0.1:7074/token", "api_hosts": ["localhost:7074"] }
            """;

        Assert.NotNull(Read(Local).Definition);
        Assert.Equal("token_endpoint", Assert.Single(Read(Local.Replace("127.0.0.1", "192.168.0.1", StringComparison.Ordinal)).Mistakes).Path);
    }

    [Fact]
    public void The_schema_knows_the_members_the_reader_knows()
    {
        var schema = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder(), "provider.schema.json")))!;

        Assert.Equal(KnownBy(With("?", "1"), "(unreadable name)"), schema["properties"]!.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal(
            KnownBy(With("account", "{ \"?\": 1 }"), "account.(unreadable name)"),
            schema["properties"]!["account"]!["properties"]!.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));

        Assert.Equal(
            KnownBy(With("token_answer", "{ \"?\": 1 }", because: "token_answer: a test."), "token_answer.(unreadable name)"),
            schema["properties"]!["token_answer"]!["properties"]!.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));

        static string[] KnownBy(string json, string path) => Read(json).Mistakes.Single(mistake => mistake.Path == path).Example["one of ".Length..].Split(", ");
    }

    [Fact]
    public void Every_file_of_the_catalogue_is_right_and_embedded()
    {
        var files = Directory.GetFiles(Path.Combine(Folder(), "catalog"), "*.json");

        Assert.All(files, file =>
        {
            var (definition, mistakes) = Read(File.ReadAllText(file));
            Assert.Empty(mistakes);
            Assert.Equal(Path.GetFileNameWithoutExtension(file), definition!.Id);
            Assert.NotNull(ProviderCatalog.BuiltIn.Find(definition.Id));
        });
        Assert.Equal(files.Length, ProviderCatalog.BuiltIn.Ids.Count);
        Assert.Null(ProviderCatalog.BuiltIn.Find("nowhere"));
    }

    private static (ProviderDefinition? Definition, IReadOnlyList<ConfigurationMistake> Mistakes) Read(string json) => ProviderDefinitionReader.Read(json);

    private static string With(string member, string? json, string? because = null)
    {
        var root = JsonNode.Parse(Right)!.AsObject();
        root["because"] = because ?? root["because"]!.GetValue<string>();
        if (json is null)
        {
            root.Remove(member);
        }
        else
        {
            root[member] = JsonNode.Parse(json);
        }

        return root.ToJsonString();
    }

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Alter.Functions.sln")))
        {
            folder = folder.Parent!;
        }

        return Path.Combine(folder.FullName, "src", "Alter.Shared", "Providers");
    }
}
