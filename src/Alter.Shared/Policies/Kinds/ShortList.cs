namespace Alter.Policies;

/// <summary>Lists of the document in words that fit into an error.</summary>
internal static class ShortList
{
    private const int Most = 5;

    internal static string Of(IEnumerable<string> entries)
    {
        var all = entries.ToArray();
        return string.Join(", ", all.Take(Most)) + (all.Length > Most ? $" and {all.Length - Most} more" : "");
    }
}
