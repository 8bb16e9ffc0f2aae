using System.Text.RegularExpressions;
using Alter.Sdk;
using Alter.Tests.House;

namespace Alter.Tests.Sdk;

public sealed partial class DocsTests
{
    [Theory]
    [InlineData("docs/guide.md")]
    [InlineData("docs/offline-jobs.md")]
    [InlineData("docs/sdk.md")]
    [InlineData("docs/widget.md")]
    [InlineData("src/Alter.Sdk/README.md")]
    [InlineData("docs/providers/google.md")]
    [InlineData("docs/providers/github.md")]
    [InlineData("docs/providers/slack.md")]
    [InlineData("docs/providers/microsoft.md")]
    public void Every_snippet_is_compiled(string page)
    {
        var compiled = Squeeze(string.Join('\n', Repository.Files("tests/Alter.Tests/Sdk", ".cs").Where(file => file.Path.EndsWith("Snippets.cs", StringComparison.Ordinal)).Select(file => file.Text)));
        var snippets = Block().Matches(File.ReadAllText(Repository.PathOf(page)).ReplaceLineEndings("\n")).Select(match => match.Groups["code"].Value).ToList();

        Assert.NotEmpty(snippets);
        Assert.All(snippets, snippet => Assert.Contains(Squeeze(snippet), compiled, StringComparison.Ordinal));
    }

    [Fact]
    public void The_page_names_every_exception_and_every_code()
    {
        var page = File.ReadAllText(Repository.PathOf("docs/sdk.md"));
        var exceptions = typeof(AlterException).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(AlterException)));

        Assert.All(exceptions, type => Assert.Contains(type.Name, page, StringComparison.Ordinal));
        Assert.All(ErrorTable.Rows.Keys, code => Assert.Contains($"`{code}`", page, StringComparison.Ordinal));
    }

    private static string Squeeze(string text) => Space().Replace(text, " ").Trim();

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
