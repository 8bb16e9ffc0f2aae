using Alter.Apps;
using Alter.Grants;
using Alter.Keys;
using Alter.Policies;
using Alter.Providers;
using Alter.Tokens;
using Microsoft.Extensions.Logging;

namespace Alter.Connect;

/// <summary>Finishes an authorization flow: from the provider's answer to a stored grant.</summary>
/// <remarks>
/// <code>
///   1 flow: state, route, cookie, iss            refused: nothing was touched (a foreign route or iss, or a suspension, ends the flow)
///   2 consume the flow ∥ read the session        crash: the person starts again; the code is unused
///   3 browser's proof, then claim the session    refused: the code goes nowhere; crash: the claim lapses after 45 s, it only saves a second redemption
///   4 redeem the code ∥ read the user's grants   crash after: an orphan token at the provider, nothing stored; unavoidable
///   5 account, then due ∥ accounts rows          crash: index rows without grant are stale and go
///   6 one transaction: grant + marker + user (+ tombstone)   of a user erased since 4 nothing is stored; exactly one finish per session and provider, whatever crashed before; a session that is to be
///                                                     completed by the backend gets a pending grant in a row of its own (<see cref="CompleteConnect"/>)
///   7 note on the session how the browser came back   crash before: the markers say what was connected
/// </code>
/// From step 2 on the browser's leaving changes nothing: the code is spent.
/// </remarks>
public sealed class FinishConnect(
    ReturnedFlows returned,
    ConnectSessionStore sessions,
    ConnectReturns returns,
    GrantStore grants,
    GrantOwners owners,
    ConnectedGrants connected,
    BrowserIdentity identity,
    AccountLookup lookup,
    TokenEndpoint endpoint,
    ProviderDiscovery discovery,
    KeyRing ring,
    TimeProvider time,
    ILogger<FinishConnect> logger)
{
    private const int MaxCodeLength = 4096;
    private static readonly TimeSpan ClaimLifetime = TimeSpan.FromSeconds(45); // Longer than redeeming a code (20 s) and asking for the account (10 s) may take.

    /// <summary>Finishes the flow of an authorization response.</summary>
    /// <param name="appId">From the route.</param>
    /// <param name="providerId">From the route.</param>
    /// <param name="response">The query.</param>
    /// <param name="browser">Who brings it.</param>
    /// <param name="cancellationToken">Stops before the flow is consumed.</param>
    /// <returns>
    /// The session token to lead the browser back with, whether or not a grant came of it; or <see cref="ConnectFlowInvalid"/>,
    /// <see cref="ConnectSessionExpired"/>, <see cref="ConnectSessionUsed"/>, where there is nobody to lead back.
    /// </returns>
    /// <remarks>Seven sequential storage round trips, nine operations.</remarks>
    public async Task<Outcome<string>> RunAsync(
        string appId, string providerId, CallbackParameters response, ConnectBrowser browser, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(response);
        ArgumentNullException.ThrowIfNull(browser);

        // 1
        if (!(await returned.FindAsync(appId, flow => flow.Provider == providerId && flow.Secrets.SignIn is null, response, browser, cancellationToken))
            .Succeeded(out var found, out var refusal))
        {
            return refusal;
        }

        var (flow, vault, app, provider) = found;
        if (provider.Suspension is { } suspension)
        {
            return await StopAsync(flow, suspension);
        }

        if (!(await discovery.ResolveAsync(provider.Definition, cancellationToken)).Succeeded(out var endpoints, out refusal))
        {
            return refusal;
        }

        if (!ReturnedFlows.IsOfIssuer(response, endpoints))
        {
            return await returned.EndAsync(flow, "iss");
        }

        // 2
        if (!(await returned.TakeAsync(flow)).Succeeded(out var session, out refusal))
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
        else if (session.Details.Proof is BrowserProof.Identity && !await identity.IsUserOfAsync(session, browser, CancellationToken.None)) // 3
        {
            outcome = new UserMismatch();
        }
        else if (await TryClaimAsync(session, flow) is not { } claimed)
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
        await returns.NoteAsync(session, flow, refusal, refusal is null ? null : TokenAnswer.CleanText(response.ErrorDescription));
        return flow.Secrets.SessionToken;
    }

    private static Refusal Denied(string error, string provider) => error switch
    {
        "access_denied" => new ConnectDenied(error),
        "server_error" or "temporarily_unavailable" => new ProviderUnreachable("The provider could not serve the authorization request.", provider),
        _ => new ConnectConfig("The provider refused the authorization request.", provider, TokenAnswer.CleanText(error)),
    };

    // Suspended since the browser left: nobody is asked for anything, and the code is never redeemed, not even once the provider is resumed.
    private async Task<Outcome<string>> StopAsync(AuthorizationFlow flow, Suspension suspension)
    {
        if (!(await returned.TakeAsync(flow)).Succeeded(out var session, out var refusal))
        {
            return refusal;
        }

        var stopped = PolicyViolation.Of(suspension);
        Log.NotConnected(logger, flow.App, flow.Provider, stopped.Code);
        await returns.NoteAsync(session, flow, stopped, description: null);
        return flow.Secrets.SessionToken;
    }

    // Steps 4 to 6.
    private async Task<Outcome<Grant>> ConnectAsync(
        ConnectSession session, AuthorizationFlow flow, VaultConfiguration vault, AppConfiguration app, AppProvider provider, ProviderEndpoints endpoints, string code)
    {
        // 4: the key comes first, so that no code is spent for a grant that could not be sealed.
        var key = await ring.CurrentAsync(CancellationToken.None);
        var owner = new GrantOwner(session.App, session.UserHash);
        var reading = grants.ListAllAsync(owner, CancellationToken.None);
        var redirectUri = flow.Secrets.RedirectUri ?? vault.RedirectUri(app.Id, flow.Provider);
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

        var connection = new Connection
        {
            Owner = owner,
            Provider = flow.Provider,
            AccessToken = tokenSet.AccessToken,
            RefreshToken = tokenSet.RefreshToken,
            IssuedAt = time.GetUtcNow(),
            Lifetime = tokenSet.Lifetime,
            RefreshTokenIdleLifetime = provider.Definition.RefreshTokenIdleLifetime,
            Scopes = tokenSet.Scopes ?? flow.Secrets.Scopes, // RFC 6749 §5.1: left out where it equals what was asked.
            Profile = profile,
            ClientAccountKey = await owners.ClientAccountKeyAsync(endpoints.Token.AbsoluteUri, provider.ClientId, profile.AccountId, CancellationToken.None),
            ExpiresAt = session.GrantExpiresAt,
            MaxExpiresAt = session.GrantMaxExpiresAt,
            BegunAt = session.ExpiresAt - ConnectSession.Lifetime,
        };

        // 6
        var stored = session.Details.Proof is BrowserProof.Complete
            ? await connected.HoldAsync(connection, session, flow, existing, key)
            : await connected.StoreAsync(connection, existing, key, newId: null, (grant, replaced, user) => grants.ConnectAsync(
                grant,
                replaced,
                new ConnectMarker(session.Key.Hash, flow.Provider, flow.Key.Hash, grant.Id, replaced?.Id != grant.Id, time.GetUtcNow()),
                user,
                CancellationToken.None));
        if (!stored.Succeeded(out _, out _))
        {
            await endpoint.DiscardAsync(provider, tokenSet.RefreshToken, tokenSet.AccessToken);
        }

        return stored;
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
}
