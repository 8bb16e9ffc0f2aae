using System.Collections.Immutable;
using Alter.Keys;
using Alter.Policies;

namespace Alter.Apps;

/// <summary>The validated document: everything the operator decided.</summary>
public sealed record VaultConfiguration
{
    /// <summary>The one public origin, without trailing slash: pages, callback and API. No URL is ever built from a request's Host.</summary>
    public required Uri PublicUrl { get; init; }

    /// <summary><see cref="PublicUrl"/> as text, without slash: what paths are appended to and <c>Origin</c> is compared with.</summary>
    public string PublicOrigin => PublicUrl.GetLeftPart(UriPartial.Authority);

    /// <summary>The origin the vault is moving away from, its own too until the move is over; null: it is not moving.</summary>
    public Uri? FormerPublicUrl { get; init; }

    /// <summary><see cref="FormerPublicUrl"/> as text, without slash.</summary>
    public string? FormerPublicOrigin => FormerPublicUrl?.GetLeftPart(UriPartial.Authority);

    /// <summary>Where the key-encryption key comes from.</summary>
    public required KeyEncryptionSettings KeyEncryption { get; init; }

    /// <summary>All of the document, also those no app uses.</summary>
    public IReadOnlyList<IdentityProviderConfiguration> IdentityProviders { get; init; } = [];

    /// <summary>By id.</summary>
    public required IReadOnlyDictionary<string, AppConfiguration> Apps
    {
        get;
        init
        {
            field = value;
            Keys = [.. value.Values.SelectMany(app => app.Keys.Select(key => (app, key)))];
        }
    }

    /// <summary>Every key of every app: what a presented one is compared with, and nothing else.</summary>
    internal ImmutableArray<(AppConfiguration App, AppKey Key)> Keys { get; private init; }

    /// <summary>How the record is kept.</summary>
    public AuditSettings Audit { get; init; } = new();

    /// <summary>First 12 hex digits of the document's SHA-256: tells which document an instance runs.</summary>
    public required string Version { get; init; }

    /// <summary>How a caller's address is known; null: it never is.</summary>
    public CallerAddressRule? CallerAddress { get; init; }

    /// <summary>Whether a policy or a key asks for the caller's address.</summary>
    public bool AsksForAddresses => Apps.Values.Any(app =>
        app.Keys.Any(key => key.Addresses is not null)
        || app.Providers.Values.Select(provider => provider.Policies).Append(app.Policies).Any(policies => policies.Rules.Any(rule => rule is CallerAddressPolicy)));

    /// <summary>The switches by which something is suspended, as the operator spells them: a setting, or paths of the document. Empty: nothing is.</summary>
    public IReadOnlyList<string> Suspensions { get; init; } = [];

    /// <summary>The names of the secrets that the vault's OAuth clients authenticate with, each once, in order.</summary>
    public IReadOnlyList<string> SecretNames => SecretNamesOf(_ => true);

    /// <summary>Those of them that something uses which is not suspended: one that leaked is taken away before it is replaced.</summary>
    public IReadOnlyList<string> SecretNamesInUse => SecretNamesOf(provider => provider.Suspension is null);

    /// <summary>How many app keys the document has; said to a caller whose key is unknown.</summary>
    public int KeyCount => Keys.Length;

    /// <summary>Whether an origin, as browsers spell it, is the vault's own: exactly one of at most two.</summary>
    public bool IsOwnOrigin(string origin) => origin == PublicOrigin || origin == FormerPublicOrigin;

    /// <summary>
    /// The redirect URI of an app at a provider: each pair has its own, so that an answer of one provider can never pass for another's. At the former origin
    /// where the operator says that the provider knows that one still.
    /// </summary>
    public Uri RedirectUri(string app, string provider) =>
        new($"{(IsRegisteredAtFormer(app, provider) ? FormerPublicOrigin : PublicOrigin)}/oauth/callback/{app}/{provider}");

    /// <summary>The redirect URI of an app's sign-in at its identity provider.</summary>
    public Uri SignInRedirectUri(string app, string identityProvider) => new($"{PublicOrigin}/oauth/signin/{app}/{identityProvider}");

    /// <summary>The redirect URI of the Wallet's sign-in at an identity provider.</summary>
    public Uri WalletRedirectUri(string identityProvider) => new($"{PublicOrigin}/wallet/signin/{identityProvider}");

    /// <summary>Where people see what they have connected.</summary>
    public Uri WalletUrl => new($"{PublicOrigin}/wallet");

    private IReadOnlyList<string> SecretNamesOf(Func<AppProvider, bool> isMeant) =>
    [
        .. Apps.Values.SelectMany(app => app.Providers.Values).Where(isMeant).Select(provider => provider.ClientSecret)
            .Concat(IdentityProviders.Select(provider => provider.SignIn?.ClientSecret))
            .OfType<string>().Distinct().Order(StringComparer.Ordinal),
    ];

    private bool IsRegisteredAtFormer(string app, string provider) =>
        FormerPublicUrl is not null && Apps.GetValueOrDefault(app)?.Providers.GetValueOrDefault(provider) is { IsRegisteredAtFormer: true };
}
