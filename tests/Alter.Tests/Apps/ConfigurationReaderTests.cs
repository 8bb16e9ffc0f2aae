using Alter.Apps;
using Alter.Keys;
using CsCheck;

namespace Alter.Tests.Apps;

public class ConfigurationReaderTests
{
    [Fact]
    public void A_right_document_becomes_the_configuration()
    {
        var (configuration, mistakes) = Documents.Read(Documents.Right);

        Assert.Empty(mistakes);
        Assert.Equal("https://vault.acme.com", configuration!.PublicOrigin);
        Assert.Equal(new KeyEncryptionSettings(KeyEncryptionSource.KeyVault), configuration.KeyEncryption);
        Assert.Equal(2, configuration.KeyCount);
        Assert.Matches("^[0-9a-f]{12}$", configuration.Version);
        var shop = configuration.Apps["shop"];
        Assert.Equal(["https://shop.acme.com"], shop.Origins);
        Assert.Equal("https://acme.eu.auth0.com/", Assert.Single(shop.IdentityProviders).Issuer);
        Assert.Equal(["connect:initiate", "proxy:execute"], shop.Keys[0].Scopes.Order());
        Assert.Equal(Documents.DigestOne, Convert.ToHexStringLower(shop.Keys[0].Sha256));
        Assert.Equal("shop-erp", shop.Providers["erp"].ClientSecret);
        Assert.Equal(TimeSpan.FromDays(90), shop.GrantLifetime.Default);
        Assert.False(shop.OwnsItsGrants);
        var robots = configuration.Apps["robots"];
        Assert.True(robots.OwnsItsGrants);
        Assert.Equal(AppKeyScopes.Default, robots.Keys[0].Scopes);
    }

    [Fact]
    public void The_document_that_ships_is_right_everywhere()
    {
        const string Shipped = "{ /* no app yet */ \"apps\": {} }";

        var production = ConfigurationReader.Read(Shipped, Documents.Production).Configuration!;
        var development = ConfigurationReader.Read(Shipped, Documents.Development).Configuration!;

        Assert.Equal("https://vault.azurewebsites.net", production.PublicOrigin);
        Assert.Equal(KeyEncryptionSource.KeyVault, production.KeyEncryption.Source);
        Assert.Equal("http://localhost:7071", development.PublicOrigin);
        Assert.Equal(KeyEncryptionSource.Local, development.KeyEncryption.Source);
    }

