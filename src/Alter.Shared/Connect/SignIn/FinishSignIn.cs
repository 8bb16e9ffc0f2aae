using Alter.Apps;
using Alter.Identity;
using Alter.Policies;
using Alter.Providers;
using Alter.Tokens;
using Microsoft.Extensions.Logging;

namespace Alter.Connect;

/// <summary>Where a browser goes after its sign-in, and what it is to remember.</summary>
/// <param name="AuthorizationUrl">On to the provider, or to another sign-in; null: back to the page of <paramref name="SessionToken"/>.</param>
/// <param name="SessionToken">For the fragment of the Connect page.</param>
/// <param name="Cookie">Name and value of the cookie that remembers the sign-in.</param>
public sealed record SignInFinish(string? AuthorizationUrl, string SessionToken, (string Name, string Value)? Cookie)
{
    /// <summary>URL, token and cookie are secrets: they never print.</summary>
    public override string ToString() => "[sign-in finish]";
}

/// <summary>Finishes a sign-in at the app's OpenID provider; where the session's own user came, the browser goes straight on to the provider.</summary>
/// <remarks>
/// <code>
///   1 flow: state, route, cookie             refused: nothing was touched (a foreign route ends the flow)
///   2 consume the flow ∥ read the session    crash from here on: the person starts again; iss is checked now that the session names the issuer
///   3 nobody is signed in yet                ─► the same again, now with a page that asks
///   4 redeem the code, verify the id token   OpenID Connect Core §3.1.3.7, nonce and all
///   5 issuer and user are the session's?     no ─► noted on the session; nothing was sent to the provider
///   6 flow to the provider, sealed cookie    the callback checks the cookie again before it redeems a code
/// </code>
/// </remarks>
public sealed class FinishSignIn(
    ReturnedFlows returned,
    ConnectReturns returns,
    AuthorizationRequests requests,
    TokenEndpoint endpoint,
    ProviderDiscovery discovery,
    IdTokenVerifier idTokens,
    BrowserIdentity identity,
    UserCookies cookies,
    TimeProvider time,
    ILogger<FinishSignIn> logger)
{
    private const int MaxCodeLength = 4096;

    // OpenID Connect Core §3.1.2.6: what a provider says that may not ask anybody.
    private static readonly string[] NeedsPerson = ["login_required", "interaction_required", "consent_required", "account_selection_required"];

    /// <summary>Finishes the sign-in of an authorization response.</summary>
    /// <param name="appId">From the route.</param>
    /// <param name="identityProvider">From the route.</param>
    /// <param name="response">The query.</param>
    /// <param name="browser">Who brings it.</param>
    /// <param name="cancellationToken">Stops before the flow is consumed.</param>
    /// <returns>Where to go; or <see cref="ConnectFlowInvalid"/>, <see cref="ConnectSessionExpired"/>, <see cref="ConnectSessionUsed"/>, where there is nobody to lead back.</returns>
    /// <remarks>Four storage operations in three round trips.</remarks>
    public async Task<Outcome<SignInFinish>> RunAsync(
        string appId, string identityProvider, CallbackParameters response, ConnectBrowser browser, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(response);
        ArgumentNullException.ThrowIfNull(browser);

        // 1
        if (!(await returned.FindAsync(appId, flow => flow.Secrets.SignIn?.IdentityProvider == identityProvider, response, browser, cancellationToken))
            .Succeeded(out var found, out var refusal))
        {
            return refusal;
        }

        var (flow, vault, app, provider) = found;
        var step = flow.Secrets.SignIn!;

        // 2
        if (!(await returned.TakeAsync(flow)).Succeeded(out var session, out refusal))
        {
            return refusal;
        }

        if (provider.Suspension is { } suspension)
        {
            return await BackAsync(session, flow, PolicyViolation.Of(suspension), step);
        }

        if (SignInProvider.Of(app, session.Details.SignInAt) is not { } signIn || !(await discovery.ResolveAsync(signIn.Client.Definition, CancellationToken.None)).Succeeded(out var endpoints, out refusal))
        {
            return await BackAsync(session, flow, refusal ?? new ConnectFlowInvalid(), step);
        }

        if (!ReturnedFlows.IsOfIssuer(response, endpoints))
        {
            Log.MixUp(logger, flow.App, flow.Provider, "iss");
            return new ConnectFlowInvalid();
        }

        var start = new FlowStart(vault, app, session, flow.Secrets.SessionToken, provider, flow.Mode, flow.CookieHash, flow.Secrets.PageOrigin ?? vault.PublicOrigin);

        // 3
        if (response.Error is not null)
        {
            return step.Attempt is SignInAttempt.Silent && NeedsPerson.Contains(response.Error)
                ? await OnAsync(start, flow, step, await requests.ToSignInAsync(start, SignInAttempt.Interactive, CancellationToken.None), cookie: null)
                : await BackAsync(session, flow, Denied(response.Error, identityProvider), step);
        }

        // 4
        if (response.Code is not { Length: > 0 and <= MaxCodeLength } code)
        {
            return await BackAsync(session, flow, new ConnectFlowInvalid(), step);
        }

        if (!(await UserAsync(vault, app, signIn, endpoints, flow, code)).Succeeded(out var user, out refusal))
        {
            return await BackAsync(session, flow, refusal, step);
        }

        // 5
        if (user.Issuer != session.Details.SignInAt!.Issuer || !await identity.IsAsync(session, user.Id, CancellationToken.None))
        {
            return await BackAsync(session, flow, new UserMismatch(), step);
        }

        // 6
        var name = UserCookies.NameOf(identityProvider);
        var value = await cookies.SealAsync(identityProvider, new SignedInUser(user.Issuer, user.Id.Claim, user.Id.Value, time.GetUtcNow()), CancellationToken.None);
        return await OnAsync(start, flow, step, await requests.ToProviderAsync(start, CancellationToken.None), (name, value));
    }

    private async Task<Outcome<VerifiedUser>> UserAsync(
        VaultConfiguration vault, AppConfiguration app, SignInProvider signIn, ProviderEndpoints endpoints, AuthorizationFlow flow, string code)
    {
        var redirectUri = flow.Secrets.RedirectUri ?? vault.SignInRedirectUri(app.Id, signIn.Provider.Id);
        if (!(await endpoint.RedeemCodeAsync(signIn.Client, code, redirectUri, flow.Secrets.CodeVerifier, CancellationToken.None)).Succeeded(out var tokenSet, out var refusal))
        {
            return refusal is InvalidGrant ? new ConnectFlowInvalid() : refusal;
        }

        if (flow.Secrets.Nonce is not { } nonce || tokenSet.IdToken is not { } idToken)
        {
            return new ConnectFlowInvalid();
        }

        return (await idTokens.VerifyUserAsync(app, signIn.Issuer, endpoints.Jwks, signIn.Client.ClientId, nonce, idToken, CancellationToken.None)).Succeeded(out var user, out refusal)
            ? user
            : refusal is VaultUnavailable ? refusal : new ConnectFlowInvalid();
    }

    /// <summary>What an error of the identity provider means.</summary>
    internal static Refusal Denied(string error, string identityProvider) => error switch
    {
        "access_denied" => new ConnectDenied(error),
        "server_error" or "temporarily_unavailable" => new ProviderUnreachable("The app's sign-in could not serve the request.", identityProvider),
        _ when NeedsPerson.Contains(error) => new ConnectDenied(error),
        _ => new ConnectConfig("The app's sign-in refused the authorization request.", identityProvider, TokenAnswer.CleanText(error)),
    };

    private async Task<Outcome<SignInFinish>> OnAsync(
        FlowStart start, AuthorizationFlow flow, SignInStep step, Outcome<string> request, (string Name, string Value)? cookie) =>
        request.Succeeded(out var url, out var refusal)
            ? new SignInFinish(url, start.SessionToken, cookie)
            : await BackAsync(start.Session, flow, refusal, step, cookie);

    private async Task<Outcome<SignInFinish>> BackAsync(
        ConnectSession session, AuthorizationFlow flow, Refusal refusal, SignInStep step, (string Name, string Value)? cookie = null)
    {
        Log.NotSignedIn(logger, session.App, step.IdentityProvider, refusal.Code);
        await returns.NoteAsync(session, flow, refusal, description: null, signInAgain: refusal is UserMismatch && step.Attempt is not SignInAttempt.Fresh);
        return new SignInFinish(null, flow.Secrets.SessionToken, cookie);
    }
}
