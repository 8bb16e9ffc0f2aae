namespace Alter.Wallet;

/// <summary>What a person finds in the Wallet.</summary>
/// <param name="Apps">Every app that knows them, whether or not they have connected anything in it: of each there may be activity.</param>
/// <param name="Connections">What they have connected.</param>
public sealed record WalletContents(IReadOnlyList<WalletContents.KnownApp> Apps, IReadOnlyList<WalletConnection> Connections)
{
    /// <summary>An app that knows the person.</summary>
    /// <param name="Id">Its id in the document.</param>
    /// <param name="Name">What people call it.</param>
    /// <param name="Providers">What can be connected in it.</param>
    public sealed record KnownApp(string Id, string Name, IReadOnlyList<KnownProvider> Providers);

    /// <summary>One provider of an app.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Name">What people call it.</param>
    public sealed record KnownProvider(string Id, string Name);
}

/// <summary>One connection as the person it belongs to sees it. No member holds a token or leads to one.</summary>
public sealed record WalletConnection
{
    public required Guid GrantId { get; init; }

    public required AppView App { get; init; }

    public required ProviderView Provider { get; init; }

    /// <summary>Never empty: what people know the account by, else the grant id.</summary>
    public required string AccountIdentifier { get; init; }

    public required string? AccountDisplayName { get; init; }

    /// <summary>What the provider granted.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The same in words, where the definition has them.</summary>
    public required IReadOnlyDictionary<string, string> ScopeDescriptions { get; init; }

    /// <summary><c>active</c>, <c>expired</c> or <c>credential_revoked</c>.</summary>
    public required string Status { get; init; }

    /// <summary>What is wrong with it, one of <see cref="WalletReasons"/>; null: nothing.</summary>
    public required string? Reason { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Within five minutes; null: never.</summary>
    public required DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Null: until revoked.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The furthest <see cref="ExpiresAt"/> may be moved; null: no limit.</summary>
    public required DateTimeOffset? MaxExpiresAt { get; init; }

    /// <summary>Connecting the account again puts it right, and the Wallet may begin that.</summary>
    public required bool CanReconnect { get; init; }

    /// <summary>Its life has an end that may be moved.</summary>
    public required bool CanExtend { get; init; }

    /// <summary>The app that may use it.</summary>
    /// <param name="Id">Its id in the document.</param>
    /// <param name="Name">What people call it.</param>
    /// <param name="WebsiteUrl">Its home.</param>
    /// <param name="Logo">The address of its logo on this vault; null: it has none.</param>
    public sealed record AppView(string Id, string Name, string? WebsiteUrl, string? Logo);

    /// <summary>Where the account is.</summary>
    /// <param name="Id">The provider's id.</param>
    /// <param name="Name">What people call it.</param>
    /// <param name="Logo">The address of its mark on this vault; null where the app no longer has it.</param>
    public sealed record ProviderView(string Id, string Name, string? Logo);
}

/// <summary>What can be wrong with a connection.</summary>
public static class WalletReasons
{
    /// <summary>Its life is over.</summary>
    public const string Expired = "expired";

    /// <summary>The provider no longer honours it: mostly, the person took it back there.</summary>
    public const string Refused = "refused";

    /// <summary>A renewal was cut off by a fault; nobody took it back.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>There is nothing to renew it with.</summary>
    public const string NotRenewable = "not_renewable";

    /// <summary>It lacks a permission the app requires.</summary>
    public const string PermissionMissing = "permission_missing";

    /// <summary>What is stored of it cannot be opened.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>The last renewal failed; the vault tries again by itself.</summary>
    public const string Retrying = "retrying";

    /// <summary>The operator has suspended it.</summary>
    public const string Suspended = "suspended";

    /// <summary>The app no longer has this provider.</summary>
    public const string Orphaned = "orphaned";
}
