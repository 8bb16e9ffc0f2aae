using System.Globalization;
using System.Text.Json.Nodes;
using Alter.Testing;
using Alter.Tests.Apps;

namespace Alter.Tests.Cli;

public sealed class CheckDocumentTests : IAsyncLifetime
{
    private readonly CommandLine machine = new();
    private FakeIdentityProvider issuer = null!;

    public async ValueTask InitializeAsync() => issuer = await FakeIdentityProvider.StartAsync(TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        machine.Dispose();
        await issuer.DisposeAsync();
    }

    [Fact]
    public async Task A_document_with_everything_in_place_is_right_and_its_redirect_uris_are_ready_to_paste()
    {
        machine.Has("alter.json", Local()).Has("local.settings.json", """{ "IsEncrypted": false, "Values": { "ALTER_SECRET_SHOP_GOOGLE": "s3cret-value" } }""");
        machine.Environment["ALTER_SECRET_SHOP_GITHUB"] = "another-value";

        var (exit, output) = await machine.RunAsync(["check"]);

        Assert.Equal(0, exit);
        Assert.Contains("http://localhost:7071/oauth/callback/shop/google", output, StringComparison.Ordinal);
        Assert.Contains("http://localhost:7071/oauth/callback/shop/github", output, StringComparison.Ordinal);
        Assert.Contains($"{issuer.Issuer}: signing keys found, issuer equal", output, StringComparison.Ordinal);
        Assert.Contains("shop-google: setting ALTER_SECRET_SHOP_GOOGLE", output, StringComparison.Ordinal);
        Assert.DoesNotContain("-value", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(machine.PathOf(".alter")), "A check must not make a key.");
    }

