using System.Text;
using System.Text.RegularExpressions;
using Alter.Providers;

namespace Alter.Apps;

/// <summary>
/// Where the redirect flow comes back to. Read once: the parse that was compared is the one that is redirected to, so no second parser can see another host.
/// </summary>
public static partial class ReturnAddress
{
    /// <summary>Long enough for an app's own state; beyond it some servers in between cut URLs.</summary>
    private const int MaxLength = 2048;

    /// <summary>The names Connect answers under. An address that brings its own could pass for a result.</summary>
    private static readonly HashSet<string> ResultNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "grant_id", "provider", "provider_name", "account_identifier", "timestamp", "operation", "scopes", "status", "error_code", "error_description", "completion_code",
    };

    /// <summary>Reads an address that a session asks for.</summary>
    /// <param name="raw">As received.</param>
    /// <param name="allowed">The app's own; equal, or a prefix that ends at a slash.</param>
    /// <param name="address">What to redirect to, its query without any name of a result.</param>
    public static bool TryParse(string? raw, IReadOnlyList<Uri> allowed, out Uri address)
    {
        ArgumentNullException.ThrowIfNull(allowed);
        address = null!;
        if (!TryRead(raw, out var url) || !allowed.Any(root => IsAtOrBelow(url, root)))
        {
            return false;
        }

        var query = string.Join('&', url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Where(pair => !NamesResult(pair)));
        address = new Uri(url.GetLeftPart(UriPartial.Path) + (query.Length == 0 ? "" : "?" + query));
        return true;
    }

    /// <summary>Reads an address that the document allows: without query, https, or http on this machine in Development.</summary>
    public static bool TryParseAllowed(string? raw, bool allowLoopbackHttp, out Uri address) =>
        TryRead(raw, out address) && !raw!.Contains('?', StringComparison.Ordinal) && Loopback.IsHttpsOrLocal(address, allowLoopbackHttp);

    private static bool TryRead(string? raw, out Uri url)
    {
        url = null!;
        if (raw is not { Length: > 0 and <= MaxLength } || !Ascii.IsValid(raw) || Form().Match(raw) is not { Success: true } match || HidesAPath(match.Groups["path"].Value))
        {
            return false;
        }

        return Uri.TryCreate(raw, UriKind.Absolute, out url!) && url.UserInfo.Length == 0 && url.Fragment.Length == 0 && AppOrigin.IsAsWritten(url, raw);
    }

    /// <summary>Dot segments, hidden separators and control characters, as the servers behind might decode them.</summary>
    private static bool HidesAPath(string path)
    {
        if (HiddenCharacter().IsMatch(path))
        {
            return true;
        }

        // A servlet container cuts "..;x" at the semicolon and then climbs.
        return path.Split('/').Any(segment => EncodedDot().Replace(segment, ".").Split(';')[0] is "." or "..");
    }

    private static bool IsAtOrBelow(Uri url, Uri root)
    {
        if (url.Scheme != root.Scheme || url.Host != root.Host || url.Port != root.Port)
        {
            return false;
        }

        var path = root.AbsolutePath;
        return url.AbsolutePath == path || url.AbsolutePath.StartsWith(path.EndsWith('/') ? path : path + "/", StringComparison.Ordinal);
    }

    /// <summary>Whether some framework would read this pair as one of our names: PHP trims, turns dots and blanks into underscores and cuts at a bracket.</summary>
    private static bool NamesResult(string pair)
    {
        var name = Uri.UnescapeDataString(pair.Split('=')[0].Replace('+', ' ')).Trim().Split('[')[0].Replace('.', '_').Replace(' ', '_');
        return name.StartsWith("alter_connect_", StringComparison.OrdinalIgnoreCase) || ResultNames.Contains(name);
    }

    /// <summary>Visible ASCII without backslash, fragment, user name; the host in letters, digits, hyphens.</summary>
    [GeneratedRegex(
        @"^https?://([a-z0-9-]+(\.[a-z0-9-]+)*|\[::1\])(:[1-9][0-9]{0,4})?(?<path>/[^?#\\\x00-\x20\x7f]*)?(\?[^#\\\x00-\x20\x7f]*)?\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    /// <summary>Encoded slash, backslash, control character, or percent sign: the last would be decoded twice somewhere.</summary>
    [GeneratedRegex("%(2f|5c|25|[01][0-9a-f]|7f)|%(?![0-9a-f]{2})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex HiddenCharacter();

    [GeneratedRegex("%2e", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex EncodedDot();
}
