using System.Text.RegularExpressions;

namespace Alter.Tests.House;

/// <summary>An HTTP function as its attributes declare it.</summary>
/// <param name="Function">Its name, by which the host orders routes.</param>
/// <param name="Methods">In lower case; none means any.</param>
/// <param name="Route">The template below the empty prefix.</param>
/// <param name="File">Where it is written.</param>
internal sealed partial record FunctionRoute(string Function, IReadOnlyList<string> Methods, string Route, SourceFile File)
{
    public const string Folder = "src/Alter.Functions";

    private const string AnyValue = "{any}";

    /// <summary>How many HTTP triggers a file declares, readable or not.</summary>
    public static int CountIn(SourceFile file) => Trigger().Count(file.Code);

    /// <summary>The functions of a file whose name, methods and route are spelled out.</summary>
    public static IEnumerable<FunctionRoute> ReadFrom(SourceFile file) =>
        from Match match in Declaration().Matches(file.Code)
        select new FunctionRoute(
            match.Groups["name"].Value,
            [.. match.Groups["method"].Captures.Select(method => method.Value.ToLowerInvariant())],
            match.Groups["route"].Value,
            file);

    /// <summary>
    /// True where the host, which tries routes in the order of function names and takes the first that matches, would never reach
    /// <paramref name="later"/> for a path that only its own literal words tell apart.
    /// </summary>
    public bool Shadows(FunctionRoute later) =>
        (Methods.Count == 0 || later.Methods.Count == 0 || Methods.Intersect(later.Methods).Any())
        && later.SamplePaths().Any(path => Matches(SegmentsOf(Route), path));

    private IEnumerable<string[]> SamplePaths()
    {
        var sample = SegmentsOf(Route).Select(segment => IsParameter(segment) ? AnyValue : segment).ToArray();
        yield return sample;
        if (SegmentsOf(Route) is [.., var last] && (IsOptional(last) || IsCatchAll(last)))
        {
            yield return sample[..^1];
        }
    }

    private static bool Matches(ReadOnlySpan<string> template, ReadOnlySpan<string> path)
    {
        if (template is [var only] && (IsCatchAll(only) || (IsOptional(only) && path.IsEmpty)))
        {
            return true;
        }

        if (template.IsEmpty || path.IsEmpty)
        {
            return template.IsEmpty && path.IsEmpty;
        }

        return (IsParameter(template[0]) || string.Equals(template[0], path[0], StringComparison.OrdinalIgnoreCase))
            && Matches(template[1..], path[1..]);
    }

    private static string[] SegmentsOf(string route) => route.Split('/', StringSplitOptions.RemoveEmptyEntries);

    private static bool IsParameter(string segment) => segment.Contains('{', StringComparison.Ordinal);

    private static bool IsOptional(string segment) => segment.EndsWith("?}", StringComparison.Ordinal);

    private static bool IsCatchAll(string segment) => segment.StartsWith("{*", StringComparison.Ordinal);

    [GeneratedRegex(@"\[HttpTrigger\b")]
    private static partial Regex Trigger();

    [GeneratedRegex("""
        \[Function\(\s*(?:nameof\((?:\w+\.)*(?<name>\w+)\)|"(?<name>\w+)")\s*\)\]
        (?:(?!\[Function\().)*?
        \[HttpTrigger\(\s*AuthorizationLevel\.\w+
        (?:\s*,\s*"(?<method>\w+)")*
        \s*,\s*Route\s*=\s*"(?<route>[^"]*)"\s*\)\]
        """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Declaration();
}
