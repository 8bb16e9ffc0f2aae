using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Alter.Providers;

namespace Alter.Tests.House;

/// <summary>What the pages say stands in one file, so that it can be read, corrected and one day translated in one place.</summary>
public sealed partial class PageTextTests
{
    private const string Folder = "src/Alter.Functions/Pages";

    private static readonly JsonNode Texts = JsonNode.Parse(File.ReadAllText(Repository.PathOf($"{Folder}/texts.json")))!;

    private static readonly string[] Protocol = ["POST", "Content-Type", "X-Alter-Request-Id", "logo initials"];

    [Fact]
    public void No_html_says_anything_of_its_own()
    {
        var files = Repository.Files(Folder, ".html");
        Assert.NotEmpty(files);
        Assert.Empty(files.SelectMany(file => Spoken().Matches(file.Text).Select(match => match.Value)
            .Append(Markup().Replace(file.Text, " "))
            .Where(text => Letter().IsMatch(Placeholder().Replace(text, "")))
            .Select(text => $"{file.Path}: {text.Trim()}")));
    }

    [Fact]
    public void Every_placeholder_of_the_html_has_its_text() =>
        Assert.Empty(
            from file in Repository.Files(Folder, ".html")
            from Match placeholder in Placeholder().Matches(file.Text)
            let name = placeholder.Groups[1].Value
            where !name.StartsWith("this.", StringComparison.Ordinal) && Find(name) is not JsonValue
            select $"{file.Path}: {name}");

    // Names, paths and selectors are one word; what people read is several, or begins with a capital letter.
    [Fact]
    public void No_script_and_no_style_says_anything_of_its_own() =>
        Assert.Empty(
            from file in Repository.Files(Folder, ".js", ".css")
            from Match literal in Literal().Matches(Comment().Replace(file.Text, ""))
            let text = Inserted().Replace(literal.Value.Trim('"', '\'', '`'), "")
            where Sentence().IsMatch(text) && !Protocol.Contains(text)
            select $"{file.Path}: {text}");

    [Fact]
    public void Every_text_a_script_names_is_there()
    {
        var names = Repository.Files(Folder, ".js").SelectMany(file => Named().Matches(file.Text)).Select(match => match.Groups[1].Value).Distinct().ToList();

        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.NotNull(Find(name)));
    }

    [Fact]
    public void Every_scope_that_is_asked_for_by_default_has_words() =>
        Assert.Empty(
            from id in ProviderCatalog.BuiltIn.Ids
            let provider = ProviderCatalog.BuiltIn.Find(id)!
            from scope in provider.DefaultScopes
            where !provider.ScopeDescriptions.ContainsKey(scope) && Texts["scopes"]![scope] is null
            select $"{id}: {scope}");

    [Theory]
    [InlineData("\"Connect\"", true)]
    [InlineData("\"try again\"", true)]
    [InlineData("`Opening ${name}…`", true)]
    [InlineData("\"visibilitychange\"", false)]
    [InlineData("`/sdk/${path}`", false)]
    public void What_people_read_is_told_from_what_machines_do(string literal, bool read) =>
        Assert.Equal(read, Sentence().IsMatch(Inserted().Replace(literal.Trim('"', '`'), "")));

    private static JsonNode? Find(string name) => name.Split('.').Aggregate((JsonNode?)Texts, (node, part) => (node as JsonObject)?[part]);

    [GeneratedRegex("""(?<=\s(?:alt|title|placeholder|aria-label|aria-description)=")[^"]*""")]
    private static partial Regex Spoken();

    [GeneratedRegex("<!--.*?-->|<[^>]*>", RegexOptions.Singleline)]
    private static partial Regex Markup();

    [GeneratedRegex(@"\{\{([a-z_.]+)\}\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"\p{L}")]
    private static partial Regex Letter();

    [GeneratedRegex("\"[^\"\n]*\"|'[^'\n]*'|`[^`]*`")]
    private static partial Regex Literal();

    [GeneratedRegex(@"/\*.*?\*/|(?<=^|\s)//[^\n]*", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\$\{[^}]*\}")]
    private static partial Regex Inserted();

    [GeneratedRegex(@"^\p{Lu}|\p{L}[,.:]? \p{L}|…")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"(?<!/)\btexts\.([a-z_]+(?:\.[a-z_]+)*)")]
    private static partial Regex Named();
}