    [Fact]
    public async Task What_this_machine_alone_has_is_not_taken_for_a_deployments()
    {
        machine.Has("alter.json", $$"""
            { "apps": { "robots": { "name": "Robots", "owner": "app", "keys": [{ "id": "k1", "sha256": "{{new string('a', 64)}}" }],
              "providers": { "github": { "client_id": "Iv1.0a", "client_secret": { "secret": "robots-github" } } } } } }
            """).Has("other.json", "{ }").Has("local.settings.json", """
            { "IsEncrypted": false, "Values": { "ALTER_SECRET_ROBOTS_GITHUB": "s3cret-value", "ALTER_CONFIG": "other.json", "ALTER_SUSPENDED": "true" } }
            """);

        var (exit, output) = await machine.RunAsync(["check", "--offline", "--public-url", "https://vault.acme.com"]);
        Assert.Contains("--  robots-github: set ALTER_SECRETS_VAULT_URI to look for it from here, or ALTER_SECRET_ROBOTS_GITHUB", output, StringComparison.Ordinal);
        Assert.DoesNotContain("suspended", output, StringComparison.Ordinal);
        Assert.Equal(0, exit);

        (_, output) = await machine.RunAsync(["check", "--offline"]);
        Assert.Contains("other.json", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_mistakes_of_the_document_come_at_once()
    {
        machine.Has("alter.json", """{ "public_url": "https://vault.acme.com", "Apps": {}, "apps": { "Shop": {} }, "policies": [] }""");

        var (exit, output) = await machine.RunAsync(["check", "--offline"]);

        Assert.Equal(1, exit);
        Assert.All(["Apps:", "apps.Shop:", "policies:"], path => Assert.Contains($"!!  {path}", output, StringComparison.Ordinal));
        Assert.Contains("problems.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policies_are_listed_and_those_that_can_allow_nobody_are_problems()
    {
        var document = JsonNode.Parse(Local())!;
        document["apps"]!["shop"]!["policies"] = JsonNode.Parse("""
            [ { "name": "hours", "kind": "time_of_day", "days": ["mon"], "zone": "Europe/Berlin" },
              { "name": "office", "kind": "caller_address", "cidrs": ["203.0.113.0/24"] },
              { "name": "staff", "kind": "groups", "any_of": ["staff"] },
              { "name": "gentle", "kind": "rate", "per": "user", "limit": 60, "window_seconds": 60 } ]
            """);
        document["apps"]!["shop"]!["providers"]!["github"]!["policies"] = JsonNode.Parse("""[{ "name": "reads", "kind": "request", "methods": ["GET"] }]""");
        machine.Has("alter.json", document.ToJsonString());

        var (exit, output) = await machine.RunAsync(["check", "--offline"]);

        Assert.Equal(1, exit);
        Assert.Contains("ok  shop: hours (time_of_day) mon all day Europe/Berlin", output, StringComparison.Ordinal);
        Assert.Contains("!!  shop: office (caller_address) 203.0.113.0/24. It denies every call: the document has no caller_address", output, StringComparison.Ordinal);
        Assert.Contains("!!  shop: staff (groups) staff. It denies every call: none of the app's identity providers has a groups_claim", output, StringComparison.Ordinal);
        Assert.Contains("ok  shop: gentle (rate) 60 in 60 s per user", output, StringComparison.Ordinal);
        Assert.Contains("ok  shop github: reads (request) GET on any path", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_is_no_document_that_is_said()
    {
        var (exit, output) = await machine.RunAsync(["check", "--config", "elsewhere/alter.json"]);

        Assert.Equal(1, exit);
        Assert.Contains("There is no file", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_secret_is_named_with_the_setting_it_belongs_in()
    {
        machine.Has("alter.json", Local());
        machine.Environment["ALTER_SECRET_SHOP_GITHUB"] = "another-value\n";

        var (exit, output) = await machine.RunAsync(["check", "--offline"]);

        Assert.Equal(1, exit);
        Assert.Contains("shop-google: Setting ALTER_SECRET_SHOP_GOOGLE is not there", output, StringComparison.Ordinal);
        Assert.Contains("shop-github: The setting ALTER_SECRET_SHOP_GITHUB is empty or has characters no client secret has", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("""{ "Values": {} }""")]
    [InlineData("""{ "IsEncrypted": true, "Values": {} }""")]
    [InlineData("hunter2")]
    public async Task Local_settings_that_cannot_be_read_are_a_problem_of_their_own(string? text)
    {
        machine.Has("alter.json", """{ "apps": {} }""");
        if (text is not null)
        {
            machine.Has("local.settings.json", text);
        }

        var (exit, output) = await machine.RunAsync(["check"]);

        Assert.Equal(text is null ? 0 : 1, exit);
        Assert.Equal(text is not null, output.Contains("!!  local.settings.json", StringComparison.Ordinal));
        Assert.DoesNotContain("hunter2", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("down", "has no discovery document")]
    [InlineData("slash", "with or without the slash at the end")]
    [InlineData("keys", "no usable key")]
    public async Task An_issuer_that_cannot_serve_is_a_problem_and_offline_nobody_is_asked(string fault, string expected)
    {
        machine.Has("alter.json", Local());
        machine.Environment["ALTER_SECRET_SHOP_GOOGLE"] = machine.Environment["ALTER_SECRET_SHOP_GITHUB"] = "s";
        switch (fault)
        {
            case "down":
                issuer.IsDown = true;
                break;
            case "slash":
                issuer.Issuer += "/";
                break;
            default:
                issuer.Keys = () => "{\"keys\":[]}";
                break;
        }

        var (exit, output) = await machine.RunAsync(["check"]);
        var (offlineExit, offline) = await machine.RunAsync(["check", "--offline"]);

        Assert.Equal((1, 0), (exit, offlineExit));
        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.Contains("1 not asked (--offline)", offline, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_public_url_elsewhere_judges_the_document_as_the_deployment_would()
    {
        machine.Has("alter.json", Local());

        var (exit, output) = await machine.RunAsync(["check", "--offline", "--public-url", "https://vault.acme.com"]);

        Assert.Equal(1, exit);
        Assert.Contains("identity_providers.main.allow_insecure_local", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_lies_in_a_deployments_key_vault_is_looked_up_where_its_address_is_known()
    {
        await using var vault = await Alter.Testing.FakeKeyVault.StartAsync();
        var version = vault.AddKey();
        machine.KeyVault = _ => vault.Client();
        machine.Has("alter.json", Documents.With("apps.shop.branding", null)); // Its logo would have to lie beside it.

        var (unknown, first) = await machine.RunAsync(["check", "--offline"]);
        machine.Environment["ALTER_KEK_VAULT_URI"] = "https://acme.vault.azure.net";
        machine.Environment["ALTER_SECRETS_VAULT_URI"] = "https://acme.vault.azure.net";
        var (asked, second) = await machine.RunAsync(["check", "--offline"]);

        Assert.Equal((0, 0), (unknown, asked));
        Assert.Contains("set ALTER_KEK_VAULT_URI to look for it from here", first, StringComparison.Ordinal);
        Assert.Contains("shop-erp: set ALTER_SECRETS_VAULT_URI", first, StringComparison.Ordinal);
        Assert.Contains("not asked (--offline)", second, StringComparison.Ordinal);
        Assert.Empty(vault.Reads);
        Assert.DoesNotContain(version, second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_in_key_vault_is_read_and_a_secret_that_is_not_there_is_a_problem()
    {
        await using var vault = await Alter.Testing.FakeKeyVault.StartAsync();
        var version = vault.AddKey();
        machine.KeyVault = _ => vault.Client();
        machine.Environment["ALTER_KEK_VAULT_URI"] = machine.Environment["ALTER_SECRETS_VAULT_URI"] = "https://acme.vault.azure.net";
        machine.Has("alter.json", $$"""
            {
              "public_url": "https://vault.acme.com",
              "apps": {
                "robots": {
                  "name": "Robots", "owner": "app", "keys": [{ "id": "k1", "sha256": "{{Documents.DigestOne}}" }],
                  "providers": { "github": { "client_id": "Iv1.0a", "client_secret": { "secret": "robots-github" } } } } }
            }
            """);

        var (exit, output) = await machine.RunAsync(["check"]);
        vault.IsForbidden = true;
        var (_, forbidden) = await machine.RunAsync(["check"]);

        Assert.Equal(1, exit);
        Assert.Contains($"ok  Key Vault secret alter-kek at acme.vault.azure.net, version {version[..8]}…", output, StringComparison.Ordinal);
        Assert.Contains("!!  robots-github: Key Vault has no secret of this name (404).", output, StringComparison.Ordinal);
        Assert.Contains("--  Key Vault secret alter-kek at acme.vault.azure.net: you have no right to read it", forbidden, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sign_in_has_a_secret_and_a_redirect_uri_of_its_own()
    {
        machine.Has("alter.json", WithSignIn("alter"));

        var (_, output) = await machine.RunAsync(["check", "--offline"]);

        Assert.Contains("!!  main-alter: Setting ALTER_SECRET_MAIN_ALTER is not there", output, StringComparison.Ordinal);
        Assert.Contains("shop main  http://localhost:7071/oauth/signin/shop/main", output, StringComparison.Ordinal);
        Assert.Contains("main  http://localhost:7071/wallet/signin/main", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pairwise", "alter", "!!  sign-in of shop, {0}: Identity provider main gives every client another sub.")]
    [InlineData("pairwise", "https://api.acme.com", "ok  sign-in of shop, {0}: endpoints found")]
    [InlineData("public", "alter", "ok  sign-in of shop, {0}: endpoints found")]
    public async Task A_sign_in_that_could_never_name_the_user_is_a_problem(string subjects, string client, string expected)
    {
        machine.Has("alter.json", WithSignIn(client));
        issuer.Discovery = metadata =>
        {
            metadata["subject_types_supported"] = new JsonArray(subjects);
            metadata["authorization_endpoint"] = $"{issuer.Url}/authorize";
            metadata["token_endpoint"] = $"{issuer.Url}/token";
            return metadata.ToJsonString();
        };

        var (_, output) = await machine.RunAsync(["check"]);

        Assert.Contains(string.Format(CultureInfo.InvariantCulture, expected, issuer.Issuer), output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sign_in_without_endpoints_is_a_problem()
    {
        machine.Has("alter.json", WithSignIn("alter"));

        var (_, output) = await machine.RunAsync(["check"]);

        Assert.Contains($"!!  sign-in of shop, {issuer.Issuer}: The metadata of the sign-in of Acme Shop names no authorization_endpoint or no token_endpoint.", output, StringComparison.Ordinal);
    }

    private string WithSignIn(string client) => Local().Replace(
        "\"allow_insecure_local\": true }",
        $$"""
        "allow_insecure_local": true, "sign_in": { "client_id": "{{client}}", "client_secret": { "secret": "main-alter" } } }
        """,
        StringComparison.Ordinal);

    private string Local() => $$"""
        {
          "identity_providers": { "main": { "issuer": "{{issuer.Url}}", "audiences": ["https://api.acme.com"], "allow_insecure_local": true } },
          "apps": {
            "shop": {
              "name": "Acme Shop", "keys": [{ "id": "k1", "sha256": "{{Documents.DigestOne}}" }], "identity_providers": ["main"],
              "providers": {
                "google": { "client_id": "1.apps.googleusercontent.com", "client_secret": { "secret": "shop-google" } },
                "github": { "client_id": "Iv1.0a", "client_secret": { "secret": "shop-github" } } } } }
        }
        """;
}
