using Alter.Apps;

namespace Alter.Tests.Apps;

public class ConfigurationDocsTests
{
    [Fact]
    public void The_document_in_the_docs_is_right()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Alter.Functions.sln")))
        {
            folder = folder.Parent!;
        }

        var page = File.ReadAllText(Path.Combine(folder.FullName, "docs", "configuration.md"));
        const string Fence = "```jsonc\n";
        var from = page.IndexOf(Fence, StringComparison.Ordinal) + Fence.Length;

        var (configuration, mistakes) = Documents.Read(page[from..page.IndexOf("```", from, StringComparison.Ordinal)]);

        Assert.Empty(mistakes);
        Assert.Equal(["robots", "shop"], configuration!.Apps.Keys.Order(StringComparer.Ordinal));
        Assert.Empty(ConfigurationReader.Read(File.ReadAllText(Path.Combine(folder.FullName, "alter.json")), Documents.Production).Mistakes);
    }
}
