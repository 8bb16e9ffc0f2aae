using System.Collections.Concurrent;
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
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Alter.Testing;

/// <summary>How a <see cref="Vault"/> is made.</summary>
public sealed record VaultSetup(string Storage, AppConfiguration App)
{
    /// <summary>Further apps of the same document.</summary>
    public IReadOnlyList<AppConfiguration> OtherApps { get; init; } = [];

    /// <summary>The origin the vault is moving away from; null: it is not moving.</summary>
    public Uri? FormerPublicUrl { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public IKeySource Keys { get; init; } = new FakeKeySource(A.Key());

    public RefreshOptions Refresh { get; init; } = RefreshOptions.Default;

    public RateLimitOptions RateLimits { get; init; } = RateLimitOptions.Default;

    /// <summary>What becomes of grants goes into the record. Off by default: tests of rooms before it count what they ask of storage.</summary>
    public bool RecordsGrants { get; init; }
}

/// <summary>
/// The vault's rooms wired together as one process has them, without the Functions host. Two of them over the same storage are two instances.
/// </summary>
public sealed class Vault : IDisposable
{
    private readonly VaultSetup setup;
    private readonly EgressHandlers handlers = new();
    private readonly ConcurrentQueue<(int Id, string Text)> lines = new();

    public Vault(VaultSetup setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        this.setup = setup;
        var time = setup.Time;
        var options = A.Storage(setup.Storage, Network);
        var configuration = new ConfigurationSource(new ConfigurationReading(
            new VaultConfiguration
            {
                PublicUrl = new Uri("https://vault.acme.com"),
                FormerPublicUrl = setup.FormerPublicUrl,
                KeyEncryption = new KeyEncryptionSettings(KeyEncryptionSource.Local),
                Apps = setup.OtherApps.Prepend(setup.App).ToDictionary(app => app.Id),
                Version = "0123456789ab",
            },
            []));
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection([new(SecretStore.SettingOf(A.ClientSecretName), A.ClientSecret)])
            .Build();
        var egress = new EgressClient(handlers, time);
        var discovery = new ProviderDiscovery(egress, time);
        var idTokens = new IdTokenVerifier(new SigningKeys(egress, time, NullLogger<SigningKeys>.Instance), time);

        Tables = new AlterTables(options);
        Queues = new AlterQueues(options);
        Owners = new GrantOwners(new DeploymentSalt(Tables));
        Ring = new KeyRing(setup.Keys, time);
        Keys = new GrantKeys(Ring, NullLogger<GrantKeys>.Instance);
        Record = new AuditRecord(Tables, Ring, new ActivityProjection(Tables, NullLogger<ActivityProjection>.Instance), configuration, time, NullLogger<AuditRecord>.Instance);
        Store = new GrantStore(Tables, time, setup.RecordsGrants ? new GrantRecord(Record, time).Note : null);
        Seal = new SealRecord(Tables, Ring, new ActivityProjection(Tables, NullLogger<ActivityProjection>.Instance), time, new SeenLogger<SealRecord>(lines));
        DropOld = new DropOldRecord(Tables, Ring, configuration, time, new SeenLogger<DropOldRecord>(lines));
        Activity = new Activity(Tables, Ring, configuration, time);
        Due = new DueIndex(Tables, time);
        Accounts = new AccountIndex(Tables);
        Marks = new JobMarks(Tables);
        Rewraps = new RewrapProgressStore(Tables);
        Endpoint = new TokenEndpoint(egress, discovery, new SecretStore(settings, null, time));
        Resolution = new GrantResolution(Store, Keys, time);
        Listing = new GrantListing(Store, Keys, Ring, time);
        RevocationMarks = new RevocationMarks(Tables, time);
        Revocation = new GrantRevocation(Store, Due, RevocationMarks, Queues, time, NullLogger<GrantRevocation>.Instance);
        Erasure = new UserErasure(Store, Revocation, RevocationMarks, Due, Accounts, time);
        AtProvider = new RevokeAtProvider(Store, Keys, Accounts, Due, Endpoint, configuration, time);
        var index = new RefreshIndex(Due, Queues, time, NullLogger<RefreshIndex>.Instance);
        Brake = new ProviderBrake(Tables, time, NullLogger<ProviderBrake>.Instance);
        var commit = new RefreshCommit(Store, Keys, index, Endpoint, Brake, time, NullLogger<RefreshCommit>.Instance);
        Refresher = new GrantRefresher(
            Store, Keys, Ring, index, Endpoint, commit, new TokenSpill(Queues, time, NullLogger<TokenSpill>.Instance), setup.Refresh, time);
        AccessTokens = new AccessTokens(Refresher, Store, Keys, setup.Refresh, time);
        Limits = new RateLimitStore(Tables, time);
        Limiter = new RateLimiter(Limits, setup.RateLimits, time);
        var called = new CalledGrants(Resolution, configuration);
        Calls = new ProviderCall(called, new CallPolicies(Limiter, time, NullLogger<CallPolicies>.Instance), AccessTokens, time);
        Evaluation = new CallEvaluation(called, Limiter, NullLogger<CallEvaluation>.Instance);
        var retry = new GrantRetry(Store, Keys, index, Refresher, time);
        var spilled = new SpilledRefresh(Store, Keys, Ring, commit, Queues, configuration, time, NullLogger<SpilledRefresh>.Instance);
        DueGrants = new DueGrants(Store, Due, Queues, Refresher, retry, spilled, AtProvider, configuration, time, NullLogger<DueGrants>.Instance);
        Sweep = new DailySweep(Store, Due, Brake, Limits, RevocationMarks, Marks, time, NullLogger<DailySweep>.Instance);

        Sessions = new ConnectSessionStore(Tables, Ring, time);
        Flows = new AuthorizationFlowStore(Tables, Ring, time);
        ConnectTokens = new ConnectTokens(Ring, time);
        var results = new ConnectResults(Store, Keys, time);
        Minting = new ConnectSessionMinting(Sessions, ConnectTokens, Owners, configuration, time);
        Cookies = new UserCookies(Ring, time);
        var identity = new BrowserIdentity(Cookies, Owners);
        var requests = new AuthorizationRequests(Flows, ConnectTokens, Endpoint, time);
        var returns = new ConnectReturns(Sessions, Record, time);
        var connected = new ConnectedGrants(Store, Owners, Keys, Due, Accounts, time);
        Open = new OpenConnect(Sessions, ConnectTokens, results, identity, configuration);
        Authorize = new AuthorizeConnect(Sessions, ConnectTokens, results, identity, requests, configuration);
        var returned = new ReturnedFlows(Flows, Sessions, ConnectTokens, configuration, NullLogger<ReturnedFlows>.Instance);
        OtherOrigin = new OtherOrigin(Flows, ConnectTokens, configuration);
        SignIn = new FinishSignIn(
            returned, returns, requests, Endpoint, discovery, idTokens, identity, Cookies, time, NullLogger<FinishSignIn>.Instance);
        Status = new ConnectStatus(Sessions, ConnectTokens, results, configuration);
        Finish = new FinishConnect(
            returned, Sessions, returns, Store, Owners, connected, identity, new AccountLookup(egress, idTokens), Endpoint, discovery, Ring, time, NullLogger<FinishConnect>.Instance);
        Complete = new CompleteConnect(Store, Keys, Ring, connected, time);
        Close = new CloseConnect(Sessions, ConnectTokens, time);
        WalletCookies = new WalletCookies(Ring, time);
        BeginWallet = new BeginWalletSignIn(WalletCookies, Endpoint, configuration, time);
        FinishWallet = new FinishWalletSignIn(WalletCookies, discovery, Endpoint, idTokens, configuration, time, NullLogger<FinishWalletSignIn>.Instance);
        WalletPlaces = new WalletPlaces(configuration);
        var users = new WalletUsers(Owners, configuration);
        var own = new WalletGrants(users, Store);
        Extension = new GrantExtension(Store, Keys, Due, time);
        WalletListing = new WalletListing(users, Store, Keys, time);
        WalletRevocation = new WalletRevocation(own, Revocation, new WalletRecord(Record, time), NullLogger<WalletRevocation>.Instance);
        WalletReconnection = new WalletReconnection(own, Keys, Minting, time);
        WalletExtension = new WalletExtension(own, Extension, new WalletRecord(Record, time), NullLogger<WalletExtension>.Instance);
        WalletActivity = new WalletActivity(users, Store, new Activity(Tables, Ring, configuration, time));
        Purge = new ConnectPurge(Tables, Marks, time, NullLogger<ConnectPurge>.Instance);
    }

