using System.Text.Json.Serialization;
using Alter.Apps;
using Alter.Tokens;

namespace Alter.Grants;

/// <summary>A grant as the wire shows it; the same shape everywhere. No member holds a token or leads to one.</summary>
public sealed record GrantView
{
    public required Guid GrantId { get; init; }

    public string GrantKind { get; } = "oauth";

    /// <summary>The widget reads this one.</summary>
    public required string Provider { get; init; }

    /// <summary>The backend's SDKs read this one.</summary>
    public string ProviderId => Provider;

    public required string ProviderName { get; init; }

    /// <summary>Never empty: what people know the account by, else the provider's id of it, else the grant id.</summary>
    public required string AccountIdentifier { get; init; }

    public required string? AccountDisplayName { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The app asks for a scope that was not granted.</summary>
    public required bool ScopeMismatch { get; init; }

    public required string Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset? LastUsedAt { get; init; }

    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Lists only: whether it works, and if not, who is at it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public GrantHealthView? Health { get; init; }

    /// <summary>Connect only: <c>creation</c> or <c>reauth</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Operation { get; init; }

    /// <summary>Connect only: when.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Connect only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public GrantMetadata? Metadata { get; init; }

    internal static GrantView Of(Grant grant, AccountProfile? profile, AppConfiguration app, DateTimeOffset? lastUsedAt, DateTimeOffset now)
    {
        var provider = app.Providers.GetValueOrDefault(grant.Place.Provider);
        return new GrantView
        {
            GrantId = grant.Id,
            Provider = grant.Place.Provider,
            ProviderName = provider?.Definition.Name ?? grant.Place.Provider,
            AccountIdentifier = profile is { Identifier.Length: > 0 } ? profile.Identifier : grant.Id.ToString("D"),
            AccountDisplayName = profile?.DisplayName,
            Scopes = grant.Scopes,
            ScopeMismatch = provider is not null && grant.MissingScopes(provider.Scopes).Count > 0,
            Status = grant.StatusAt(now).ToWire(),
            CreatedAt = grant.CreatedAt,
            LastUsedAt = lastUsedAt,
            ExpiresAt = grant.ExpiresAt,
        };
    }

    /// <summary>The view that lists show: with its health.</summary>
    internal static GrantView OfList(Grant grant, AccountProfile? profile, AppConfiguration app, DateTimeOffset? lastUsedAt, DateTimeOffset now)
    {
        var health = GrantHealth.Of(grant, now, isOrphan: !app.Providers.ContainsKey(grant.Place.Provider));
        return Of(grant, profile, app, lastUsedAt, now) with { Health = new GrantHealthView(health.State.ToWire(), health.LastError, health.NextAttemptAt) };
    }

    /// <summary>The view that Connect shows: with what was done, when, and whose account it is.</summary>
    /// <param name="grant">The grant.</param>
    /// <param name="profile">Its account.</param>
    /// <param name="app">Its app.</param>
    /// <param name="marker">What Connect did.</param>
    /// <param name="now">For its status.</param>
    /// <param name="completionCode">For the one browser that brought a pending grant.</param>
    public static GrantView OfConnect(Grant grant, AccountProfile? profile, AppConfiguration app, ConnectMarker marker, DateTimeOffset now, string? completionCode)
    {
        ArgumentNullException.ThrowIfNull(marker);
        return Of(grant, profile, app, null, now) with
        {
            Operation = marker.IsCreation ? "creation" : "reauth",
            Timestamp = marker.At,
            Metadata = new GrantMetadata(profile?.DisplayName, profile?.Email, completionCode),
        };
    }
}

/// <summary>How a grant does.</summary>
/// <param name="State">See <see cref="GrantHealthState"/>.</param>
/// <param name="LastError">The code of the last failed attempt, or the cause where the provider ended the grant.</param>
/// <param name="NextAttemptAt">When the vault tries again after a failure.</param>
public sealed record GrantHealthView(string State, string? LastError, DateTimeOffset? NextAttemptAt);

/// <summary>What Connect adds about the account.</summary>
/// <param name="AccountDisplayName">As the provider has it.</param>
/// <param name="AccountEmail">As the provider has it.</param>
/// <param name="CompletionCode">What the app's backend completes a pending grant with.</param>
public sealed record GrantMetadata(
    string? AccountDisplayName,
    string? AccountEmail,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? CompletionCode)
{
    /// <summary>It may hold a completion code: it never prints.</summary>
    public override string ToString() => "[grant metadata]";
}