    [Fact]
    public void All_mistakes_come_at_once()
    {
        var json = """
            { "public_url": "http://vault.acme.com/x", "Apps": {},
              "identity_providers": { "x": { "issuer": "https://x.com" } },
              "apps": { "shop": { "nam": "Shop", "keys": [ { "id": "k", "sha256": "tooshort" } ], "identity_providers": ["x", "y"],
                                  "origins": ["*"], "providers": { "nowhere": { "client_id": 7, "client_secret": "hunter2" } } } } }
            """;

        var (configuration, mistakes) = Documents.Read(json);

        Assert.Null(configuration);
        Assert.Equal(
            [
                "Apps", "apps.shop.identity_providers[1]", "apps.shop.keys[0].sha256", "apps.shop.nam", "apps.shop.name", "apps.shop.origins[0]",
                "apps.shop.providers.nowhere.client_id", "apps.shop.providers.nowhere.client_secret", "apps.shop.providers.nowhere.definition",
                "identity_providers.x.audiences", "public_url",
            ],
            mistakes.Select(mistake => mistake.Path).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Public_Url", "\"https://vault.acme.com\"", "Public_Url")]
    [InlineData("public_url", "null", "public_url")]
    [InlineData("public_url", "\"https://vault.acme.com/base\"", "public_url")]
    [InlineData("public_url", "\"http://localhost:7071\"", "public_url")]
    [InlineData("apps", "[]", "apps")]
    [InlineData("apps", null, "apps")]
    [InlineData("key_encryption.source", "\"local\"", "key_encryption.source")]
    [InlineData("key_encryption.secret", "\"Alter_Kek\"", "key_encryption.secret")]
    [InlineData("apps.shop.keys", "[]", "apps.shop.keys")]
    [InlineData("apps.shop.keys.0.sha256", "\"9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08\"", "apps.shop.keys[0].sha256")]
    [InlineData("apps.shop.keys.0.scopes", "[\"grants:everything\"]", "apps.shop.keys[0].scopes[0]")]
    [InlineData("apps.shop.identity_providers", null, "apps.shop.identity_providers")]
    [InlineData("apps.shop.identity_providers", "[]", "apps.shop.identity_providers")]
    [InlineData("apps.shop.owner", "\"app\"", "apps.shop.identity_providers")]
    [InlineData("apps.robots.owner", "\"robots\"", "apps.robots.owner")]
    [InlineData("apps.shop.website_url", "\"shop.acme.com\"", "apps.shop.website_url")]
    [InlineData("apps.shop.origins", "[\"null\"]", "apps.shop.origins[0]")]
    [InlineData("apps.shop.origins", "[\"http://localhost:5173\"]", "apps.shop.origins[0]")]
    [InlineData("apps.shop.return_urls", "[\"https://shop.acme.com/a/../b\"]", "apps.shop.return_urls[0]")]
    [InlineData("apps.shop.grants.default_ttl_seconds", "31536001", "apps.shop.grants.default_ttl_seconds")]
    [InlineData("apps.shop.grants.max_ttl_seconds", "1.5", "apps.shop.grants.max_ttl_seconds")]
    [InlineData("apps.shop.shared_audience", "\"yes\"", "apps.shop.shared_audience")]
    [InlineData("apps.shop.providers.erp.required_scopes", "[\"orders.delete\"]", "apps.shop.providers.erp.required_scopes")]
    [InlineData("apps.shop.providers.erp.scopes", "[\"orders.read\", \"orders.write orders.delete\"]", "apps.shop.providers.erp.scopes[1]")]
    [InlineData("apps.shop.providers.erp.client_secret", null, "apps.shop.providers.erp.client_secret")]
    [InlineData("apps.shop.providers.erp.definition.id", "\"other\"", "apps.shop.providers.erp.definition.id")]
    [InlineData("apps.shop.providers.erp.definition.allow_insecure_local", "true", "apps.shop.providers.erp.definition.allow_insecure_local")]
    [InlineData("identity_providers.auth0.issuer", "\"http://acme.eu.auth0.com/\"", "identity_providers.auth0.issuer")]
    [InlineData("identity_providers.auth0.allow_insecure_local", "true", "identity_providers.auth0.allow_insecure_local")]
    [InlineData("identity_providers.auth0.audiences", "[]", "identity_providers.auth0.audiences")]
    [InlineData("identity_providers.auth0.user_id_claim", "\"email\"", "identity_providers.auth0.user_id_claim")]
    [InlineData("identity_providers.auth0.user_id_claim", "\"preferred_username\"", "identity_providers.auth0.user_id_claim")]
    [InlineData("identity_providers.auth0.user_id_claim", "\"https://acme.com/email\"", "identity_providers.auth0.user_id_claim")]
    [InlineData("identity_providers.auth0.user_id_claim", "\"profile.nickname\"", "identity_providers.auth0.user_id_claim")]
    [InlineData("identity_providers.auth0.email_claim", "\"e mail\"", "identity_providers.auth0.email_claim")]
    [InlineData("apps.shop.providers.erp.client_id", "\"schön\"", "apps.shop.providers.erp.client_id")]
    [InlineData("identity_providers.auth0.issuer", "\"https://login.microsoftonline.com/{tenantid}/v2.0\"", "identity_providers.auth0.allowed_tenants")]
    [InlineData("identity_providers.auth0.issuer", "\"https://{tenantid}.acme.com/\"", "identity_providers.auth0.issuer")]
    [InlineData("identity_providers.auth0.allowed_tenants", "[\"t\"]", "identity_providers.auth0.allowed_tenants")]
    [InlineData("identity_providers.auth0.token_types", "[\"logout+jwt\"]", "identity_providers.auth0.token_types[0]")]
    [InlineData("identity_providers.auth0.max_token_lifetime_seconds", "0", "identity_providers.auth0.max_token_lifetime_seconds")]
    [InlineData("identity_providers.auth0.sign_in", "{}", "identity_providers.auth0.sign_in.client_id")]
    [InlineData("identity_providers.auth0.sign_in", "{\"client_id\":\"alter\",\"client_secret\":\"p4ssw0rd\"}", "identity_providers.auth0.sign_in.client_secret")]
    [InlineData("identity_providers.auth0.sign_in", "{\"client_id\":\"alter\",\"token_endpoint_auth_method\":\"client_secret_post\"}", "identity_providers.auth0.sign_in.token_endpoint_auth_method")]
    [InlineData("identity_providers.auth0.sign_in", "{\"client_id\":\"alter\",\"scopes\":[\"offline_access\"]}", "identity_providers.auth0.sign_in.scopes[0]")]
    [InlineData("identity_providers.auth0.sign_in", "{\"client_id\":\"alter\",\"token_endpoint\":\"http://evil.example/token\"}", "identity_providers.auth0.sign_in.token_endpoint")]
    public void A_mistake_is_named_by_its_path(string path, string? value, string expected)
    {
        var (configuration, mistakes) = Documents.Read(Documents.With(path, value));

        Assert.Null(configuration);
        Assert.Equal(expected, Assert.Single(mistakes).Path);
    }

