namespace Alter.Policies;

/// <summary>Reads <c>cidrs</c> of a policy or of an app key.</summary>
internal static class AddressRangeReader
{
    private const string Example = "[\"203.0.113.0/24\", \"2001:db8::/32\"]";

    /// <summary>The ranges; null where the member is missing, empty or wrong in any entry.</summary>
    public static IReadOnlyList<AddressRange>? Read(StrictObject entry, bool required)
    {
        var ranges = new List<AddressRange>();
        var texts = entry.Texts("cidrs", Example, required);
        foreach (var (name, text) in texts)
        {
            if (AddressRange.Parse(text, out var fault) is { } range)
            {
                ranges.Add(range);
            }
            else
            {
                entry.Add(name, fault, Example);
            }
        }

        if (texts.Count == 0 && entry.Has("cidrs"))
        {
            entry.Add("cidrs", "An empty list allows no address.", required ? Example : "leave the member out, or " + Example);
        }

        return ranges.Count > 0 && ranges.Count == texts.Count ? ranges : null;
    }
}
