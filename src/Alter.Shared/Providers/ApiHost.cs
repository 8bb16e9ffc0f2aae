using System.Text.RegularExpressions;

namespace Alter.Providers;

/// <summary>The hosts of a definition's <c>api_hosts</c>: <c>api.acme.com</c>, <c>*.acme.com</c> for exactly one label, <c>api.acme.com:8443</c>.</summary>
public static partial class ApiHost
{
    /// <summary>Whether a URL's host, lower-cased and with its port as spelled, is the one configured.</summary>
    public static bool Matches(string configured, string host)
    {
        ArgumentNullException.ThrowIfNull(configured);
        ArgumentNullException.ThrowIfNull(host);
        if (!configured.StartsWith("*.", StringComparison.Ordinal))
        {
            return string.Equals(configured, host, StringComparison.Ordinal);
        }

        var dot = host.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && host.AsSpan(dot).SequenceEqual(configured.AsSpan(1));
    }

    /// <summary>What is wrong with an entry of <c>api_hosts</c>, or null.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="allowLocal">The definition says <c>allow_insecure_local</c>.</param>
    /// <param name="explained">The definition's <c>because</c> speaks of them.</param>
    public static string? Fault(string entry, bool allowLocal, bool explained)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (LocalHost().IsMatch(entry))
        {
            return allowLocal ? null : "A host of this machine needs allow_insecure_local.";
        }

        var wildcard = entry.StartsWith("*.", StringComparison.Ordinal);
        var name = wildcard ? entry[2..] : entry;
        if (!PublicHost().IsMatch(name) || Loopback.EndsInANumber(name.Split(':')[0]))
        {
            return "It must be a lower-case host name, with the port where it is not 443; '*' only as the whole first label; no address, scheme or path.";
        }

        return wildcard && !explained ? "A wildcard is possible only where 'because' says \"api_hosts: …\"." : null;
    }

    /// <summary>Letters, digits, hyphens; at least two labels; a port without leading zero.</summary>
    [GeneratedRegex(@"^(?=.{1,253}(:|\z))[a-z0-9-]+(\.[a-z0-9-]+)+(:[1-9][0-9]{0,4})?\z")]
    private static partial Regex PublicHost();

    [GeneratedRegex(@"^(localhost|127\.0\.0\.1):[1-9][0-9]{0,4}\z")]
    private static partial Regex LocalHost();
}
