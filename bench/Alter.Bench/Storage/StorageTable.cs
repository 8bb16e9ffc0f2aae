using System.Globalization;
using System.Text.RegularExpressions;

namespace Alter.Bench.Storage;

/// <summary>What docs/storage.md promises for a path.</summary>
/// <param name="Sequential">Round trips one after the other before the answer, or before the provider is called.</param>
/// <param name="Total">Operations on the path and off it, messages included.</param>
public sealed record PromisedCost(int Sequential, int Total);

/// <summary>The table "Operations per path" of docs/storage.md.</summary>
public static partial class StorageTable
{
    /// <summary>Reads the rows that name numbers.</summary>
    public static IReadOnlyDictionary<string, PromisedCost> Read(string page)
    {
        ArgumentNullException.ThrowIfNull(page);
        var promised = new Dictionary<string, PromisedCost>();
        foreach (var line in page[page.IndexOf("## Operations per path", StringComparison.Ordinal)..].Split('\n'))
        {
            if (line.Trim('|', ' ').Split(" | ") is [var path, var sequential, var operations, ..] cells && First(sequential) is { } s && First(operations) is { } o)
            {
                promised[path.Trim()] = new PromisedCost(s, o + Queue(operations) + (First(cells.ElementAtOrDefault(3) ?? "") ?? 0));
            }
        }

        return promised;
    }

    private static int? First(string cell) => LeadingNumber().Match(cell) is { Success: true } match ? int.Parse(match.Value, CultureInfo.InvariantCulture) : null;

    private static int Queue(string cell) => QueueNumber().Match(cell) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^\s*\d+")]
    private static partial Regex LeadingNumber();

    [GeneratedRegex(@"\+ (\d+) queue")]
    private static partial Regex QueueNumber();
}
