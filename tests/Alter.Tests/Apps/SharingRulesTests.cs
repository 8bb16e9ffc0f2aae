namespace Alter.Tests.Apps;

public class SharingRulesTests
{
    [Fact]
    public void One_key_for_two_apps_is_refused()
    {
        var mistake = Assert.Single(Documents.Read(Documents.With("apps.robots.keys.0.sha256", $"\"{Documents.DigestOne}\"")).Mistakes);

        Assert.Equal("apps.robots.keys[0].sha256", mistake.Path);
        Assert.Contains("apps.shop.keys[0]", mistake.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void One_key_id_twice_in_an_app_is_refused()
    {
        var keys = $$"""[ { "id": "a", "sha256": "{{Documents.DigestOne}}" }, { "id": "a", "sha256": "{{new string('0', 64)}}" } ]""";

        Assert.Equal("apps.shop.keys[1].id", Assert.Single(Documents.Read(Documents.With("apps.shop.keys", keys)).Mistakes).Path);
    }

    [Theory]
    [InlineData("", "", false)]
    [InlineData("", ", \"shared_audience\": true", false)] // One side cannot decide for the other.
    [InlineData(", \"shared_audience\": true", ", \"shared_audience\": true", true)]
    public void Two_apps_that_accept_one_token_must_both_say_so(string one, string other, bool accepted)
    {
        var json = $$"""
            { "identity_providers": { "idp": { "issuer": "https://i.com", "audiences": ["a"] } },
              "apps": { "one": { "name": "One", "identity_providers": ["idp"], "keys": [{ "id": "k", "sha256": "{{Documents.DigestOne}}" }]{{one}} },
                        "two": { "name": "Two", "identity_providers": ["idp"], "keys": [{ "id": "k", "sha256": "{{Documents.DigestTwo}}" }]{{other}} } } }
            """;

        var (configuration, mistakes) = Documents.Read(json);

        Assert.Equal(accepted, configuration is not null);
        Assert.Equal(accepted ? [] : ["apps.two.identity_providers"], mistakes.Select(mistake => mistake.Path));
    }

    [Theory]
    [InlineData("\"audiences\": [\"a\", \"b\"]", "\"audiences\": [\"b\"]", false)]
    [InlineData("\"audiences\": [\"a\"]", "\"audiences\": [\"b\"]", true)]
    [InlineData("\"audiences\": [\"a\"]", "\"authorized_parties\": [\"p\"]", false)] // A token may carry both.
    [InlineData("\"authorized_parties\": [\"p\"]", "\"authorized_parties\": [\"q\"]", true)]
    [InlineData("\"audiences\": [\"a\"], \"authorized_parties\": [\"p\"]", "\"audiences\": [\"a\"], \"authorized_parties\": [\"q\"]", true)]
    public void Apps_meet_where_one_token_could_fit_both(string one, string other, bool apart)
    {
        var json = $$"""
            { "identity_providers": { "x": { "issuer": "https://i.com", {{one}} }, "y": { "issuer": "https://i.com", {{other}} } },
              "apps": { "one": { "name": "One", "identity_providers": ["x"], "keys": [{ "id": "k", "sha256": "{{Documents.DigestOne}}" }] },
                        "two": { "name": "Two", "identity_providers": ["y"], "keys": [{ "id": "k", "sha256": "{{Documents.DigestTwo}}" }] } } }
            """;

        Assert.Equal(apart, Documents.Read(json).Configuration is not null);
    }

    [Theory]
    [InlineData("t1", false)]
    [InlineData("t2", true)]
    public void A_template_is_the_issuers_of_its_tenants(string tenant, bool apart)
    {
        var json = $$"""
            { "identity_providers": { "x": { "issuer": "https://i.com/{tenantid}/v2.0", "allowed_tenants": ["t0", "t1"], "audiences": ["a"] },
                                      "y": { "issuer": "https://i.com/{{tenant}}/v2.0", "audiences": ["a"] } },
              "apps": { "one": { "name": "One", "identity_providers": ["x"], "keys": [{ "id": "k", "sha256": "{{Documents.DigestOne}}" }] },
                        "two": { "name": "Two", "identity_providers": ["y"], "keys": [{ "id": "k", "sha256": "{{Documents.DigestTwo}}" }] } } }
            """;

        Assert.Equal(apart, Documents.Read(json).Configuration is not null);
    }

    [Fact]
    public void Two_identity_providers_of_one_app_never_accept_one_token()
    {
        var json = Documents.With("identity_providers.clerk", "{ \"issuer\": \"https://acme.eu.auth0.com/\", \"audiences\": [\"https://api.acme.com\"], \"user_id_claim\": \"oid\" }");

        Assert.Contains(
            Documents.Read(json.Replace("[\"auth0\"]", "[\"auth0\",\"clerk\"]", StringComparison.Ordinal)).Mistakes,
            mistake => mistake.Path == "apps.shop.identity_providers");
    }

    [Fact]
    public void One_oauth_client_in_two_apps_is_refused_unless_both_say_so()
    {
        var shared = Documents.With("apps.robots.providers.erp.client_id", "\"shop\"");

        Assert.Equal("apps.robots.providers.erp.client_id", Assert.Single(Documents.Read(shared).Mistakes).Path);
        Assert.NotNull(Documents.Read(shared.Replace("\"client_id\":\"shop\"", "\"client_id\":\"shop\",\"shared_client\":true", StringComparison.Ordinal)).Configuration);
    }

    [Fact]
    public void One_client_is_recognised_behind_two_ways_of_naming_its_server()
    {
        var json = Documents.With(
            "apps.robots.providers.erp",
            """
            { "client_id": "shop", "client_secret": { "secret": "robots-erp" },
              "definition": { "name": "ERP", "api_hosts": ["api.erp.acme.com"], "authorization_endpoint": "https://login.erp.acme.com/a", "token_endpoint": "https://login.erp.acme.com/t" } }
            """);

        Assert.Equal("apps.robots.providers.erp.client_id", Assert.Single(Documents.Read(json).Mistakes).Path);
    }
}
