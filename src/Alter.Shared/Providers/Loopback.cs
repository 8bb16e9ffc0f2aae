using System.Net;

namespace Alter.Providers;

/// <summary>This machine, in the three spellings that Development may use with http. Nothing is resolved.</summary>
public static class Loopback
{
    /// <summary>Whether the URL names this machine.</summary>
    public static bool Is(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        // Not Uri.IsLoopback: it also takes the word "loopback" and all of 127/8.
        return Is(url.Host);
    }

    /// <summary>Whether the host, without port, names this machine.</summary>
    public static bool Is(string host) => host is "localhost" or "127.0.0.1" or "[::1]";

    /// <summary>https anywhere, http on this machine where that is allowed.</summary>
    public static bool IsHttpsOrLocal(Uri url, bool allowLoopbackHttp)
    {
        ArgumentNullException.ThrowIfNull(url);
        return url.Scheme == Uri.UriSchemeHttps || (allowLoopbackHttp && url.Scheme == Uri.UriSchemeHttp && Is(url));
    }

    /// <summary>Whether a host is written as the number of an address (WHATWG URL, "ends in a number"): 127.1 and 0x7f.1 are 127.0.0.1 to some parsers.</summary>
    internal static bool EndsInANumber(string host)
    {
        var last = host[(host.LastIndexOf('.') + 1)..];
        return last.Length == 0 || last.All(char.IsAsciiDigit) || last.StartsWith("0x", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host, out _);
    }
}
