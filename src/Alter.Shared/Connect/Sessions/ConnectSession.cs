using System.Text.Json.Serialization;
using Azure;

namespace Alter.Connect;

/// <summary>One user's permission to connect accounts, for ten minutes: a row of table <c>connect</c>, as read.</summary>
public sealed record ConnectSession
{
    /// <summary>How long a session, and a flow, is valid.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    public required ConnectKey Key { get; init; }

    public ETag ETag { get; init; }

    public required string App { get; init; }

    /// <summary>The full hash of the user the accounts are linked to.</summary>
    public required string UserHash { get; init; }

    /// <summary>What only the vault reads: sealed at rest.</summary>
    public required ConnectSessionDetails Details { get; init; }

    public required IReadOnlyList<string> AllowedProviders { get; init; }

    /// <summary>Who hears the result; null: nobody is told.</summary>
    public string? AllowedOrigin { get; init; }

    public string? ReturnUrl { get; init; }

    /// <summary>Per provider, what to ask for instead of all the app's scopes.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> RequiredScopes { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>End of life of the grants it makes; null: until revoked.</summary>
    public DateTimeOffset? GrantExpiresAt { get; init; }

    /// <summary>The furthest that end may ever be moved.</summary>
    public DateTimeOffset? GrantMaxExpiresAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The last flow that came back, by provider: keeps a second browser from redeeming at the same time.</summary>
    public IReadOnlyDictionary<string, ConnectClaim> Claims { get; init; } = new Dictionary<string, ConnectClaim>();

    /// <summary>The browser and mode of the last flow that came back.</summary>
    public ConnectReturn? LastReturn { get; init; }

    /// <summary>When the person said that they are done; null: not yet.</summary>
    public DateTimeOffset? ClosedAt { get; init; }
}

/// <summary>The sealed part of a session.</summary>
/// <param name="UserLabel">What the user is called: name, mail address, else subject.</param>
/// <param name="Metadata">The app's own words.</param>
/// <param name="Proof">How the person in the browser is held to be the user.</param>
/// <param name="SignInAt">Where the user signs in; null where nobody can.</param>
public sealed record ConnectSessionDetails(string UserLabel, IReadOnlyDictionary<string, string> Metadata, BrowserProof Proof, SignInPlace? SignInAt)
{
    /// <summary>Personal data never prints.</summary>
    public override string ToString() => "[session details]";
}

/// <summary>The identity provider of a session's user.</summary>
/// <param name="IdentityProvider">Its id in the document.</param>
/// <param name="Issuer">The user's own issuer, with its tenant where the configured one is a template.</param>
public sealed record SignInPlace(string IdentityProvider, string Issuer);

/// <summary>A flow is finishing for a provider of the session.</summary>
public sealed record ConnectClaim(string Flow, DateTimeOffset Until);

/// <summary>How a browser came back from a provider.</summary>
/// <param name="CookieHash">SHA-256 of the browser's flow cookie: only that browser is shown the result.</param>
/// <param name="Mode">How the page was opened.</param>
/// <param name="Error">The code, where it came back without a grant.</param>
/// <param name="ErrorDescription">Cleaned of everything RFC 6749 does not allow.</param>
/// <param name="Provider">The provider that was to be connected.</param>
/// <param name="SignInAgain">It came back from a sign-in as somebody else, and may try once more.</param>
/// <param name="HasConnected">It has connected something in this session, now or before.</param>
public sealed record ConnectReturn(string CookieHash, ConnectMode Mode, string? Error, string? ErrorDescription, string Provider, bool SignInAgain, bool HasConnected);

/// <summary>How the Connect page was opened; decided at its first load, since opener and window name may be gone by the callback.</summary>
[JsonConverter(typeof(ConnectModeConverter))]
public enum ConnectMode
{
    [JsonStringEnumMemberName("popup")]
    Popup,

    [JsonStringEnumMemberName("redirect")]
    Redirect,
}

/// <summary>By name alone: a number would be taken for whatever stands at that place.</summary>
internal sealed class ConnectModeConverter() : JsonStringEnumConverter<ConnectMode>(namingPolicy: null, allowIntegerValues: false);
