using System.Text.RegularExpressions;
using Alter.Tests.House;

namespace Alter.Tests.Infrastructure;

/// <summary>docs/deploy.md: what it promises of the template.</summary>
internal static partial class DeployPage
{
    private static readonly Dictionary<string, string> RoleIds = new()
    {
        ["Storage Blob Data Owner"] = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
        ["Storage Table Data Contributor"] = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
        ["Storage Queue Data Contributor"] = "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
        ["Key Vault Secrets User"] = "4633458b-17de-408a-b874-0445c86b69e6",
        ["Monitoring Metrics Publisher"] = "3913510d-42f4-4e42-8a64-420c390055eb",
    };

    private static string Text => File.ReadAllText(Repository.PathOf("docs/deploy.md")).ReplaceLineEndings("\n");

    /// <summary>The rows of its list of the app's rights: what a resource's name begins with, and the role's id.</summary>
    public static IEnumerable<string> AppRights() =>
        Right().Matches(Section("### The app's rights")).Select(row => $"{row.Groups["resource"].Value} {RoleIds[row.Groups["role"].Value]}");

    /// <summary>The rows of its list of parameters: name, variable and default.</summary>
    public static IEnumerable<(string Name, string Variable, string Default)> Parameters() =>
        Parameter().Matches(Section("## Parameters")).Select(row => (row.Groups["name"].Value, row.Groups["variable"].Value, row.Groups["default"].Value));

    private static string Section(string heading)
    {
        var begin = Text.IndexOf($"\n{heading}\n", StringComparison.Ordinal);
        Assert.True(begin >= 0, $"docs/deploy.md has no heading {heading}.");
        var end = Text.IndexOf("\n#", begin + heading.Length, StringComparison.Ordinal);
        return end < 0 ? Text[begin..] : Text[begin..end];
    }

    [GeneratedRegex(@"^\| (?<role>[A-Z][\w ]+) \| `(?<resource>[a-z-]+)…` \|", RegexOptions.Multiline)]
    private static partial Regex Right();

    [GeneratedRegex(@"^\| `(?<name>\w+)` \| `(?<variable>\w+)` \| (`(?<default>[^`]*)`|none) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Parameter();
}
