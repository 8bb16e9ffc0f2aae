using Alter.Policies;
using Alter.Providers;

namespace Alter.Apps;

/// <summary>One application that uses the vault.</summary>
public sealed record AppConfiguration
{
    /// <summary><c>[a-z][a-z0-9_-]{0,39}</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What people see on the Connect page.</summary>
    public required string Name { get; init; }

    /// <summary>The app's home; its origin receives Connect's message where a session names none.</summary>
    public Uri? WebsiteUrl { get; init; }

    /// <summary>The keys its backend may present.</summary>
    public required IReadOnlyList<AppKey> Keys { get; init; }

    /// <summary>Whose JWTs name the app's users. Empty: the app itself owns its grants.</summary>
    public required IReadOnlyList<IdentityProviderConfiguration> IdentityProviders { get; init; }

    /// <summary>True where there are no users: every grant belongs to the app.</summary>
    public bool OwnsItsGrants => IdentityProviders.Count == 0;

    /// <summary>Origins (scheme://host[:port], no slash) that may open Connect and hear its result.</summary>
    public required IReadOnlyList<string> Origins { get; init; }

    /// <summary>Where the redirect flow may come back to, or below.</summary>
    public required IReadOnlyList<Uri> ReturnUrls { get; init; }

    /// <summary>By provider id.</summary>
    public required IReadOnlyDictionary<string, AppProvider> Providers
    {
        get;
        init
        {
            field = value;
            CallsLoopback = value.Values.Any(provider => provider.Definition.AllowInsecureLocal);
        }
    }

    /// <summary>One of its providers may be on this machine, over http; the document allows that in Development alone.</summary>
    public bool CallsLoopback { get; private init; }

    /// <summary>How the app looks on the Connect page.</summary>
    public AppBranding Branding { get; init; } = new(null, null);

    /// <summary>What every call of the app must be allowed by.</summary>
    public PolicySet Policies { get; init; } = PolicySet.None;

    /// <summary>How long grants live.</summary>
    public GrantLifetime GrantLifetime { get; init; } = new(null, null);

    /// <summary>The app with every provider suspended; what is suspended more widely stays so.</summary>
    public AppConfiguration SuspendedBy(Suspension suspension) => this with
    {
        Providers = Providers.ToDictionary(entry => entry.Key, entry => entry.Value.SuspendedBy(suspension), StringComparer.Ordinal),
    };
}

/// <summary>A key of an app's backend; only its digest is known.</summary>
/// <param name="Id">Names the key to people.</param>
/// <param name="Sha256">32 bytes.</param>
/// <param name="Scopes">What it may do.</param>
public sealed record AppKey(string Id, byte[] Sha256, IReadOnlySet<string> Scopes)
{
    /// <summary>From then on it is refused; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Every answer to it says so: it is to be replaced.</summary>
    public bool IsDeprecated { get; init; }

    /// <summary>It is good from these addresses alone; null: from any.</summary>
    public IReadOnlyList<AddressRange>? Addresses { get; init; }
}

/// <summary>The scopes of app keys.</summary>
public static class AppKeyScopes
{
    public const string ConnectInitiate = "connect:initiate";
    public const string GrantsRead = "grants:read";
    public const string GrantsRevoke = "grants:revoke";
    public const string ProxyExecute = "proxy:execute";

    /// <summary>Acting without a user token; never by default.</summary>
    public const string GrantsAnyUser = "grants:any_user";

    /// <summary>Reading what was recorded of the app; never by default.</summary>
    public const string AuditRead = "audit:read";

    /// <summary>What a key has where the document names no scopes.</summary>
    public static IReadOnlySet<string> Default { get; } = new HashSet<string> { ConnectInitiate, GrantsRead, GrantsRevoke, ProxyExecute };

    /// <summary>Every scope this version knows.</summary>
    public static IReadOnlySet<string> All { get; } = new HashSet<string>(Default) { GrantsAnyUser, AuditRead };
}

/// <summary>A provider as one app uses it: its own OAuth client.</summary>
/// <param name="Definition">The provider.</param>
/// <param name="ClientId">The OAuth client.</param>
/// <param name="ClientSecret">The name of its secret, never the secret; null for a public client.</param>
/// <param name="Scopes">What Connect asks for.</param>
/// <param name="RequiredScopes">Without these a call is refused; a subset of <paramref name="Scopes"/>.</param>
public sealed record AppProvider(
    ProviderDefinition Definition,
    string ClientId,
    string? ClientSecret,
    IReadOnlyList<string> Scopes,
    IReadOnlyList<string> RequiredScopes)
{
    /// <summary>The name of the secret before <see cref="ClientSecret"/>, tried where the provider refuses the newer one; null: none.</summary>
    public string? PreviousClientSecret { get; init; }

    /// <summary>What calls of this provider must be allowed by, beside the app's own policies.</summary>
    public PolicySet Policies { get; init; } = PolicySet.None;

    /// <summary>The provider leads back to the origin that the vault is moving away from.</summary>
    public bool IsRegisteredAtFormer { get; init; }

    /// <summary>The widest suspension that holds for this provider in this app; null: none does.</summary>
    public Suspension? Suspension { get; init; }

    /// <summary>The provider suspended, unless a wider suspension holds already.</summary>
    public AppProvider SuspendedBy(Suspension suspension) => this with { Suspension = Suspension < suspension ? Suspension : suspension };
}

/// <summary>How long grants of an app live.</summary>
/// <param name="Default">Where a session says nothing; null: until revoked.</param>
/// <param name="Max">What no session may exceed; null: no limit.</param>
public sealed record GrantLifetime(TimeSpan? Default, TimeSpan? Max);
