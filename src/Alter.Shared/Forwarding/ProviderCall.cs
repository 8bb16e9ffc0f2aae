using Alter.Apps;
using Alter.Grants;
using Alter.Policies;
using Alter.Providers;
using Alter.Refresh;

namespace Alter.Forwarding;

/// <summary>A call that may be sent: where to, and with which token.</summary>
/// <param name="Target">The URL, its host allowed.</param>
/// <param name="Provider">The app's provider.</param>
/// <param name="Token">The token and the grant it is of.</param>
/// <param name="KeepsLocation">A redirect keeps its <c>Location</c>.</param>
public sealed record PreparedCall(TargetUrl Target, AppProvider Provider, UsableToken Token, bool KeepsLocation)
{
    /// <summary>What the app asks for and the grant lacks.</summary>
    public IReadOnlyList<string> MissingScopes => Token.Grant.MissingScopes(Provider.Scopes);
}

/// <summary>Decides whether a call may be sent, in the contract's order: provider, grant, allowed host, status, scopes, policy, token.</summary>
public sealed class ProviderCall(CalledGrants grants, CallPolicies policies, AccessTokens tokens, TimeProvider time)
{
    /// <summary>Checks the raw URL and, where it is named, the provider: everything that needs neither user nor storage.</summary>
    /// <returns>The parsed URL, or <see cref="UrlNotAllowed"/>, <see cref="InvalidRequest"/>, <see cref="RequestTooLarge"/>.</returns>
    public static Outcome<TargetUrl> ReadTarget(AppConfiguration app, string url)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(url);
        return TargetUrl.Parse(url, app.CallsLoopback);
    }

    /// <summary>Finds grant and token, and counts the call where something limits how many there may be.</summary>
    /// <param name="call">What is asked for.</param>
    /// <param name="cancellationToken">The caller's; it does not cancel a refresh under way.</param>
    /// <remarks>
    /// One storage operation before the provider is called; three more where the token has to be refreshed. A limit costs at most one more in a block of calls,
    /// beside the first; after it where only the grant tells what is counted, or a block of calls is being counted ahead already.
    /// </remarks>
    public async ValueTask<Outcome<PreparedCall>> PrepareAsync(IncomingCall call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (!CalledGrants.ProviderOf(call).Succeeded(out var named, out var refusal))
        {
            return refusal;
        }

        // Rules need no storage. What they deny is not counted; said it is only after what is wrong with the grant.
        var denial = named.Provider is { Suspension: null } known ? policies.FindDenial(call, known) : null;
        var counting = policies.Begin(call, named.Provider, isStopped: denial is not null || named.Provider is { Suspension: not null }, cancellationToken);
        var isAdmitted = false;
        try
        {
            if (!(await grants.FindAsync(call, cancellationToken)).Succeeded(out var called, out refusal))
            {
                return refusal;
            }

            if ((called.Grant.RefusalAt(time.GetUtcNow()) ?? CalledGrants.ScopeRefusal(called)) is { } unfit)
            {
                return unfit;
            }

            if (called.Provider.Suspension is { } suspension)
            {
                return PolicyViolation.Of(suspension);
            }

            if ((denial ?? (named.Provider is null ? policies.FindDenial(call, called.Provider) : null) ?? (counting is null ? null : await counting.CompleteAsync(called))) is { } violation)
            {
                return violation;
            }

            isAdmitted = true;
            return (await tokens.GetAsync(called.Grant, called.Provider, cancellationToken)).Succeeded(out var token, out refusal)
                ? new PreparedCall(call.Target, called.Provider, token, call.KeepsLocation)
                : refusal;
        }
        finally
        {
            if (!isAdmitted)
            {
                _ = counting?.GiveBackAsync(); // Beside the answer.
            }
        }
    }
}
