using Alter.Apps;
using Alter.Audit;
using Alter.Connect;
using Alter.Egress;
using Alter.Forwarding;
using Alter.Grants;
using Alter.Identity;
using Alter.Keys;
using Alter.Providers;
using Alter.RateLimits;
using Alter.Refresh;
using Alter.Storage;
using Alter.Tokens;
using Alter.Wallet;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Alter;

/// <summary>Puts the vault together.</summary>
public static class AlterServices
{
    private const string KeyVaultSetting = "ALTER_KEK_VAULT_URI";
    private const string SecretsVaultSetting = "ALTER_SECRETS_VAULT_URI";
    private const string StateDirectorySetting = "ALTER_STATE_DIRECTORY";
    private const string LeaseSetting = "ALTER_REFRESH_LEASE_SECONDS";

    /// <summary>Registers every room. Nothing is called and nothing is read over the network until a request needs it.</summary>
    public static IServiceCollection AddAlter(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => ConfigurationSource.Load(configuration));

        // Storage
        services.AddSingleton(_ => AlterStorageOptions.From(configuration)
            ?? throw new InvalidOperationException($"Setting {AlterStorageOptions.Connection} is missing."));
        services.AddSingleton<AlterTables>();
        services.AddSingleton<AlterQueues>();
        services.AddSingleton<CountPoison>();
        services.AddSingleton<DeploymentSalt>();
        services.AddSingleton<JobMarks>();

        // Keys
        services.AddSingleton(provider => KeySource(configuration, provider.GetRequiredService<ConfigurationSource>()));
        services.AddSingleton<KeyRing>();

