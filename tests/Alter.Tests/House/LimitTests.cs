using System.Globalization;
using System.Text.RegularExpressions;

namespace Alter.Tests.House;

/// <summary>Every number of docs/limits.md that names a constant is that constant's.</summary>
public sealed partial class LimitTests
{
    private static readonly string Page = File.ReadAllText(Repository.PathOf("docs/limits.md"));

    public static TheoryData<string, string> Documented => [.. Number().Matches(Page).Select(match => (match.Groups["number"].Value + " " + match.Groups["unit"].Value, match.Groups["name"].Value))];

    [Theory]
    [MemberData(nameof(Documented))]
    public void A_documented_number_is_the_constants(string documented, string constant) => Assert.Equal(ValueOf(constant), Read(documented));

    [Fact]
    public void Every_constant_the_page_names_has_its_number_before_it()
    {
        var named = Named().Matches(Page).Select(match => match.Groups["name"].Value).ToList();

        Assert.True(named.Count > 20, "The page names hardly any constant.");
        Assert.Equal(named, Number().Matches(Page).Select(match => match.Groups["name"].Value));
    }

    private static double Read(string text)
    {
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var number = double.Parse(parts[0], NumberStyles.AllowThousands | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        return number * (parts.ElementAtOrDefault(1) switch { "KiB" => 1024, "MiB" => 1024 * 1024, "min" => 60, _ => 1 });
    }

    // "main.x" is a parameter of infra/main.bicep; otherwise a constant of the class, or an entry of a table in it.
    private static double ValueOf(string constant)
    {
        var (type, name) = constant.Split('.') is [var first, var second] ? (first, second) : throw new FormatException(constant);
        var text = type == "main" ? File.ReadAllText(Repository.PathOf("infra/main.bicep")) : Source(type);
        string[] patterns = type == "main" ? [$@"param {name} int = (?<value>[^\r\n]+)"] : [$@"\[{name}\] = (?<value>[^;{{}}]+?),", $@"\b{name} = (?<value>[^;{{}}]+?);"];
        var match = patterns.Select(pattern => Regex.Match(text, pattern)).FirstOrDefault(match => match.Success);
        Assert.True(match is not null, $"{constant} is not to be found.");
        return Evaluate(match.Groups["value"].Value);
    }

    private static string Source(string type) =>
        Repository.Files("src", ".cs").Where(file => !file.Path.StartsWith("src/Alter.Sdk", StringComparison.Ordinal) && Regex.IsMatch(file.Code, $@"\b(class|record|struct)( struct)? {type}\b")).Select(file => file.Code).Single();

    private static double Evaluate(string expression) => expression.Trim() switch
    {
        var span when Span().Match(span) is { Success: true } match => Evaluate(match.Groups["count"].Value) * (match.Groups["unit"].Value == "Minutes" ? 60 : 1),
        var shift when shift.Split("<<") is [var one, var by] => (int)Evaluate(one) << (int)Evaluate(by),
        var product when product.Contains('*', StringComparison.Ordinal) => product.Split('*').Select(Evaluate).Aggregate((left, right) => left * right),
        var name when name.Split('.') is [_, _] => ValueOf(name),
        var number => double.Parse(number.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture),
    };

    [GeneratedRegex(@"(?<number>[0-9][0-9,]*)(?: (?<unit>KiB|MiB|s|min))?[\w ]*\s\(`(?<name>\w+\.\w+)`")]
    private static partial Regex Number();

    [GeneratedRegex(@"\(`(?<name>\w+\.\w+)`")]
    private static partial Regex Named();

    [GeneratedRegex(@"^TimeSpan\.From(?<unit>Seconds|Minutes)\((?<count>[^)]+)\)$")]
    private static partial Regex Span();
}
