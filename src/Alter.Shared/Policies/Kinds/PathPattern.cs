using System.Text.RegularExpressions;

namespace Alter.Policies;

/// <summary>A path with wildcards: <c>*</c> stands for any characters of one segment, a segment <c>**</c> for any number of segments.</summary>
/// <remarks><c>/v2/orders/**</c> is everything below <c>/v2/orders/</c>, not <c>/v2/orders</c> itself. Compared character by character, capitals included.</remarks>
public sealed partial class PathPattern
{
    private const int MaxLength = 500;

    private readonly string text;
    private readonly Regex form;

    private PathPattern(string text)
    {
        this.text = text;
        var segments = text.Split('/').Select(segment => segment is "**" ? ".*" : string.Join("[^/]*", segment.Split('*').Select(Regex.Escape)));

        // Linear in the path's length, whatever the pattern: a caller chooses the path.
        form = new Regex($@"^{string.Join('/', segments)}\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }

    /// <summary>Reads a pattern; null where it is none.</summary>
    public static PathPattern? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);

        // What a path could match but never be allowed as is a mistake here, not a rule that allows nothing.
        return text.Length <= MaxLength && Form().IsMatch(text) && !text.Split('/').Any(segment => segment.Contains("**", StringComparison.Ordinal) && segment.Length > 2)
            && SentPath.Of(text).Ambiguity is null
            ? new PathPattern(text)
            : null;
    }

    /// <summary>Whether a path, as it is sent, fits.</summary>
    public bool Matches(string path) => form.IsMatch(path);

    public override string ToString() => text;

    // RFC 3986 §3.3: pchar and slashes; the star is one of them.
    [GeneratedRegex(@"^/[A-Za-z0-9._~!$&'()*+,=:@%/-]*\z")]
    private static partial Regex Form();
}
