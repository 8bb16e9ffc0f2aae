using System.Text.RegularExpressions;
using Alter.Apps;
using Alter.Tests.House;

namespace Alter.Tests.Apps;

/// <summary>The entry each page of docs/identity has to paste is one the vault takes.</summary>
public sealed partial class IdentityPagesTests
{
    public static TheoryData<string> Pages => [.. Directory.GetFiles(Repository.PathOf("docs/identity"), "*.md").Select(path => Path.GetFileName(path)).Where(name => name is not "README.md")];

    [Theory]
    [MemberData(nameof(Pages))]
    public void The_entry_of_a_page_is_right_and_lets_users_sign_in(string page)
    {
        var entry = Fenced().Match(File.ReadAllText(Repository.PathOf($"docs/identity/{page}")).ReplaceLineEndings("\n")).Groups["entry"].Value;
        var document = $$"""
            {
              "public_url": "https://vault.acme.com",
              "identity_providers": { {{entry}} },
              "apps": { "shop": { "name": "Acme Shop", "identity_providers": ["main"], "keys": [{ "id": "k1", "sha256": "{{new string('a', 64)}}" }], "providers": {} } }
            }
            """;

        var reading = ConfigurationReader.Read(document, Documents.Production);

        Assert.Empty(reading.Mistakes);
        Assert.NotNull(Assert.Single(reading.Configuration!.IdentityProviders).SignIn);
    }

    [Fact]
    public void Every_page_is_in_the_list_and_the_list_names_no_other()
    {
        var list = File.ReadAllText(Repository.PathOf("docs/identity/README.md"));

        Assert.Equal(Pages.Select(page => page.Data).Order(StringComparer.Ordinal), Linked().Matches(list).Select(link => link.Groups["page"].Value).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(6, Pages.Count);
    }

    [GeneratedRegex("```jsonc\n(?<entry>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Fenced();

    [GeneratedRegex(@"\]\((?<page>[a-z0-9-]+\.md)\)")]
    private static partial Regex Linked();
}
