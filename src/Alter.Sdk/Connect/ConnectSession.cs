namespace Alter.Sdk;

/// <summary>What a Connect session is to allow; what is left out is as the app is configured.</summary>
public sealed record ConnectSessionRequest
{
    /// <summary>Provider ids; null: all the app has.</summary>
    public IReadOnlyList<string>? AllowedProviders { get; init; }

    /// <summary>The origin whose window hears the result, <c>scheme://host[:port]</c>; null: that of the app's website.</summary>
    public string? AllowedOrigin { get; init; }

    /// <summary>Where the redirect flow comes back to.</summary>
    public string? ReturnUrl { get; init; }

    /// <summary>The user's JWT, instead of the one of the current request.</summary>
    public string? UserToken { get; init; }

    /// <summary>Per provider, the scopes to ask for: a subset of what the app is configured with.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? RequiredScopes { get; init; }

    /// <summary>How long the grants live.</summary>
    public GrantPolicy? GrantPolicy { get; init; }

    /// <summary>The app's own words, at most 16 entries of 256 characters.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>How the person in the browser is held to be the user; null: as the app is configured.</summary>
    public BrowserProof? BrowserProof { get; init; }

    /// <summary>The session that repairs what a call met: for its provider alone, where it named one.</summary>
    public static ConnectSessionRequest For(AlterException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return new ConnectSessionRequest { AllowedProviders = exception.Provider is { } provider ? [provider] : null };
    }

    /// <summary>A label: it may hold a JWT.</summary>
    public override string ToString() => "[connect session request]";
}

/// <summary>How long the grants of a session live; within what the app is configured with.</summary>
public sealed record GrantPolicy
{
    /// <summary>The lifetime, unless the user chooses another one.</summary>
    public int? DefaultTtlSeconds { get; init; }

    /// <summary>The longest lifetime.</summary>
    public int? MaxTtlSeconds { get; init; }

    /// <summary>When they end at the latest.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>A Connect session: one user may connect accounts within ten minutes.</summary>
public sealed record ConnectSession
{
    /// <summary>For the front end's widget. A secret of this user: never in a URL's query, never in a log.</summary>
    public required string SessionToken { get; init; }

    /// <summary>The Connect page with the token in its fragment.</summary>
    public required string ConnectUrl { get; init; }

    /// <summary>When it ends.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>How many seconds it lasts.</summary>
    public int ExpiresIn { get; init; }

    /// <summary>A label: it holds a session token.</summary>
    public override string ToString() => "[connect session]";
}
