using Alter.Apps;
using Alter.Connect;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Connect;

/// <summary>The body of <c>POST /sdk/oauth/connect/open</c>.</summary>
public sealed record OpenConnectRequest
{
    public required string SessionToken { get; init; }

    public string? ReferrerOrigin { get; init; }

    /// <summary>It holds a session token: it never prints.</summary>
    public override string ToString() => "[open request]";
}

/// <summary>The body of <c>POST /sdk/oauth/connect/authorize</c>.</summary>
public sealed record AuthorizeConnectRequest
{
    public required string SessionToken { get; init; }

    public required string Provider { get; init; }

    public required ConnectMode Mode { get; init; }

    /// <summary>The person wants to sign in to the app as somebody else.</summary>
    public bool FreshSignIn { get; init; }

    /// <summary>It holds a session token: it never prints.</summary>
    public override string ToString() => "[authorize request]";
}

/// <summary>The body of <c>POST /sdk/oauth/connect/close</c>.</summary>
public sealed record CloseConnectRequest
{
    public required string SessionToken { get; init; }

    /// <summary>It holds a session token: it never prints.</summary>
    public override string ToString() => "[close request]";
}

internal static class PageRequests
{
    /// <summary>The browser behind a request.</summary>
    internal static ConnectBrowser BrowserOf(HttpRequest request) => new(request.Cookies[FlowCookie.Name], name => request.Cookies[name]);

    /// <summary>How the vault's cookies are set.</summary>
    internal static CookieOptions CookieFor(TimeSpan lifetime) => new()
    {
        HttpOnly = true,
        Secure = true, // The __Host- prefix demands it, and browsers accept it on http://localhost.
        SameSite = SameSiteMode.Lax, // Sent when the provider leads back with a GET, and with nothing else from elsewhere.
        Path = "/",
        MaxAge = lifetime,
    };

    /// <summary>The origin of the page behind a request that <see cref="FromElsewhere"/> let pass; null where it is no browser.</summary>
    internal static string? PageOf(HttpRequest request) => request.Headers.Origin is { Count: > 0 } origin ? origin.ToString() : null;

    /// <summary>A call of the Connect page comes from the vault's own origin, of which there are two while it moves, or from something that is no browser.</summary>
    internal static Refusal? FromElsewhere(HttpRequest request, ConfigurationSource configuration)
    {
        return PageOf(request) is { } origin && !configuration.Current!.IsOwnOrigin(origin)
            ? new InvalidRequest("Only the Connect page itself may call this.")
            : null;
    }
}
