using System.Text.RegularExpressions;
using Alter.Apps;
using Alter.Providers;
using Alter.Tests.Apps;
using Alter.Tests.House;

namespace Alter.Tests.Providers;

public sealed partial class ProviderPagesTests
{
    // The quickstart's own provider; docs/quickstart.md is its page.
    private static readonly string[] WithoutPage = ["calendar"];

    public static TheoryData<string> Providers => [.. ProviderCatalog.BuiltIn.Ids.Except(WithoutPage)];

    [Theory]
    [MemberData(nameof(Providers))]
    public void Every_provider_of_the_catalogue_has_a_page_that_says_where_to_register_and_what_to_paste(string provider)
    {
        var page = Read(provider);

        Assert.Contains($"`<public_url>/oauth/callback/<app>/{provider}`", page, StringComparison.Ordinal);
        Assert.Matches($"`https?://localhost:[0-9]+/oauth/callback/shop/{provider}`", page);
        Assert.All(["## Register", "## Row", "## Scopes", "## What surprises people", "## First call"], heading => Assert.Contains(heading, page, StringComparison.Ordinal));
        Assert.Contains($"({provider}.md)", File.ReadAllText(Repository.PathOf("docs/providers/README.md")), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Every_row_of_a_page_is_read_by_the_vault(string provider)
    {
        var rows = Row().Matches(Read(provider)).Select(match => match.Groups["row"].Value).ToList();

        Assert.NotEmpty(rows);
        Assert.All(rows, row =>
        {
            var (configuration, mistakes) = Documents.Read(Documents.With("apps.shop.providers", $"{{{row}}}"));

            Assert.Empty(mistakes);
            Assert.Single(configuration!.Apps["shop"].Providers);
        });
        Assert.StartsWith($"\"{provider}\":", rows[0], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Every_scope_of_a_row_and_of_the_definition_is_explained(string provider)
    {
        var page = Read(provider);
        var explained = page[page.IndexOf("## Scopes", StringComparison.Ordinal)..];
        var row = Documents.Read(Documents.With("apps.shop.providers", $"{{{Row().Match(page).Groups["row"].Value}}}")).Configuration!.Apps["shop"].Providers[provider];

        Assert.All(row.Scopes.Concat(row.Definition.DefaultScopes).Where(scope => scope is not "offline_access"), scope =>
            Assert.Contains($"`{scope.Split('/')[^1]}`", explained, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_page_is_of_a_provider_of_the_catalogue() =>
        Assert.Equal(
            ProviderCatalog.BuiltIn.Ids.Except(WithoutPage).Order(StringComparer.Ordinal),
            Directory.GetFiles(Repository.PathOf("docs/providers"), "*.md").Select(Path.GetFileNameWithoutExtension).Where(name => name is not "README").Order(StringComparer.Ordinal));

    private static string Read(string provider) => File.ReadAllText(Repository.PathOf($"docs/providers/{provider}.md")).ReplaceLineEndings("\n");

    [GeneratedRegex("```jsonc\n(?<row>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Row();
}
