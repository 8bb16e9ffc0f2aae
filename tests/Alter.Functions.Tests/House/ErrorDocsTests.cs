using System.Collections;
using System.Reflection;
using System.Text.RegularExpressions;
using Alter.Functions.Tests.Running;
using Alter.Sdk;
using Alter.Testing;

namespace Alter.Functions.Tests.House;

/// <summary>docs/errors.md against the vault's table, its refusals, and the SDK's exceptions; and every test it names is there.</summary>
public sealed partial class ErrorDocsTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(RunningVault.Checkout, "docs", "errors.md")).ReplaceLineEndings("\n");

    private static readonly Assembly Functions = Assembly.LoadFrom(Path.Combine(RunningVault.AppDirectory, "Alter.Functions.dll"));

    [Fact]
    public void The_page_has_the_vaults_table()
    {
        var documented = Rows("Every code").Select(cells => (cells[0], int.Parse(cells[1], System.Globalization.CultureInfo.InvariantCulture), cells[2]));

        Assert.Equal(Table().OrderBy(row => row.Code, StringComparer.Ordinal), documented.OrderBy(row => row.Item1, StringComparer.Ordinal));
    }

    [Fact]
    public void What_is_reserved_is_known_to_the_SDK_and_answered_by_nobody()
    {
        var known = KeysOf(typeof(AlterException).Assembly.GetType("Alter.Sdk.ErrorTable")!.GetProperty("Rows", BindingFlags.NonPublic | BindingFlags.Static)!.GetValue(null)!).ToList();
        var ofSdk = Rows("Of the SDK itself").Select(cells => cells[0]);

        Assert.Equal(known.Except(Table().Select(row => row.Code)).Except(ofSdk).Order(), Rows("Reserved").Select(cells => cells[0]).Order());
        Assert.Empty(Table().Select(row => row.Code).Except(known));
    }

    [Fact]
    public async Task Each_code_is_the_exception_the_page_says()
    {
        await using var vault = await FakeVault.StartAsync();
        using var alter = new AlterApp(FakeVault.ApiKey, vault.Url);
        var documented = Rows("Every code").Select(cells => (Code: cells[0], Status: cells[1], Exception: cells[3])).Concat(Rows("Reserved").Select(cells => (Code: cells[0], Status: cells[1], Exception: cells[2])));
        foreach (var (code, status, exception) in documented)
        {
            vault.Instead = _ => FakeVault.Problem(int.Parse(status[..3], System.Globalization.CultureInfo.InvariantCulture), code, "none", retryAfter: 60);

            var thrown = await Assert.ThrowsAnyAsync<AlterException>(() => alter.RequestAsync(HttpMethod.Post, "https://api.example.com/", "google", TestContext.Current.CancellationToken));

            Assert.Equal((code, exception), (thrown.Code, thrown.GetType().Name));
        }
    }

    [Fact]
    public void Every_test_the_page_names_is_there()
    {
        var tests = Rows("Where each is provoked").Select(cells => (Code: cells[0].Split(' ')[0].Trim('`'), Link: Link().Match(cells[1]))).ToList();
        Assert.Equal(
            Rows("Every code").Concat(Rows("Of the SDK itself")).Select(cells => cells[0]).Distinct().Order(),
            tests.Select(test => test.Code).Distinct().Order());
        Assert.All(tests, test =>
        {
            var path = Path.Combine(RunningVault.Checkout, "docs", test.Link.Groups["path"].Value);
            Assert.True(File.Exists(path), path);
            Assert.Matches($@"\[(Fact|Theory)[^\]]*\](?:(?!\bpublic\b)[\s\S])*public (async )?(Task|void) {test.Link.Groups["method"].Value}\(", File.ReadAllText(path));
        });
    }

    // code, status, action of each refusal with a row.
    private static List<(string Code, int Status, string Action)> Table()
    {
        var rows = new List<(string, int, string)>();
        foreach (var entry in (IEnumerable)Functions.GetType("Alter.Functions.Http.Problems")!.GetProperty("Table")!.GetValue(null)!)
        {
            var row = Get(entry, "Value");
            rows.Add((Refusal.CodeOf((Type)Get(entry, "Key")), (int)Get(row, "Status"), (string)Get(row, "Action")));
        }

        return rows;
    }

    private static IEnumerable<string> KeysOf(object dictionary) => ((IEnumerable)Get(dictionary, "Keys")).Cast<string>();

    private static object Get(object from, string property) => from.GetType().GetProperty(property)!.GetValue(from)!;

    // The rows of the table under a heading; cells without the marks of code.
    private static List<string[]> Rows(string heading)
    {
        var section = Page.Split($"\n## {heading}\n")[1].Split("\n## ")[0];
        return [.. section.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Trim('|', ' ').Split(" | ").Select(Bare).ToArray())];

        static string Bare(string cell) => cell is ['`', .. var inner, '`'] && !inner.Contains('`', StringComparison.Ordinal) ? inner : cell;
    }

    [GeneratedRegex(@"\]\((?<path>[^)]+)\): `(?<method>\w+)`")]
    private static partial Regex Link();
}
