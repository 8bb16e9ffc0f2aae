using Alter.Apps;
using Alter.Grants;
using Alter.Identity;
using Alter.Policies;

namespace Alter.Connect;

/// <summary>The body of <c>POST /sdk/oauth/connect/session</c>.</summary>
public sealed record ConnectSessionRequest
{
    /// <summary>Provider ids; omitted: all the app has.</summary>
    public IReadOnlyList<string>? AllowedProviders { get; init; }

    /// <summary>Who hears the result: one of the app's origins; omitted: that of its website.</summary>
    public string? AllowedOrigin { get; init; }

    /// <summary>Where the redirect flow comes back to: one of the app's return URLs, or below it.</summary>
    public string? ReturnUrl { get; init; }

    /// <summary>The user's JWT, unless the header has it.</summary>
    public string? UserToken { get; init; }

    /// <summary>Per provider, what to ask for instead of all the app's scopes.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? RequiredScopes { get; init; }

    /// <summary>How long the grants live.</summary>
    public GrantPolicyRequest? GrantPolicy { get; init; }

    /// <summary>The app's own words, at most 16 × 256 characters.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>How the person in the browser is held to be the user: <c>confirm</c>, <c>identity</c> or <c>complete</c>; omitted: <c>identity</c> where the user can sign in, else <c>confirm</c>.</summary>
    public string? BrowserProof { get; init; }

    /// <summary>It may hold a JWT: it never prints.</summary>
    public override string ToString() => "[connect session request]";
}

/// <summary>The lifetime a session asks for.</summary>
public sealed record GrantPolicyRequest(int? DefaultTtlSeconds = null, int? MaxTtlSeconds = null, DateTimeOffset? ExpiresAt = null);

/// <summary>The answer to <c>POST /sdk/oauth/connect/session</c>.</summary>
public sealed record ConnectSessionCreated(string SessionToken, string ConnectUrl, DateTimeOffset ExpiresAt, int ExpiresIn)
{
    /// <summary>It holds a session token: it never prints.</summary>
    public override string ToString() => "[connect session]";
}

/// <summary>When a grant ends.</summary>
/// <param name="ExpiresAt">Null: until revoked.</param>
/// <param name="MaxExpiresAt">The furthest that end may be moved; null: no limit.</param>
internal sealed record GrantEnd(DateTimeOffset? ExpiresAt, DateTimeOffset? MaxExpiresAt);

/// <summary>Mints Connect sessions.</summary>
public sealed class ConnectSessionMinting(ConnectSessionStore sessions, ConnectTokens tokens, GrantOwners owners, ConfigurationSource configuration, TimeProvider time)
{
    private const int MaxMetadataEntries = 16;
    private const int MaxMetadataLength = 256;

    /// <summary>Mints a session for one user.</summary>
    /// <param name="app">The app whose backend asks.</param>
    /// <param name="user">The user, verified; the app itself where it has no users.</param>
    /// <param name="userLabel">What the page calls the user.</param>
    /// <param name="request">The body.</param>
    /// <param name="cancellationToken">Stops before the write.</param>
    /// <returns>The session, or <see cref="InvalidRequest"/> with every field that is wrong; <see cref="PolicyViolation"/> where all it asks for is suspended.</returns>
    /// <remarks>One storage operation.</remarks>
    public async Task<Outcome<ConnectSessionCreated>> MintAsync(
        AppConfiguration app, UserId user, string userLabel, ConnectSessionRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(request);
        var now = time.GetUtcNow();
        var errors = new Dictionary<string, string[]>();
        var providers = Providers(app, request, errors);
        var origin = Origin(app, request, errors);
        var returnUrl = ReturnUrl(app, request, errors);
        var scopes = RequiredScopes(app, providers, request, errors);
        var lifetime = Lifetime(app, request.GrantPolicy, now, errors);
        var signInAt = SignInPlaceOf(app, user);
        var proof = Proof(request, signInAt, origin, returnUrl, errors);
        CheckMetadata(request, errors);
        if (errors.Count > 0)
        {
            return new InvalidRequest("The session cannot be minted as asked; errors names each field.", errors);
        }

        var offered = providers.Where(id => app.Providers[id].Suspension is null).ToArray();
        if (offered.Length == 0)
        {
            return PolicyViolation.Of(app.Providers[providers[0]].Suspension!.Value);
        }

        return await StoreAsync(
            new NewSession(app, user, new ConnectSessionDetails(userLabel, request.Metadata ?? new Dictionary<string, string>(), proof, signInAt), offered, new GrantEnd(lifetime.ExpiresAt, lifetime.MaxExpiresAt))
            {
                AllowedOrigin = origin,
                ReturnUrl = returnUrl,
                RequiredScopes = scopes,
            },
            now,
            cancellationToken);
    }

