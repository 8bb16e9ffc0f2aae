using System.Globalization;
using System.Text.RegularExpressions;
using Alter.Tests.House;

namespace Alter.Tests.Infrastructure;

/// <summary>docs/cost.md adds up.</summary>
public sealed partial class CostTests
{
    private static readonly string Page = File.ReadAllText(Repository.PathOf("docs/cost.md")).ReplaceLineEndings("\n");

    private static readonly List<decimal[]> Rows = [.. Row().Matches(Page).Select(row => row.Groups["number"].Captures.Select(number => decimal.Parse(number.Value, CultureInfo.InvariantCulture)).ToArray())];

    // Columns: price, per how many, then a quantity and what it costs for each of the three vaults.
    [Fact]
    public void Every_amount_is_its_quantity_times_its_price()
    {
        Assert.Equal(7, Rows.Count);
        Assert.All(Rows, row => Assert.All([2, 4, 6], column => Assert.Equal(decimal.Round(row[column] * row[0] / row[1], 2), row[column + 1])));
    }

    [Fact]
    public void Every_total_is_the_sum_of_its_column()
    {
        var totals = Total().Matches(Page[Page.IndexOf("| **together**", StringComparison.Ordinal)..]).Take(3).Select(total => decimal.Parse(total.Groups["number"].Value, CultureInfo.InvariantCulture));

        Assert.Equal([Rows.Sum(row => row[3]), Rows.Sum(row => row[5]), Rows.Sum(row => row[7])], totals);
    }

    [GeneratedRegex(@"^\| [^|*]+ \| (?<number>[0-9.]+) per (?<number>[0-9,]+)( \| (?<number>[0-9.,]+)){6} \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Row();

    [GeneratedRegex(@"\*\*(?<number>[0-9.]+)\*\*")]
    private static partial Regex Total();
}