    public FakeNetwork Network { get; } = new();

    /// <summary>What sealing and dropping said of these events, in order.</summary>
    public IReadOnlyList<string> Seen(params int[] events) => [.. lines.Where(line => events.Contains(line.Id)).Select(line => line.Text)];

    public AppConfiguration App => setup.App;

    public AlterTables Tables { get; }

    public AlterQueues Queues { get; }

    public GrantOwners Owners { get; }

    public KeyRing Ring { get; }

    public GrantKeys Keys { get; }

    public GrantStore Store { get; }

    public AuditRecord Record { get; }

    public SealRecord Seal { get; }

    public DropOldRecord DropOld { get; }

    public Activity Activity { get; }

    public DueIndex Due { get; }

    public AccountIndex Accounts { get; }

    public JobMarks Marks { get; }

    public RewrapProgressStore Rewraps { get; }

    public TokenEndpoint Endpoint { get; }

    public GrantResolution Resolution { get; }

    public GrantListing Listing { get; }

    public RevocationMarks RevocationMarks { get; }

    public GrantRevocation Revocation { get; }

    public UserErasure Erasure { get; }

    public RevokeAtProvider AtProvider { get; }

    public ProviderBrake Brake { get; }

    public GrantRefresher Refresher { get; }

    public AccessTokens AccessTokens { get; }