    /// <summary>Mints a session by which the vault's own Wallet renews a connection: it tells no page of its result, and leads back to the Wallet.</summary>
    /// <param name="app">The connection's app.</param>
    /// <param name="user">Whose it is; they are signed in to the Wallet.</param>
    /// <param name="userLabel">What the page calls them.</param>
    /// <param name="provider">The one provider, which is not suspended.</param>
    /// <param name="end">How long the renewed grant may live.</param>
    /// <param name="cancellationToken">Stops before the write.</param>
    /// <remarks>One storage operation.</remarks>
    internal Task<ConnectSessionCreated> MintForWalletAsync(
        AppConfiguration app, UserId user, string userLabel, string provider, GrantEnd end, CancellationToken cancellationToken)
    {
        var signInAt = SignInPlaceOf(app, user);
        var details = new ConnectSessionDetails(userLabel, new Dictionary<string, string>(), signInAt is null ? BrowserProof.Confirm : BrowserProof.Identity, signInAt);
        return StoreAsync(new NewSession(app, user, details, [provider], end) { ReturnUrl = configuration.Current!.WalletUrl.AbsoluteUri }, time.GetUtcNow(), cancellationToken);
    }

    private async Task<ConnectSessionCreated> StoreAsync(NewSession session, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var expiresAt = now + ConnectSession.Lifetime;
        var (token, key) = await tokens.NewSessionAsync(expiresAt, cancellationToken);
        await sessions.AddAsync(
            new ConnectSession
            {
                Key = key,
                App = session.App.Id,
                UserHash = (await owners.OfAsync(session.User, cancellationToken)).Hash,
                Details = session.Details,
                AllowedProviders = session.Providers,
                AllowedOrigin = session.AllowedOrigin,
                ReturnUrl = session.ReturnUrl,
                RequiredScopes = session.RequiredScopes,
                GrantExpiresAt = session.End.ExpiresAt,
                GrantMaxExpiresAt = session.End.MaxExpiresAt,
                ExpiresAt = expiresAt,
            },
            cancellationToken);

        // RFC 6750 §2.3 is why the token is in the fragment: a query lands in logs and Referer headers.
        var url = $"{configuration.Current!.PublicOrigin}/sdk/oauth/connect#session={token}";
        return new ConnectSessionCreated(token, url, expiresAt, (int)ConnectSession.Lifetime.TotalSeconds);
    }

    private static string[] Providers(AppConfiguration app, ConnectSessionRequest request, Dictionary<string, string[]> errors)
    {
        var asked = request.AllowedProviders?.Distinct().ToArray() ?? [.. app.Providers.Keys.Order(StringComparer.Ordinal)];
        if (asked.Length == 0)
        {
            errors["allowed_providers"] = [request.AllowedProviders is null ? "The app has no providers." : "An empty list allows nothing; leave it out for all."];
        }
        else if (asked.Length > 100 || asked.Any(id => id is null || !app.Providers.ContainsKey(id)))
        {
            errors["allowed_providers"] = [$"Only the app's own providers: {string.Join(", ", app.Providers.Keys.Order(StringComparer.Ordinal))}."];
        }

        return asked;
    }

    private static string? Origin(AppConfiguration app, ConnectSessionRequest request, Dictionary<string, string[]> errors)
    {
        if (request.AllowedOrigin is null)
        {
            return app.WebsiteUrl?.GetLeftPart(UriPartial.Authority);
        }

        // In the app's list, so the document already decided about http on this machine.
        if (AppOrigin.TryNormalize(request.AllowedOrigin, allowLoopbackHttp: true, out var origin) && app.Origins.Contains(origin))
        {
            return origin;
        }

        errors["allowed_origin"] = ["It must be one of the app's origins: scheme://host[:port], without path."];
        return null;
    }

    private static string? ReturnUrl(AppConfiguration app, ConnectSessionRequest request, Dictionary<string, string[]> errors)
    {
        if (request.ReturnUrl is null)
        {
            return null;
        }

        if (ReturnAddress.TryParse(request.ReturnUrl, app.ReturnUrls, out var address))
        {
            return address.AbsoluteUri;
        }

        errors["return_url"] = ["It must be one of the app's return URLs, or lie below one."];
        return null;
    }