        // Egress, Providers, RateLimits, Apps, Identity
        services.AddSingleton<EgressHandlers>();
        services.AddSingleton<EgressClient>();
        services.AddSingleton<ProviderDiscovery>();
        services.AddSingleton(RateLimitOptions.From(configuration));
        services.AddSingleton<RateLimitStore>();
        services.AddSingleton<RateLimiter>();
        services.AddSingleton<AppKeys>();
        services.AddSingleton<KeyUseStore>();
        services.AddSingleton<KeyUse>();
        services.AddSingleton(provider => new SecretStore(
            configuration,
            VaultAt(configuration, SecretsVaultSetting),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<UserTokenVerifier>();
        services.AddSingleton<IdTokenVerifier>();

        // Tokens, Grants
        services.AddSingleton<TokenEndpoint>();
        services.AddSingleton<GrantOwners>();
        services.AddSingleton<GrantWitness>(provider => provider.GetRequiredService<GrantRecord>().Note);
        services.AddSingleton<GrantStore>();
        services.AddSingleton<DueIndex>();
        services.AddSingleton<AccountIndex>();
        services.AddSingleton<GrantKeys>();
        services.AddSingleton<GrantResolution>();
        services.AddSingleton<GrantListing>();
        services.AddSingleton<RevocationMarks>();
        services.AddSingleton<GrantRevocation>();
        services.AddSingleton<GrantExtension>();
        services.AddSingleton<UserErasure>();
        services.AddSingleton<GrantUse>();
        services.AddSingleton<RevokeAtProvider>();
        services.AddSingleton<RewrapProgressStore>();
        services.AddSingleton<Rewrap>();

        // Refresh
        services.AddSingleton(Lease(configuration));
        services.AddSingleton<RefreshIndex>();
        services.AddSingleton<ProviderBrake>();
        services.AddSingleton<RefreshCommit>();
        services.AddSingleton<TokenSpill>();
        services.AddSingleton<GrantRefresher>();
        services.AddSingleton<GrantRetry>();
        services.AddSingleton<SpilledRefresh>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<DueGrants>();
        services.AddSingleton<DailySweep>();

        // Audit
        services.AddSingleton<ActivityProjection>();
        services.AddSingleton<AuditRecord>();
        services.AddSingleton<GrantRecord>();
        services.AddSingleton<SealRecord>();
        services.AddSingleton<DropOldRecord>();
        services.AddSingleton<Activity>();

        // Connect
        services.AddSingleton<ConnectTokens>();
        services.AddSingleton<ConnectSessionStore>();
        services.AddSingleton<AuthorizationFlowStore>();
        services.AddSingleton<ReturnedFlows>();
        services.AddSingleton<OtherOrigin>();
        services.AddSingleton<ConnectResults>();
        services.AddSingleton<ConnectReturns>();
        services.AddSingleton<UserCookies>();
        services.AddSingleton<BrowserIdentity>();
        services.AddSingleton<AuthorizationRequests>();
        services.AddSingleton<AccountLookup>();
        services.AddSingleton<ConnectedGrants>();
        services.AddSingleton<ConnectSessionMinting>();
        services.AddSingleton<OpenConnect>();
        services.AddSingleton<AuthorizeConnect>();
        services.AddSingleton<FinishSignIn>();
        services.AddSingleton<FinishConnect>();
        services.AddSingleton<CompleteConnect>();
        services.AddSingleton<CloseConnect>();
        services.AddSingleton<ConnectStatus>();
        services.AddSingleton<ConnectPurge>();

        // Wallet
        services.AddSingleton<WalletCookies>();
        services.AddSingleton<WalletPlaces>();
        services.AddSingleton<BeginWalletSignIn>();
        services.AddSingleton<FinishWalletSignIn>();
        services.AddSingleton<WalletUsers>();
        services.AddSingleton<WalletListing>();
        services.AddSingleton<WalletGrants>();
        services.AddSingleton<WalletRecord>();
        services.AddSingleton<WalletRevocation>();
        services.AddSingleton<WalletReconnection>();
        services.AddSingleton<WalletExtension>();
        services.AddSingleton<WalletActivity>();

        // Forwarding
        services.AddHttpForwarder();
        services.AddSingleton<CalledGrants>();
        services.AddSingleton<CallPolicies>();
        services.AddSingleton<ProviderCall>();
        services.AddSingleton<CallEvaluation>();
        services.AddSingleton<ProviderForwarder>();
        services.AddSingleton<RecordedCall>();
        return services;
    }

    private static IKeySource KeySource(IConfiguration configuration, ConfigurationSource source)
    {
        var settings = source.Current?.KeyEncryption ?? throw new KeySourceException("The configuration cannot be read, so no key source is known.");
        if (settings.Source is KeyEncryptionSource.KeyVault)
        {
            return VaultAt(configuration, KeyVaultSetting) is { } vault
                ? new KeyVaultKeySource(vault, settings.Secret)
                : throw new KeySourceException($"Setting {KeyVaultSetting} is missing.");
        }

        // The document allows a local key in Development only.
        var state = configuration[StateDirectorySetting]
            ?? (LocalKeySource.FindCheckout(AppContext.BaseDirectory) is { } checkout ? Path.Combine(checkout, ".alter") : null)
            ?? throw new KeySourceException($"A local key lies in .alter/ beside Alter.Functions.sln, and no such folder is above the app; or set {StateDirectorySetting}.");
        return new LocalKeySource(Path.Combine(state, "kek"));
    }

    private static SecretClient? VaultAt(IConfiguration configuration, string setting) =>
        Uri.TryCreate(configuration[setting], UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps
            ? new SecretClient(uri, AlterStorageOptions.CredentialFrom(configuration[$"{AlterStorageOptions.Connection}:clientId"]))
            : null;

    // Shorter than by default only in Development: tests and benchmarks kill workers and wait for the lease to lapse.
    private static RefreshOptions Lease(IConfiguration configuration) =>
        HostSituation.From(configuration) is { IsDevelopment: true, IsAzure: false }
        && int.TryParse(configuration[LeaseSetting], System.Globalization.CultureInfo.InvariantCulture, out var seconds)
        && seconds is >= 2 and <= 300
            ? new RefreshOptions(TimeSpan.FromSeconds(seconds))
            : RefreshOptions.Default;
}
