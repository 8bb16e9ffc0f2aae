using System.Text;
using System.Text.RegularExpressions;
using Alter.Providers;

namespace Alter.Apps;

/// <summary>An origin as browsers spell it: <c>scheme://host[:port]</c>, no slash. The same function reads the document and requests.</summary>
public static partial class AppOrigin
{
    /// <summary>Reads an origin; a trailing slash and a default port are dropped, <c>null</c> and <c>*</c> are none.</summary>
    /// <param name="raw">As configured or received.</param>
    /// <param name="allowLoopbackHttp">Development: http on this machine is an origin too.</param>
    /// <param name="origin">What to compare and to post to.</param>
    public static bool TryNormalize(string? raw, bool allowLoopbackHttp, out string origin)
    {
        origin = "";
        // ASCII first: to a pattern that ignores case the Kelvin sign is a k.
        if (raw is not { Length: > 0 and <= 300 } || !Ascii.IsValid(raw) || !Form().IsMatch(raw) || !Uri.TryCreate(raw, UriKind.Absolute, out var url))
        {
            return false;
        }

        if (!Loopback.IsHttpsOrLocal(url, allowLoopbackHttp) || !IsAsWritten(url, raw))
        {
            return false;
        }

        origin = url.GetLeftPart(UriPartial.Authority);
        return true;
    }

    /// <summary>Whether the parser kept the host as it was written; it turns 127.1 and 0x7f.1 into 127.0.0.1.</summary>
    internal static bool IsAsWritten(Uri url, string raw) =>
        raw.AsSpan(raw.IndexOf("//", StringComparison.Ordinal) + 2).StartsWith(url.Host, StringComparison.OrdinalIgnoreCase)
        && (!Loopback.EndsInANumber(url.Host) || url.HostNameType is not UriHostNameType.Dns);

    [GeneratedRegex(@"^https?://([a-z0-9-]+(\.[a-z0-9-]+)*|\[::1\])(:[1-9][0-9]{0,4})?/?\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