    public ProviderCall Calls { get; }

    public RateLimitStore Limits { get; }

    public RateLimiter Limiter { get; }

    public CallEvaluation Evaluation { get; }

    public DueGrants DueGrants { get; }

    public DailySweep Sweep { get; }

    public ConnectSessionStore Sessions { get; }

    public AuthorizationFlowStore Flows { get; }

    public ConnectTokens ConnectTokens { get; }

    public UserCookies Cookies { get; }

    public ConnectSessionMinting Minting { get; }

    public OpenConnect Open { get; }

    public AuthorizeConnect Authorize { get; }

    public OtherOrigin OtherOrigin { get; }

    public FinishSignIn SignIn { get; }

    public FinishConnect Finish { get; }

    public CompleteConnect Complete { get; }

    public CloseConnect Close { get; }

    public ConnectStatus Status { get; }

    public ConnectPurge Purge { get; }

    public GrantExtension Extension { get; }

    public WalletCookies WalletCookies { get; }

    public BeginWalletSignIn BeginWallet { get; }

    public FinishWalletSignIn FinishWallet { get; }

    public WalletPlaces WalletPlaces { get; }

    public WalletListing WalletListing { get; }

    public WalletRevocation WalletRevocation { get; }

    public WalletReconnection WalletReconnection { get; }

    public WalletExtension WalletExtension { get; }

    public WalletActivity WalletActivity { get; }

    /// <summary>Another instance over the same storage.</summary>
    public Vault Another() => new(setup);

    /// <summary>The user of a subject.</summary>
    public UserId User(string subject = "ada") => new(App.Id, "https://idp.acme.com", "sub", subject);

    /// <summary>The owner of a subject's grants.</summary>
    public Task<GrantOwner> OwnerAsync(string subject = "ada") => Owners.OfAsync(User(subject), CancellationToken.None).AsTask();