    [Theory]
    [InlineData("policies")]
    [InlineData("branding")]
    [InlineData("identity_providers.auth0.roles_claim")]
    [InlineData("identity_providers.auth0.policies")]
    [InlineData("apps.shop.keys.0.policies")]
    public void A_member_of_a_later_version_is_refused_by_name(string path)
    {
        var mistake = Assert.Single(Documents.Read(Documents.With(path, "[]")).Mistakes);

        Assert.Contains($"'{path.Split('.')[^1]}' is not supported by this version", mistake.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_may_read_the_record_only_where_the_document_says_so()
    {
        Assert.Contains(AppKeyScopes.AuditRead, Documents.Read(Documents.With("apps.shop.keys.0.scopes", "[\"audit:read\"]")).Configuration!.Apps["shop"].Keys[0].Scopes);
        Assert.DoesNotContain(AppKeyScopes.AuditRead, AppKeyScopes.Default);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("121")]
    [InlineData("1.5")]
    [InlineData("\"13\"")]
    public void Retention_is_a_whole_number_of_months(string months) =>
        Assert.Equal("audit.retention_months", Assert.Single(Documents.Read(Documents.With("audit", $$"""{ "retention_months": {{months}} }""")).Mistakes).Path);

    [Fact]
    public void Retention_is_thirteen_months_unless_the_document_says_more_or_less()
    {
        Assert.Equal(13, Documents.Read(Documents.With("audit", "{}")).Configuration!.Audit.RetentionMonths);
        Assert.Equal(24, Documents.Read(Documents.With("audit", """{ "retention_months": 24 }""")).Configuration!.Audit.RetentionMonths);
    }

    [Theory]
    [InlineData("apps.shop.providers.erp.client_secret", "\"GOCSPX-hunter2\"")]
    [InlineData("apps.shop.providers.erp.client_secret", "{ \"secret\": \"GOCSPX-hunter2\" }")]
    [InlineData("apps.shop.providers.erp.client_secret", "{ \"GOCSPX-hunter2!\": true }")]
    [InlineData("apps.shop.providers.erp.client_secret", "[\"GOCSPX-hunter2\"]")]
    [InlineData("apps.shop.keys.0.sha256", "\"alter_key_app_GOCSPX-hunter2\"")]
    [InlineData("apps.shop.name", "\"GOCSPX-hunter2\\n\"")]
    [InlineData("public_url", "\"https://ada:GOCSPX-hunter2@vault.acme.com\"")]
    [InlineData("apps.shop.return_urls", "[\"https://shop.acme.com/#GOCSPX-hunter2\"]")]
    public void A_literal_is_refused_and_never_repeated(string path, string value)
    {
        var (configuration, mistakes) = Documents.Read(Documents.With(path, value));

        Assert.Null(configuration);
        Assert.NotEmpty(mistakes);
        Assert.DoesNotContain(mistakes, mistake => mistake.ToString().Contains("hunter2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{ \"apps\": {}, \"apps\": {} }", "apps")]
    [InlineData("{ \"apps\": { \"Shop\": {} } }", "apps.Shop")]
    [InlineData("{ \"apps\": { \"a b\": {} } }", "apps.(unreadable name)")]
    [InlineData("{ \"apps\": { \"shop\": 1 } }", "apps.shop")]
    [InlineData("[]", "(document)")]
    [InlineData("", "(document)")]
    [InlineData("{ \"apps\": {} } {}", "(document)")]
    [InlineData("{ \"apps\": {}, \"x\\ud800\": 1 }", "(document)")]
    [InlineData("{ \"apps\": {}, \"public_url\": \"\\ud800\" }", "public_url")]
    public void What_is_no_document_is_a_mistake_and_no_exception(string json, string path)
    {
        Assert.Equal(path, Assert.Single(Documents.Read(json).Mistakes).Path);
    }

    [Fact]
    public void A_document_over_a_mebibyte_is_refused() =>
        Assert.Equal("(document)", Assert.Single(Documents.Read($"{{ \"apps\": {{}} }}{new string(' ', 1 << 20)}").Mistakes).Path);

    [Fact]
    public void No_text_makes_the_reader_throw()
    {
        Gen.String.Sample(text => Documents.Read(text).Mistakes.Count > 0);

        // Any one character of a right document replaced by any other.
        Gen.Select(Gen.Int[0, Documents.Right.Length - 1], Gen.Char).Sample((at, c) =>
        {
            var reading = Documents.Read(Documents.Right[..at] + c + Documents.Right[(at + 1)..]);
            return reading.Configuration is null == reading.Mistakes.Count > 0;
        });
    }

    [Fact]
    public void The_setting_beats_the_documents_public_url()
    {
        var situation = Documents.Production with { PublicUrlOverride = "https://other.acme.com" };

        Assert.Equal("https://other.acme.com", ConfigurationReader.Read(Documents.Right, situation).Configuration!.PublicOrigin);
        Assert.Equal("ALTER_PUBLIC_URL", Assert.Single(ConfigurationReader.Read(Documents.Right, situation with { PublicUrlOverride = "http://x.com" }).Mistakes).Path);
    }

    [Fact]
    public void A_multi_tenant_issuer_with_its_tenants_is_accepted()
    {
        var json = Documents.With(
            "identity_providers.auth0",
            """{ "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0", "allowed_tenants": ["72f988bf-86f1-41af-91ab-2d7cd011db47"], "audiences": ["a"] }""");

        Assert.Equal("https://login.microsoftonline.com/{tenantid}/v2.0", Documents.Read(json).Configuration!.Apps["shop"].IdentityProviders[0].Issuer);
    }

    [Theory]
    [InlineData(true, false, "http://localhost:7071", true)]
    [InlineData(true, false, "https://localhost:7071", true)]
    [InlineData(true, false, "https://vault.acme.com", false)] // A tunnel: anyone may come in.
    [InlineData(false, false, "https://localhost:7071", false)]
    [InlineData(true, true, "https://localhost:7071", false)] // Development set in Azure by mistake.
    public void Development_switches_need_development_loopback_and_no_platform(bool development, bool azure, string publicUrl, bool allowed)
    {
        var json = $$"""
            { "public_url": "{{publicUrl}}", "key_encryption": { "source": "local" }, "apps": {},
              "identity_providers": { "demo": { "issuer": "http://localhost:7073", "audiences": ["a"], "allow_insecure_local": true } } }
            """;

        var reading = ConfigurationReader.Read(json, new HostSituation(development, azure, "https://unused.example", null));

        Assert.Equal(allowed, reading.Configuration is not null);
        Assert.Equal(allowed ? 0 : 2, reading.Mistakes.Count);
    }
}
