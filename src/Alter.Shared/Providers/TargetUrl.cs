using System.Text.RegularExpressions;

namespace Alter.Providers;

/// <summary>The URL of a provider call. Its host was judged as text before any parser saw it, and its path goes out exactly as it came.</summary>
/// <remarks>
/// System.Uri turns full-width letters and ideographic dots into other hosts, drops a leading blank and reads 127.1 as an address. So the pattern decides
/// what a host is, the allow list compares that text, and the parser only has to agree.
/// </remarks>
public sealed partial class TargetUrl
{
    /// <summary>Longest raw URL in bytes (contract.md).</summary>
    public const int MaxLength = 8192;

    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private TargetUrl(Uri uri, string host)
    {
        Uri = uri;
        Host = host;
    }

    /// <summary>What to call. Rules judge its path and query, which are sent unchanged; an empty path is "/" (RFC 9112 §3.2.1).</summary>
    public Uri Uri { get; }

    /// <summary>Path and query as they are sent.</summary>
    public string PathAndQuery => Uri.PathAndQuery;

    /// <summary>Lower-cased, with the port exactly where it was spelled: what <c>api_hosts</c> is compared with.</summary>
    public string Host { get; }

    /// <summary>The URL as sent, up to its query: what the record keeps.</summary>
    public string WithoutQuery => Uri.AbsoluteUri.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query ? Uri.AbsoluteUri[..query] : Uri.AbsoluteUri;

    /// <summary>Reads the raw value of <c>X-Alter-Url</c>.</summary>
    /// <param name="raw">As received.</param>
    /// <param name="allowLoopbackHttp">The definition says <c>allow_insecure_local</c>: http to this machine, with a port, is allowed too.</param>
    /// <returns>The URL, <see cref="UrlNotAllowed"/> or <see cref="RequestTooLarge"/>.</returns>
    public static Outcome<TargetUrl> Parse(string raw, bool allowLoopbackHttp)
    {
        ArgumentNullException.ThrowIfNull(raw);
        if (raw.Length > MaxLength)
        {
            return new RequestTooLarge($"The URL is longer than {MaxLength} bytes.", MaxLength);
        }

        if (raw.AsSpan().ContainsAnyExceptInRange('!', '~') || raw.AsSpan().ContainsAny('\\', '#'))
        {
            return Refuse("The URL must be visible ASCII without blank, backslash and fragment; percent-encode what is not.");
        }

        var isLocal = allowLoopbackHttp && LocalForm().IsMatch(raw);
        if (!isLocal && !PublicForm().IsMatch(raw))
        {
            return Refuse("The URL must be absolute: https://host/path, with a host name of letters, digits, hyphens and dots and without user name.");
        }

        // Of that form: scheme "://" host, perhaps ":" port, perhaps what begins with "/" or "?".
        var scheme = isLocal ? "http" : "https";
        var authority = raw.AsSpan(scheme.Length + 3);
        authority = authority[..(authority.IndexOfAny('/', '?') is >= 0 and var end ? end : authority.Length)];
        var rest = raw.AsSpan(scheme.Length + 3 + authority.Length);
        var hostLength = authority.IndexOf(':') is >= 0 and var colon ? colon : authority.Length;
        var host = authority[..hostLength].ToString().ToLowerInvariant();
        var port = authority[hostLength..];
        if (!isLocal && Loopback.EndsInANumber(host))
        {
            return Refuse("The URL must name its host, not its address.");
        }

        var text = rest is ['/', ..] && raw.StartsWith(scheme, StringComparison.Ordinal) && raw.AsSpan(scheme.Length + 3).StartsWith(host, StringComparison.Ordinal)
            ? raw // What most are.
            : $"{scheme}://{host}{port}{(rest is ['/', ..] ? "" : "/")}{rest}";
        if (!Uri.TryCreate(text, AsWritten, out var uri) || uri.Host != host || uri.Scheme != scheme || uri.UserInfo.Length > 0)
        {
            return Refuse("The URL cannot be read.");
        }

        return new TargetUrl(uri, port.Length is 0 ? host : $"{host}{port}");
    }

    /// <summary>Whether one of the definition's hosts is this one, port included.</summary>
    public bool IsAllowedBy(IReadOnlyList<string> apiHosts)
    {
        ArgumentNullException.ThrowIfNull(apiHosts);
        foreach (var configured in apiHosts)
        {
            if (ApiHost.Matches(configured, Host))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The refusal where none is.</summary>
    public UrlNotAllowed NotAllowed(IReadOnlyList<string> apiHosts) =>
        new("The provider's definition does not allow this host, spelled like this, port included. See allowed_hosts.", Host, apiHosts);

    /// <summary>Paths and queries carry personal data: only the host is printed.</summary>
    public override string ToString() => $"[URL of {Host}]";

    private static UrlNotAllowed Refuse(string detail) => new(detail, null, []);

    [GeneratedRegex(@"^[Hh][Tt][Tt][Pp][Ss]://(?=.{1,253}(?:[:/?]|\z))[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[1-9][0-9]{0,4})?([/?].*)?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex PublicForm();

    [GeneratedRegex(@"^[Hh][Tt][Tt][Pp]://([Ll][Oo][Cc][Aa][Ll][Hh][Oo][Ss][Tt]|127\.0\.0\.1):[1-9][0-9]{0,4}([/?].*)?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex LocalForm();
}

/// <summary>The URL of a provider call is malformed, or its host is none the provider's definition allows.</summary>
/// <param name="Detail">What is wrong. The URL itself is not repeated.</param>
/// <param name="UrlHost">The host, where one could be read.</param>
/// <param name="AllowedHosts">What the definition allows.</param>
public sealed record UrlNotAllowed(string Detail, string? UrlHost, IReadOnlyList<string> AllowedHosts) : Refusal(Detail);
