using Alter.Apps;
using Alter.Grants;
using Alter.Keys;
using Alter.Providers;
using Alter.Tokens;
using Microsoft.Extensions.Logging;

namespace Alter.Connect;

/// <summary>Finishes an authorization flow: from the provider's answer to a stored grant.</summary>
/// <remarks>
/// <code>
///   1 flow: state, route, cookie, iss            refused: nothing was touched (a foreign route or iss ends the flow)
///   2 consume the flow ∥ read the session        crash: the person starts again; the code is unused
///   3 claim the session for this provider        crash: the claim lapses after 60 s; it only saves a second redemption
///   4 redeem the code ∥ read the user's grants   crash after: an orphan token at the provider, nothing stored; unavoidable
///   5 account, then due ∥ accounts rows          crash: index rows without grant are stale and go
///   6 one transaction: grant + marker (+ tombstone)   exactly one finish per session and provider, whatever crashed before
///   7 note on the session how the browser came back   crash before: the markers say what was connected
/// </code>
/// From step 2 on the browser's leaving changes nothing: the code is spent.
/// </remarks>
public sealed class FinishConnect(
    AuthorizationFlowStore flows,
    ConnectSessionStore sessions,
    ConnectTokens tokens,
    GrantStore grants,
    ConnectedGrants connected,
    DueIndex due,
    AccountIndex accounts,
    AccountLookup lookup,
    TokenEndpoint endpoint,
    ProviderDiscovery discovery,
    KeyRing ring,
    ConfigurationSource configuration,
    TimeProvider time,
    ILogger<FinishConnect> logger)
{
    private const int MaxCodeLength = 4096;
    private static readonly TimeSpan ClaimLifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LeasePause = TimeSpan.FromMilliseconds(200);

    /// <summary>Finishes the flow of an authorization response.</summary>
    /// <param name="appId">From the route.</param>
    /// <param name="providerId">From the route.</param>
    /// <param name="response">The query.</param>
    /// <param name="cookie">The browser's flow cookie.</param>
    /// <param name="cancellationToken">Stops before the flow is consumed.</param>
    /// <returns>
    /// The session token to lead the browser back with, whether or not a grant came of it; or <see cref="ConnectFlowInvalid"/>,
    /// <see cref="ConnectSessionExpired"/>, <see cref="ConnectSessionUsed"/>, where there is nobody to lead back.
    /// </returns>
    /// <remarks>Seven sequential storage round trips, nine operations.</remarks>
    public async Task<Outcome<string>> RunAsync(
        string appId, string providerId, CallbackParameters response, string? cookie, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(response);

        // 1
        if (!(await flows.FindAsync(await tokens.ReadStateAsync(response.State, cancellationToken), cancellationToken)).Succeeded(out var flow, out var refusal))
        {
            return refusal;
        }

        if (flow.App != appId || flow.Provider != providerId)
        {
            // RFC 9700 §4.4.2: an answer at another provider's redirect URI is a mix-up; its code goes nowhere.
            await flows.TryConsumeAsync(flow, CancellationToken.None);
            Log.MixUp(logger, flow.App, flow.Provider, "route");
            return new ConnectFlowInvalid();
        }

        if (!FlowCookie.Matches(FlowCookie.Hash(cookie), flow.CookieHash))
        {
            return new ConnectFlowInvalid(); // Another browser: the flow stays for the one that began it.
        }

        if (configuration.Current is not { } vault
            || vault.Apps.GetValueOrDefault(appId) is not { } app
            || app.Providers.GetValueOrDefault(providerId) is not { } provider)
        {
            return new ConnectFlowInvalid();
        }

        if (!(await discovery.ResolveAsync(provider.Definition, cancellationToken)).Succeeded(out var endpoints, out refusal))
        {
            return refusal;
        }

        // RFC 9207 §2.4: compared as text; missing where the provider promises it is refused as well.
        if (response.Iss is null ? endpoints.SendsIss : response.Iss != endpoints.Issuer)
        {
            await flows.TryConsumeAsync(flow, CancellationToken.None);
            Log.MixUp(logger, flow.App, flow.Provider, "iss");
            return new ConnectFlowInvalid();
        }

        // 2
        var reading = sessions.FindAsync(flow.Session, CancellationToken.None);
        if (!await flows.TryConsumeAsync(flow, CancellationToken.None))
        {
            await reading;
            return new ConnectSessionUsed();
        }

        if (!(await reading).Succeeded(out var session, out refusal))
        {
            return refusal;
        }

        Outcome<Grant> outcome;
        if (response.Error is not null)
        {
            outcome = Denied(response.Error, providerId);
        }
        else if (response.Code is not { Length: > 0 and <= MaxCodeLength } code)
        {
            outcome = new ConnectFlowInvalid();
        }
        else if (await TryClaimAsync(session, flow) is not { } claimed) // 3
        {
            return new ConnectSessionUsed();
        }
        else
        {
            session = claimed;
            outcome = await ConnectAsync(session, flow, vault, app, provider, endpoints, code);
        }

        if (!outcome.Succeeded(out var grant, out refusal))
        {
            Log.NotConnected(logger, app.Id, provider.Definition.Id, refusal.Code);
            if (refusal is ConnectSessionUsed)
            {
                return refusal; // Another browser's result is not this one's to see.
            }
        }
        else
        {
            Log.Connected(logger, app.Id, provider.Definition.Id, grant.Id);
        }

        // 7
        await NoteReturnAsync(session, flow, refusal, refusal is null ? null : TokenAnswer.CleanText(response.ErrorDescription));
        return flow.Secrets.SessionToken;
    }

    private static Refusal Denied(string error, string provider) => error switch
    {
        "access_denied" => new ConnectDenied(error),
        "server_error" or "temporarily_unavailable" => new ProviderUnreachable("The provider could not serve the authorization request.", provider),
        _ => new ConnectConfig("The provider refused the authorization request.", provider, TokenAnswer.CleanText(error)),
    };

    // Steps 4 to 6.
    private async Task<Outcome<Grant>> ConnectAsync(
        ConnectSession session, AuthorizationFlow flow, VaultConfiguration vault, AppConfiguration app, AppProvider provider, ProviderEndpoints endpoints, string code)
    {
        // 4: the key comes first, so that no code is spent for a grant that could not be sealed.
        var key = await ring.CurrentAsync(CancellationToken.None);
        var owner = new GrantOwner(session.App, session.UserHash);
        var reading = grants.ListAsync(owner, flow.Provider, CancellationToken.None);
        var redirectUri = AuthorizeConnect.RedirectUri(vault, app.Id, flow.Provider);
        var redeemed = await endpoint.RedeemCodeAsync(provider, code, redirectUri, flow.Secrets.CodeVerifier, CancellationToken.None);
        var existing = await reading;
        if (!redeemed.Succeeded(out var tokenSet, out var refusal))
        {
            return refusal is InvalidGrant ? new ConnectFlowInvalid() : refusal;
        }

        // 5
        if (!(await lookup.FindAsync(provider, endpoints, tokenSet, flow.Secrets.Nonce, CancellationToken.None)).Succeeded(out var profile, out refusal))
        {
            await endpoint.DiscardAsync(provider, tokenSet.RefreshToken, tokenSet.AccessToken); // Nobody will ever use them.
            return refusal;
        }

        for (var conflicts = 0; ;)
        {
            var grant = await connected.BuildAsync(session, flow, provider, endpoints, existing, key, tokenSet, profile);
            if (tokenSet.RefreshToken is null && grant.Existing?.Lease is { } lease && lease.Until > time.GetUtcNow())
            {
                // The refresh token that would be kept may be presented at this moment: its successor, or the lapse of the lease, comes first.
                await Task.Delay(LeasePause, time);
                existing = await grants.ListAsync(owner, flow.Provider, CancellationToken.None);
                continue;
            }

            await Task.WhenAll(
                grant.New.DueAt is { } at ? due.AddAsync(grant.New, at, CancellationToken.None) : Task.CompletedTask,
                accounts.AddAsync(grant.New, CancellationToken.None));

            // 6
            var marker = new ConnectMarker(session.Key.Hash, flow.Provider, flow.Key.Hash, grant.New.Id, grant.Existing?.Id != grant.New.Id, time.GetUtcNow());
            switch (await grants.ConnectAsync(grant.New, grant.Existing, marker, CancellationToken.None))
            {
                case ConnectWrite.Stored:
                    return grant.New;
                case ConnectWrite.GrantChanged when ++conflicts < 4:
                    existing = await grants.ListAsync(owner, flow.Provider, CancellationToken.None);
                    break;
                case var write:
                    await endpoint.DiscardAsync(provider, tokenSet.RefreshToken, tokenSet.AccessToken);
                    return write is ConnectWrite.SessionUsed ? new ConnectSessionUsed() : new VaultUnavailable("The grant kept changing while it was to be stored.");
            }
        }
    }

    // The session with our claim; null where another browser is finishing for the same provider.
    private async Task<ConnectSession?> TryClaimAsync(ConnectSession session, AuthorizationFlow flow)
    {
        var now = time.GetUtcNow();
        for (var current = session; ;)
        {
            if (current.Claims.TryGetValue(flow.Provider, out var held) && held.Until > now && held.Flow != flow.Key.Hash)
            {
                return null;
            }

            var claims = new Dictionary<string, ConnectClaim>(current.Claims) { [flow.Provider] = new ConnectClaim(flow.Key.Hash, now + ClaimLifetime) };
            if (await sessions.TryReplaceAsync(current with { Claims = claims }, CancellationToken.None) is { } claimed)
            {
                return claimed;
            }

            if (!(await sessions.FindAsync(session.Key, CancellationToken.None)).Succeeded(out var newer, out _))
            {
                return null;
            }

            current = newer;
        }
    }

    private async Task NoteReturnAsync(ConnectSession session, AuthorizationFlow flow, Refusal? refusal, string? description)
    {
        var error = refusal is ConnectDenied ? "access_denied" : refusal?.Code; // The name the known widget gives it.
        var back = new ConnectReturn(flow.CookieHash, flow.Mode, error, refusal is null ? null : description ?? refusal.Detail);
        var current = session;
        for (var attempt = 0; attempt < 4; attempt++)
        {
            // The claim goes with it: after a failure the person may try again at once.
            var claims = current.Claims.Where(claim => claim.Value.Flow != flow.Key.Hash).ToDictionary();
            if (await sessions.TryReplaceAsync(current with { Claims = claims, LastReturn = back }, CancellationToken.None) is not null
                || !(await sessions.FindAsync(session.Key, CancellationToken.None)).Succeeded(out var newer, out _))
            {
                return;
            }

            current = newer;
        }
    }
}
