namespace Alter.Sdk;

/// <summary>What one call says beyond the request itself.</summary>
public sealed record CallOptions
{
    /// <summary>Says it with a request to a client: <c>request.Options.Set(CallOptions.Key, …)</c>.</summary>
    public static HttpRequestOptionsKey<CallOptions> Key { get; } = new("Alter.Call");

    /// <summary>The user's JWT, instead of the one of the current request.</summary>
    public string? UserToken { get; init; }

    /// <summary>Why the call is made, for the audit; at most 500 characters.</summary>
    public string? Reason { get; init; }

    /// <summary>The app's own words for the audit, at most 16 entries and 4 KiB as JSON.</summary>
    public IReadOnlyDictionary<string, string>? Context { get; init; }

    /// <summary>Which part of the app calls; at most 200 characters.</summary>
    public string? Caller { get; init; }

    internal static CallOptions None { get; } = new();

    /// <summary>A label: it may hold a JWT.</summary>
    public override string ToString() => "[call options]";
}