    /// <summary>An ordinary call of this app with a grant; its key has no other property than an id.</summary>
    public async Task<IncomingCall> CallAsync(Grant grant, string url = "https://api.erp.acme.com/v2/orders", string subject = "ada")
    {
        ArgumentNullException.ThrowIfNull(grant);
        return ProviderCall.ReadTarget(App, url).Succeeded(out var target, out var refusal)
            ? new IncomingCall
            {
                App = App,
                Key = new AppKey("main", [], AppKeyScopes.Default),
                Owner = await OwnerAsync(subject),
                Method = "GET",
                Target = target,
                GrantIdText = grant.Id.ToString("D"),
            }
            : throw new InvalidOperationException(refusal.Detail);
    }

    /// <summary>A stored grant with its index rows, as read back.</summary>
    /// <param name="change">What is not ordinary about it.</param>
    /// <param name="subject">Whose it is.</param>
    /// <param name="owner">Whose it is, where that is no user of <see cref="OwnerAsync"/>.</param>
    public async Task<Grant> GrantAsync(Action<GrantDraft>? change = null, string subject = "ada", GrantOwner? owner = null)
    {
        var draft = new GrantDraft { Owner = owner ?? await OwnerAsync(subject), CreatedAt = setup.Time.GetUtcNow() };
        change?.Invoke(draft);
        var provider = App.Providers[draft.Provider];
        draft.AccountKey = await Owners.AccountKeyAsync(draft.Provider, $"id-{draft.Account}", "", CancellationToken.None);
        draft.ClientAccountKey = await Owners.ClientAccountKeyAsync(
            provider.Definition.TokenEndpoint!.AbsoluteUri, provider.ClientId, $"id-{draft.Account}", CancellationToken.None);
        var grant = draft.Build(await Ring.CurrentAsync(CancellationToken.None));
        if (grant.DueAt is { } at)
        {
            await Due.AddAsync(grant, at, CancellationToken.None);
        }

        await Accounts.AddAsync(grant, CancellationToken.None);
        var (written, marker) = (ConnectWrite.GrantChanged, Marker(grant));
        for (var attempt = 0; attempt < 50 && written is ConnectWrite.GrantChanged; attempt++)
        {
            written = await Store.ConnectAsync(grant, null, marker, await UserAsync(grant), CancellationToken.None); // Another test's thread may store one for the same user.
        }

        return written is ConnectWrite.Stored ? await ReadAsync(grant) : throw new InvalidOperationException($"The grant was not stored: {written}.");
    }

    /// <summary>The row of a grant's user as it is now.</summary>
    public async Task<UserMark> UserAsync(Grant grant)
    {
        ArgumentNullException.ThrowIfNull(grant);
        return (await Store.ListAllAsync(new GrantOwner(grant.Place.App, grant.Place.UserHash), CancellationToken.None)).User;
    }

    /// <summary>A marker of a session nobody else has.</summary>
    public ConnectMarker Marker(Grant grant)
    {
        ArgumentNullException.ThrowIfNull(grant);
        return new ConnectMarker(A.Unique(), grant.Place.Provider, "flow", grant.Id, true, setup.Time.GetUtcNow());
    }

    /// <summary>The row in the grant's place as it is now.</summary>
    public async Task<Grant> ReadAsync(Grant grant)
    {
        ArgumentNullException.ThrowIfNull(grant);
        return await Store.ReadAsync(grant.Key, CancellationToken.None) ?? throw new InvalidOperationException("There is no such row.");
    }

    /// <summary>The grant's tokens in the open.</summary>
    public async Task<(string? Access, string? Refresh)> TokensAsync(Grant grant)
    {
        ArgumentNullException.ThrowIfNull(grant);
        var key = await Ring.FindAsync(grant.Secrets.KeyVersion, CancellationToken.None) ?? throw new InvalidOperationException("There is no such key.");
        return (
            grant.Secrets.TryOpenAccessToken(key, grant.Place, grant.Generation, out var access) ? access.Reveal() : null,
            grant.Secrets.TryOpenRefreshToken(key, grant.Place, grant.Generation, out var refresh) ? refresh.Reveal() : null);
    }

    public void Dispose()
    {
        Ring.Dispose();
        handlers.Dispose();
        Network.Dispose();
    }
}
