using System.Text.Json.Nodes;
using Alter.Apps;
using Alter.Policies;
using Alter.Tests.Apps;

namespace Alter.Tests.Policies;

/// <summary>Policies as the document has them: what is not understood stops the start, by its path.</summary>
public sealed class PolicyReaderTests
{
    private const string Hours = """{ "name": "hours", "kind": "time_of_day", "days": ["mon"], "from": "08:00", "to": "18:00", "zone": "Europe/Berlin" }""";
    private const string Office = """{ "name": "office", "kind": "caller_address", "cidrs": ["203.0.113.0/24"] }""";
    private const string Reads = """{ "name": "reads", "kind": "request", "methods": ["GET"], "paths": ["/v2/orders/**"] }""";
    private const string Staff = """{ "name": "staff", "kind": "groups", "any_of": ["staff"] }""";
    private const string Gentle = """{ "name": "gentle", "kind": "rate", "per": "grant", "limit": 60, "window_seconds": 60 }""";

    [Fact]
    public void Every_kind_is_read_at_both_places()
    {
        var list = $"[{Hours},{Office},{Reads},{Staff},{Gentle}]";
        foreach (var path in (string[])["apps.shop.policies", "apps.shop.providers.erp.policies"])
        {
            var (configuration, mistakes) = Documents.Read(Documents.With(path, list));

            Assert.Empty(mistakes);
            var shop = configuration!.Apps["shop"];
            var (there, elsewhere) = path == "apps.shop.policies" ? (shop.Policies, shop.Providers["erp"].Policies) : (shop.Providers["erp"].Policies, shop.Policies);
            Assert.Equal(["time_of_day", "caller_address", "request", "groups"], there.Rules.Select(rule => rule.Kind));
            Assert.Equal(["hours", "office", "reads", "staff"], there.Rules.Select(rule => rule.Name));
            Assert.Equal(new RatePolicy("gentle", RatePer.Grant, 60, TimeSpan.FromMinutes(1)), Assert.Single(there.Rates));
            Assert.Same(PolicySet.None, elsewhere);
        }
    }

    [Theory]
    [InlineData("{}", "name kind")]
    [InlineData("""{ "name": "x", "kind": "moon_phase" }""", "kind")]
    [InlineData("""{ "name": "x", "kind": "Rate", "per": "app", "limit": 1, "window_seconds": 1 }""", "kind")]
    [InlineData("""{ "name": "X", "kind": "groups", "any_of": ["a"] }""", "name")]
    [InlineData("""{ "name": "suspended", "kind": "groups", "any_of": ["a"] }""", "name")]
    [InlineData("""{ "name": "x", "kind": "groups", "any_of": [] }""", "any_of")]
    [InlineData("""{ "name": "x", "kind": "groups" }""", "any_of")]
    [InlineData("""{ "name": "x", "kind": "groups", "any_of": ["a"], "all_of": ["b"] }""", "all_of")]
    [InlineData("""{ "name": "x", "kind": "rate", "per": "planet", "limit": 0, "window_seconds": 86401 }""", "per limit window_seconds")]
    [InlineData("""{ "name": "x", "kind": "rate", "per": "app", "limit": 1.5, "window_seconds": 60 }""", "limit")]
    [InlineData("""{ "name": "x", "kind": "rate", "limit": 1, "window_seconds": 60 }""", "per")]
    [InlineData("""{ "name": "x", "kind": "request" }""", "methods")]
    [InlineData("""{ "name": "x", "kind": "request", "methods": ["TRACE"] }""", "methods[0]")]
    [InlineData("""{ "name": "x", "kind": "request", "methods": [] }""", "methods")]
    [InlineData("""{ "name": "x", "kind": "request", "paths": ["/a/../b"] }""", "paths[0] paths")]
    [InlineData("""{ "name": "x", "kind": "caller_address", "cidrs": ["10.0.0.1/8"] }""", "cidrs[0]")]
    [InlineData("""{ "name": "x", "kind": "caller_address", "cidrs": [] }""", "cidrs")]
    [InlineData("""{ "name": "x", "kind": "caller_address" }""", "cidrs")]
    [InlineData("""{ "name": "x", "kind": "time_of_day", "from": "08:00", "to": "18:00", "zone": "Europe/Atlantis" }""", "zone")]
    [InlineData("""{ "name": "x", "kind": "time_of_day", "from": "08:00", "to": "18:00", "zone": "W. Europe Standard Time" }""", "zone")]
    [InlineData("""{ "name": "x", "kind": "time_of_day", "from": "08:00", "to": "18:00", "zone": "../../etc/passwd" }""", "zone")]
    [InlineData("""{ "name": "x", "kind": "time_of_day", "from": "08:00", "to": "18:00" }""", "zone")]
    [InlineData("""{ "name": "x", "kind": "time_of_day", "from": "8:00", "to": "24:00", "zone": "UTC" }""", "from to")]
    [InlineData("""{ "name": "x", "kind": "time_of_day", "from": "08:00", "zone": "UTC" }""", "to")]
    [InlineData("""{ "name": "x", "kind": "time_of_day", "from": "08:00", "to": "08:00", "zone": "UTC" }""", "to")]
    [InlineData("""{ "name": "x", "kind": "time_of_day", "zone": "UTC" }""", "days")]
    [InlineData("""{ "name": "x", "kind": "time_of_day", "days": ["monday"], "from": "08:00", "to": "18:00", "zone": "UTC" }""", "days[0]")]
    [InlineData("""{ "name": "x", "kind": "time_of_day", "days": [], "from": "08:00", "to": "18:00", "zone": "UTC" }""", "days")]
    public void What_is_wrong_stops_the_start_by_its_path(string policy, string members)
    {
        var (configuration, mistakes) = Documents.Read(Documents.With("apps.shop.providers.erp.policies", $"[{policy}]"));

        Assert.Null(configuration);
        Assert.Equal(members.Split(' ').Select(member => $"apps.shop.providers.erp.policies[0].{member}").Order(), mistakes.Select(mistake => mistake.Path).Order());
        Assert.All(mistakes, mistake => Assert.NotEmpty(mistake.Example));
    }

