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

    /// <summary>It holds a session token: it never prints.</summary>
    public override string ToString() => "[authorize request]";
}

internal static class PageRequests
{
    /// <summary>A call of the Connect page comes from the vault's own origin, or from something that is no browser.</summary>
    internal static Refusal? FromElsewhere(HttpRequest request, ConfigurationSource configuration)
    {
        var origin = request.Headers.Origin;
        return origin.Count > 0 && origin.ToString() != configuration.Current!.PublicOrigin
            ? new InvalidRequest("Only the Connect page itself may call this.")
            : null;
    }
}
