using System.Text.Json.Nodes;
using Alter.Apps;

namespace Alter.Tests.Apps;

public class ConfigurationDocsTests
{
    private static readonly string Root = FindRoot();

    [Fact]
    public void The_document_in_the_docs_is_right()
    {
        const string Fence = "```jsonc\n";
        var page = File.ReadAllText(Path.Combine(Root, "docs", "configuration.md"));
        var from = page.IndexOf(Fence, StringComparison.Ordinal) + Fence.Length;

        var (configuration, mistakes) = Documents.Read(page[from..page.IndexOf("```", from, StringComparison.Ordinal)]);

        Assert.Empty(mistakes);
        Assert.Equal(["robots", "shop"], configuration!.Apps.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_document_in_the_root_is_right() =>
        Assert.Empty(ConfigurationReader.Read(File.ReadAllText(Path.Combine(Root, "alter.json")), Documents.Production).Mistakes);

    [Fact]
    public void The_document_of_the_quickstart_is_right_in_development_and_refused_elsewhere()
    {
        var json = File.ReadAllText(Path.Combine(Root, "samples", "Quickstart", "alter.json"));

        Assert.Empty(ConfigurationReader.Read(json, Documents.Development).Mistakes);
        Assert.NotEmpty(ConfigurationReader.Read(json, Documents.Production).Mistakes);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("key_encryption", "key_encryption")]
    [InlineData("audit", "audit")]
    [InlineData("identity_providers.auth0", "identity_provider")]
    [InlineData("identity_providers.auth0.sign_in", "sign_in")]
    [InlineData("apps.shop", "app")]
    [InlineData("apps.shop.keys.0", "key")]
    [InlineData("apps.shop.providers.erp", "provider")]
    [InlineData("apps.shop.branding", "branding")]
    [InlineData("apps.shop.grants", "grants")]
    public void The_schema_and_the_docs_know_the_members_the_reader_knows(string path, string definition)
    {
        var schema = JsonNode.Parse(File.ReadAllText(Path.Combine(Root, "docs", "alter.schema.json")))!;
        var described = (definition.Length == 0 ? schema : schema["$defs"]![definition]!)["properties"]!.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal).ToArray();
        var page = File.ReadAllText(Path.Combine(Root, "docs", "configuration.md"));

        // The reader says what it knows when it meets what it does not.
        var mistake = Assert.Single(Documents.Read(Documents.With(path.Length == 0 ? "stranger" : path + ".stranger", "1")).Mistakes);

        Assert.Equal(mistake.Example["one of ".Length..].Split(", "), described);
        Assert.All(described, member => Assert.Contains(member, page, StringComparison.Ordinal));
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Alter.Functions.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
