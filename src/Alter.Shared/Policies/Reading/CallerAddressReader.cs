using System.Text.RegularExpressions;

namespace Alter.Policies;

/// <summary>Reads the document's <c>caller_address</c>.</summary>
internal static partial class CallerAddressReader
{
    private const string Example = "{ \"header\": \"X-Forwarded-For\", \"trusted_hops\": 1 }";

    public static CallerAddressRule? Read(StrictObject document)
    {
        if (document.Object("caller_address", Example) is not { } entry)
        {
            return null;
        }

        var header = entry.Text("header", HeaderName(), "the name of a header that is not the vault's own", "\"X-Forwarded-For\"", required: true);
        if (header is not null && header.Equals("X-Azure-ClientIP", StringComparison.OrdinalIgnoreCase))
        {
            // Front Door's documentation: "the client IP can be arbitrarily overwritten by a user".
            entry.Add("header", "Callers choose its value. Azure Front Door gives the address of the connection in X-Azure-SocketIP.", "\"X-Azure-SocketIP\"");
        }

        var hops = entry.Number("trusted_hops", 1, 10, "1");
        var rule = new CallerAddressRule(header ?? "", hops ?? 1);
        if (rule is { IsList: true } && !entry.Has("trusted_hops"))
        {
            entry.Add("trusted_hops", "It is missing: how many proxies stand before the vault, each of which appends to the list.", "1");
        }
        else if (rule is { IsList: false, TrustedHops: > 1 })
        {
            entry.Add("trusted_hops", "Only X-Forwarded-For has several entries.", "leave the member out");
        }

        entry.Close();
        return rule;
    }

    // RFC 9110 §5.6.2. Other X-Forwarded-* are replaced by the Functions host, and X-Alter-* are the caller's.
    [GeneratedRegex(@"^(?!(?i:X-Alter-|X-Forwarded-(?!For\z)|Forwarded\z|X-Original-))[A-Za-z0-9!#$%&'*+.^_`|~-]{1,60}\z")]
    private static partial Regex HeaderName();
}
