using System.Text.RegularExpressions;

namespace Alter.Tests.House;

/// <summary>docs/security.md names every rule, and only tests that are there.</summary>
public sealed partial class SecurityDocsTests
{
    private const int Rules = 42;

    private static readonly string Page = File.ReadAllText(Repository.PathOf("docs/security.md")).ReplaceLineEndings("\n");

    [Fact]
    public void Every_test_the_page_names_is_there()
    {
        var named = Link().Matches(Page).Select(match => (Path: match.Groups["path"].Value, Method: match.Groups["method"].Value)).Distinct().ToList();
        var present = named.Select(test => test.Path).Distinct().Where(path => File.Exists(Repository.PathOf(path)))
            .SelectMany(path => Test().Matches(File.ReadAllText(Repository.PathOf(path))).Select(match => (path, match.Groups["method"].Value)));

        Assert.True(named.Count > 100, "The page names hardly any test.");
        Assert.Empty(named.Except(present));
    }

    [Fact]
    public void Every_name_of_a_test_is_a_link() => Assert.Equal(TestName().Count(Page), Link().Count(Page));

    [Fact]
    public void Every_rule_is_on_the_page_once() =>
        Assert.Equal(Enumerable.Range(1, Rules), RuleHead().Matches(Page).Select(match => int.Parse(match.Groups["number"].Value, System.Globalization.CultureInfo.InvariantCulture)).Order());

    [Fact]
    public void A_rule_without_a_test_says_that_it_is_not_defended_or_not_there()
    {
        var rules = RuleHead().Split(Page[..Page.IndexOf("\n## What is not defended", StringComparison.Ordinal)]).Skip(1).ToList();

        Assert.True(rules.Count > Rules / 2);
        Assert.All(rules.Where(rule => rule.Contains('→', StringComparison.Ordinal) && !Link().IsMatch(rule)), rule => Assert.Contains("Not defended", rule, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\[`(?<method>\w+)`\]\(\.\./(?<path>tests/[\w./]+\.cs)\)")]
    private static partial Regex Link();

    // Other attributes may stand between [Fact] and the method, other members not.
    [GeneratedRegex(@"\[(Fact|Theory)\b((?!\n\s*public\b)[\s\S])*\n\s*public (async )?(Task|void) (?<method>\w+)\(", RegexOptions.ExplicitCapture)]
    private static partial Regex Test();

    // As tests are named: a sentence of several words.
    [GeneratedRegex(@"`[A-Z][A-Za-z]*(_\w+){2,}`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"\*\*A(?<number>[0-9]+) · ", RegexOptions.ExplicitCapture)]
    private static partial Regex RuleHead();
}
