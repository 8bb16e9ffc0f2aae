using System.Collections.Frozen;

namespace Alter.Forwarding;

/// <summary>Which headers pass in which direction.</summary>
internal static class ForwardedHeaders
{
    private static readonly FrozenSet<string> DroppedFromRequest = new[]
    {
        // RFC 9110 §7.6.1: of this connection alone.
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade",

        // The caller's own credentials are for the vault.
        "Authorization", "Cookie", "Host",

        // curl sends it for large bodies; the hop before has already answered it.
        "Expect",

        // What the platform's front end, the Functions host and the worker add: a provider has no business with it.
        "X-MS-Invocation-Id", "Client-IP", "X-Client-IP", "X-Client-Port", "Disguised-Host", "Was-Default-Hostname", "X-Site-Deployment-Id",
        "X-AppService-Proto", "Max-Forwards", "Forwarded", "Via", "X-Functions-Key",

        // What the caller's own tracing says to itself. The trace goes on by traceparent alone.
        "Baggage", "Tracestate", "Correlation-Context",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly string[] DroppedPrefixesFromRequest =
    [
        ControlHeaders.Prefix, "X-MS-Client-Principal", "X-MS-Token-", "X-ARR-", "X-Azure-", "X-Forwarded-", "X-Original-", "X-WAWS-",
    ];

    private static readonly FrozenSet<string> DroppedFromResponse = new[]
    {
        // RFC 9110 §7.6.1.
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authentication-Info", "TE", "Trailer", "Transfer-Encoding", "Upgrade",

        // They would speak for the vault's own origin.
        "Set-Cookie", "Alt-Svc", "Strict-Transport-Security", "Clear-Site-Data", "NEL", "Report-To", "Reporting-Endpoints",

        // RFC 9111 §3.5: every call has the same URL, so a shared cache could serve one user's answer to another.
        "Cache-Control", "Expires", "Age", "Pragma", "Vary", "Surrogate-Control", "Edge-Control",
        // To a web server in front of the vault it names a file or path of its own to answer with.
        "X-Sendfile",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly string[] DroppedPrefixesFromResponse = [ControlHeaders.Prefix, "Access-Control-", "X-Accel-", "X-LiteSpeed-"];

    // RFC 9213 §2: CDN-Cache-Control and its like beat Cache-Control.
    private const string TargetedCacheControl = "-Cache-Control";

    internal static bool PassesToProvider(string name) => Passes(name, DroppedFromRequest, DroppedPrefixesFromRequest);

    internal static bool PassesToCaller(string name) =>
        Passes(name, DroppedFromResponse, DroppedPrefixesFromResponse) && !name.EndsWith(TargetedCacheControl, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether two names are one to a server behind CGI or WSGI, where a hyphen and an underscore look the same.</summary>
    internal static bool AreOne(string sent, string name) => sent.Length == name.Length && Hyphened(sent).Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool Passes(string sent, FrozenSet<string> dropped, string[] prefixes)
    {
        var name = Hyphened(sent);
        if (dropped.Contains(name))
        {
            return false;
        }

        foreach (var prefix in prefixes)
        {
            if (name.Length >= prefix.Length && (name[2] | 0x20) == (prefix[2] | 0x20) && name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) // Most begin with X-.
            {
                return false;
            }
        }

        return true;
    }

    private static string Hyphened(string name) => name.Contains('_', StringComparison.Ordinal) ? name.Replace('_', '-') : name;
}
