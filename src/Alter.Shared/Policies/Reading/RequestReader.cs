namespace Alter.Policies;

/// <summary>Reads a policy of kind <c>request</c>.</summary>
internal static class RequestReader
{
    private const string MethodsExample = "[\"GET\", \"HEAD\"]";
    private const string PathsExample = "[\"/v2/orders\", \"/v2/orders/**\"]";

    // Those the proxy takes at all.
    private static readonly string[] Known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    public static RequestPolicy? Read(StrictObject entry, string name)
    {
        var methods = entry.Texts("methods", MethodsExample);
        foreach (var (at, method) in methods.Where(method => !Known.Contains(method.Text)))
        {
            entry.Add(at, "The proxy takes no such method.", $"one of {string.Join(", ", Known)}");
        }

        var paths = new List<PathPattern>();
        foreach (var (at, text) in entry.Texts("paths", PathsExample))
        {
            if (PathPattern.Parse(text) is { } pattern)
            {
                paths.Add(pattern);
            }
            else
            {
                entry.Add(
                    at,
                    "It must be a path from the slash on, * within a segment, ** as a whole segment; without query, dot segments, empty segments, semicolons and encoded dots or slashes.",
                    PathsExample);
            }
        }

        foreach (var (member, isEmpty, example) in new[] { ("methods", methods.Count == 0, MethodsExample), ("paths", paths.Count == 0, PathsExample) })
        {
            if (entry.Has(member) && isEmpty)
            {
                entry.Add(member, "It allows nothing.", example);
            }
        }

        if (!entry.Has("methods") && !entry.Has("paths"))
        {
            entry.Add("methods", "At least one of methods and paths must be there.", MethodsExample);
        }

        return new RequestPolicy(
            name,
            entry.Has("methods") ? methods.Select(method => method.Text).ToHashSet(StringComparer.Ordinal) : null,
            entry.Has("paths") ? paths : null);
    }
}
