using System.Text.Json.Serialization;
using Alter.Apps;
using Alter.Grants;

namespace Alter.Connect;

/// <summary>What the Connect page shows: the answer to <c>POST /sdk/oauth/connect/open</c>.</summary>
/// <param name="Status"><c>open</c>, <c>complete</c> or <c>error</c>: how this browser came back, if it did.</param>
/// <param name="App">Who is asking.</param>
/// <param name="User">Whose accounts are to be linked.</param>
/// <param name="BrowserProof">How the browser is held to be the user's.</param>
/// <param name="SignedIn">This browser is signed in as the user already.</param>
/// <param name="SignInAgain">The provider that was to be connected when another user came back from the sign-in; null where no further sign-in is offered.</param>
/// <param name="Branding">How the app looks; null: it says nothing of it.</param>
/// <param name="Providers">What may be connected.</param>
/// <param name="AllowedOrigin">Who is told.</param>
/// <param name="Mode">How the page was opened, where a flow came back.</param>
/// <param name="ReturnTo">Where the redirect flow goes on, the result in its query; null: nowhere.</param>
/// <param name="Grants">What this browser connected so far.</param>
/// <param name="Error">Why the last flow brought nothing.</param>
/// <param name="ErrorDescription">The provider's words, cleaned.</param>
/// <param name="ErrorCode">The vault's code for it.</param>
/// <param name="FailedProvider">The provider that was to be connected then.</param>
/// <param name="ExpiresAt">When the session ends.</param>
public sealed record ConnectView(
    string Status,
    ConnectView.AppView App,
    string User,
    string BrowserProof,
    bool SignedIn,
    string? SignInAgain,
    ConnectView.BrandingView? Branding,
    IReadOnlyList<ConnectView.ProviderView> Providers,
    string? AllowedOrigin,
    ConnectMode? Mode,
    string? ReturnTo,
    IReadOnlyList<GrantView> Grants,
    string? Error,
    string? ErrorDescription,
    [property: JsonPropertyName("code")] string? ErrorCode,
    string? FailedProvider,
    DateTimeOffset ExpiresAt)
{
    /// <summary>It may hold a completion code, in the return URL: it never prints.</summary>
    public override string ToString() => "[connect view]";

    /// <summary>The app that asks.</summary>
    public sealed record AppView(string Name, string? WebsiteUrl);

    /// <summary>The app's looks: the address of its logo on this vault, and the shades of its accent by colour scheme.</summary>
    public sealed record BrandingView(string? Logo, AccentShades? Light, AccentShades? Dark);

    /// <summary>One provider of the session.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Name">What people call it.</param>
    /// <param name="Logo">The address of its mark on this vault.</param>
    /// <param name="Scopes">What is asked for.</param>
    /// <param name="ScopeDescriptions">The same in words, where the definition has them.</param>
    /// <param name="RedirectUri">What must be registered at the provider; shown to developers where the provider refuses the vault.</param>
    /// <param name="Connected">Whether this session has connected it.</param>
    public sealed record ProviderView(
        string Id,
        string Name,
        string Logo,
        IReadOnlyList<string> Scopes,
        IReadOnlyDictionary<string, string> ScopeDescriptions,
        string RedirectUri,
        bool Connected);
}

/// <summary>The answer to <c>POST /sdk/oauth/connect/status</c>.</summary>
public sealed record ConnectStatusView(string Status, IReadOnlyList<GrantView> Grants, string? Error, string? ErrorDescription);
