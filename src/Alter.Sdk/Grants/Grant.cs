namespace Alter.Sdk;

/// <summary>A user's consent that this app may act at a provider. It holds no token.</summary>
/// <remarks>Defaults are in the getters: source-generated JSON sets every init-only property, absent ones to null.</remarks>
public sealed record Grant
{
    /// <summary>Stays the same when the user connects the same account again.</summary>
    public required Guid GrantId { get; init; }

    /// <summary><c>oauth</c>.</summary>
    public string GrantKind { get => field ?? "oauth"; init; }

    /// <summary>The provider's id in the vault.</summary>
    public required string ProviderId { get; init; }

    /// <summary>The provider's name.</summary>
    public string? ProviderName { get; init; }

    /// <summary>What people know the account by; never empty.</summary>
    public required string AccountIdentifier { get; init; }

    /// <summary>What the account calls itself.</summary>
    public string? AccountDisplayName { get; init; }

    /// <summary>What the user allowed.</summary>
    public IReadOnlyList<string> Scopes { get => field ?? []; init; }

    /// <summary>Whether the app asks for scopes the user has not allowed.</summary>
    public bool ScopeMismatch { get; init; }

    /// <summary>Whether it works.</summary>
    public GrantStatus Status { get; init; }

    /// <summary>When the account was first connected.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last used; approximate.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>When it ends.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Lists only: whether it works, and if not, who is at it.</summary>
    public GrantHealth? Health { get; init; }

    /// <summary>Connect only: <c>creation</c>, or <c>reauth</c> where the account was connected before.</summary>
    public string? Operation { get; init; }

    /// <summary>Connect only: when it was connected.</summary>
    public DateTimeOffset? Timestamp { get; init; }
}