    [Fact]
    public void Two_policies_of_a_list_have_two_names() =>
        Assert.Equal("apps.shop.policies[1].name", Assert.Single(Documents.Read(Documents.With("apps.shop.policies", $"[{Staff},{Staff}]")).Mistakes).Path);

    [Theory]
    [InlineData("""{ "header": "X-Forwarded-For", "trusted_hops": 2 }""", "")]
    [InlineData("""{ "header": "X-Azure-SocketIP" }""", "")]
    [InlineData("""{ "header": "X-Forwarded-For" }""", "trusted_hops")]
    [InlineData("""{ "header": "X-Forwarded-For", "trusted_hops": 0 }""", "trusted_hops")]
    [InlineData("""{ "header": "CLIENT-IP", "trusted_hops": 2 }""", "trusted_hops")]
    [InlineData("""{ "header": "X-Azure-ClientIP" }""", "header")]
    [InlineData("""{ "header": "X-Alter-Caller" }""", "header")]
    [InlineData("""{ "header": "X-Forwarded-Host" }""", "header")]
    [InlineData("""{ "header": "a b" }""", "header")]
    [InlineData("{}", "header")]
    [InlineData("""{ "header": "X-Azure-SocketIP", "trusted_proxies": [] }""", "trusted_proxies")]
    public void The_callers_address_has_one_rule(string rule, string member)
    {
        var mistakes = Documents.Read(Documents.With("caller_address", rule)).Mistakes;

        Assert.Equal(member.Length == 0 ? [] : [$"caller_address.{member}"], mistakes.Select(mistake => mistake.Path));
    }

    [Theory]
    [InlineData("expires_at", "\"2026-12-31T00:00:00Z\"", true)]
    [InlineData("expires_at", "\"2026-12-31\"", false)]
    [InlineData("expires_at", "\"2026-12-31T00:00:00\"", false)]
    [InlineData("expires_at", "\"2026-12-31T00:00:00+01:00\"", false)]
    [InlineData("expires_at", "\"2026-02-30T00:00:00Z\"", false)]
    [InlineData("expires_at", "1798675200", false)]
    [InlineData("deprecated", "true", true)]
    [InlineData("deprecated", "\"yes\"", false)]
    [InlineData("cidrs", "[\"203.0.113.0/24\"]", true)]
    [InlineData("cidrs", "[]", false)]
    public void A_key_may_end_be_deprecated_or_be_bound_to_addresses(string member, string value, bool isRight) =>
        Assert.Equal(isRight ? [] : [$"apps.shop.keys[0].{member}"], Documents.Read(Documents.With($"apps.shop.keys.0.{member}", value)).Mistakes.Select(mistake => mistake.Path));

    // As for the rest of the document (ConfigurationDocsTests): reader, schema and page know the same members.
    [Theory]
    [InlineData(Hours, "policy_time_of_day")]
    [InlineData(Office, "policy_caller_address")]
    [InlineData(Reads, "policy_request")]
    [InlineData(Staff, "policy_groups")]
    [InlineData(Gentle, "policy_rate")]
    public void The_schema_and_the_page_know_each_kinds_members(string policy, string definition)
    {
        var root = Alter.Tests.House.Repository.PathOf("docs");
        var described = JsonNode.Parse(File.ReadAllText(Path.Combine(root, "alter.schema.json")))!["$defs"]![definition]!["properties"]!.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal);
        var page = File.ReadAllText(Path.Combine(root, "policies.md"));
        var strange = JsonNode.Parse(policy)!.AsObject();
        strange["stranger"] = 1;

        var mistake = Assert.Single(Documents.Read(Documents.With("apps.shop.policies", $"[{strange.ToJsonString()}]")).Mistakes);

        var known = mistake.Example["one of ".Length..].Split(", ");
        Assert.Equal(known, described);
        Assert.All(known, member => Assert.Contains($"`{member}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void The_documents_of_the_page_are_right()
    {
        const string Fence = "```jsonc\n";
        var page = File.ReadAllText(Path.Combine(Alter.Tests.House.Repository.PathOf("docs"), "policies.md")).ReplaceLineEndings("\n");
        var examples = page.Split(Fence).Skip(1).Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)]).ToList();

        Assert.True(examples.Count >= 5, "Every kind has an example.");
        Assert.All(examples, example => Assert.Empty(Documents.Read(Documents.With(example.Contains("caller_address\":", StringComparison.Ordinal) ? "caller_address" : "apps.shop.policies", Value(example))).Mistakes));

        static string Value(string example) => example.TrimStart().StartsWith('"') ? example[(example.IndexOf(':', StringComparison.Ordinal) + 1)..] : $"[{example}]";
    }
}