    private static Dictionary<string, IReadOnlyList<string>> RequiredScopes(
        AppConfiguration app, string[] providers, ConnectSessionRequest request, Dictionary<string, string[]> errors)
    {
        var scopes = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var (provider, asked) in request.RequiredScopes ?? new Dictionary<string, IReadOnlyList<string>>())
        {
            if (!providers.Contains(provider) || !app.Providers.TryGetValue(provider, out var known))
            {
                errors["required_scopes"] = ["It names a provider that the session does not allow."];
            }
            else if (asked is null || asked.Except(known.Scopes).Any())
            {
                errors["required_scopes"] = [$"For {provider} only scopes the app configured: {string.Join(' ', known.Scopes)}."];
            }
            else
            {
                scopes[provider] = [.. asked.Distinct()];
            }
        }

        return scopes;
    }

    private static (DateTimeOffset? ExpiresAt, DateTimeOffset? MaxExpiresAt) Lifetime(
        AppConfiguration app, GrantPolicyRequest? policy, DateTimeOffset now, Dictionary<string, string[]> errors)
    {
        if (policy is { DefaultTtlSeconds: <= 0 } or { MaxTtlSeconds: <= 0 } || policy?.ExpiresAt <= now || policy?.DefaultTtlSeconds > policy?.MaxTtlSeconds)
        {
            errors["grant_policy"] = ["Lifetimes are positive seconds, default_ttl_seconds at most max_ttl_seconds; expires_at lies ahead."];
            return (null, null);
        }

        // What the app's configuration limits, a session may only narrow.
        var max = Earliest(now + app.GrantLifetime.Max, Seconds(policy?.MaxTtlSeconds));
        var wanted = policy?.ExpiresAt ?? Seconds(policy?.DefaultTtlSeconds) ?? now + app.GrantLifetime.Default;
        return (Earliest(wanted, max), max);

        DateTimeOffset? Seconds(int? seconds) => seconds is { } s ? now.AddSeconds(s) : null;
        static DateTimeOffset? Earliest(DateTimeOffset? one, DateTimeOffset? other) => one is null ? other : other is null || one < other ? one : other;
    }

    // The identity provider whose token named the user, where the vault has a client of its own there.
    private static SignInPlace? SignInPlaceOf(AppConfiguration app, UserId user) =>
        ConcreteIssuer.Of(app).FirstOrDefault(one => one.Issuer == user.Issuer) is { Provider.SignIn: not null } one ? new SignInPlace(one.Provider.Id, one.Issuer) : null;

    private static BrowserProof Proof(
        ConnectSessionRequest request, SignInPlace? signInAt, string? origin, string? returnUrl, Dictionary<string, string[]> errors)
    {
        var proof = signInAt is null ? BrowserProof.Confirm : BrowserProof.Identity;
        if (request.BrowserProof is not null && !BrowserProofNames.TryParse(request.BrowserProof, out proof))
        {
            errors["browser_proof"] = ["It must be identity, complete or confirm."];
        }
        else if (proof is BrowserProof.Identity && signInAt is null)
        {
            errors["browser_proof"] = ["identity needs a sign_in client in the app's identity provider; docs/configuration.md tells how."];
        }
        else if (proof is not BrowserProof.Identity && origin is null && returnUrl is null && !errors.ContainsKey("allowed_origin") && !errors.ContainsKey("return_url"))
        {
            // Nobody would vouch for the browser: contract, browser_proof.
            errors["allowed_origin"] = ["A session without allowed_origin (or the app's website_url) and return_url needs browser_proof identity."];
        }

        return proof;
    }

    private static void CheckMetadata(ConnectSessionRequest request, Dictionary<string, string[]> errors)
    {
        if (request.Metadata is { } metadata
            && (metadata.Count > MaxMetadataEntries || metadata.Any(entry => entry.Key.Length > MaxMetadataLength || entry.Value is null or { Length: > MaxMetadataLength })))
        {
            errors["metadata"] = [$"At most {MaxMetadataEntries} entries of at most {MaxMetadataLength} characters."];
        }
    }

    private sealed record NewSession(AppConfiguration App, UserId User, ConnectSessionDetails Details, IReadOnlyList<string> Providers, GrantEnd End)
    {
        public string? AllowedOrigin { get; init; }

        public string? ReturnUrl { get; init; }

        public IReadOnlyDictionary<string, IReadOnlyList<string>> RequiredScopes { get; init; } = new Dictionary<string, IReadOnlyList<string>>();
    }
}
