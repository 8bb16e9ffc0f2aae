using Alter.Apps;
using Alter.Providers;
using Microsoft.Extensions.Logging;

namespace Alter.Connect;

/// <summary>A flow whose own browser came back at its own redirect URI, and what it is of.</summary>
internal sealed record ReturnedFlow(AuthorizationFlow Flow, VaultConfiguration Vault, AppConfiguration App, AppProvider Provider);

/// <summary>What every authorization response passes before its code goes anywhere.</summary>
public sealed class ReturnedFlows(
    AuthorizationFlowStore flows, ConnectSessionStore sessions, ConnectTokens tokens, ConfigurationSource configuration, ILogger<ReturnedFlows> logger)
{
    /// <summary>The flow of a response, or <see cref="ConnectFlowInvalid"/>; one at another flow's redirect URI ends the flow.</summary>
    /// <param name="app">From the route.</param>
    /// <param name="isAtItsUri">Whether the rest of the route is the flow's.</param>
    /// <param name="response">The query.</param>
    /// <param name="browser">Who brings it.</param>
    /// <param name="cancellationToken">Stops before anything is written.</param>
    /// <remarks>One storage operation.</remarks>
    internal async Task<Outcome<ReturnedFlow>> FindAsync(
        string app, Func<AuthorizationFlow, bool> isAtItsUri, CallbackParameters response, ConnectBrowser browser, CancellationToken cancellationToken)
    {
        if (!(await flows.FindAsync(await tokens.ReadStateAsync(response.State, cancellationToken), cancellationToken)).Succeeded(out var flow, out var refusal))
        {
            return refusal;
        }

        if (flow.App != app || !isAtItsUri(flow))
        {
            return await EndAsync(flow, "route"); // RFC 9700 §4.4.2: an answer at another redirect URI is a mix-up; its code goes nowhere.
        }

        return browser.Is(flow.CookieHash) // Another browser: the flow stays for the one that began it.
            && configuration.Current is { } vault
            && vault.Apps.GetValueOrDefault(flow.App) is { } of
            && of.Providers.GetValueOrDefault(flow.Provider) is { } provider
                ? new ReturnedFlow(flow, vault, of, provider)
                : new ConnectFlowInvalid();
    }

    /// <summary>Ends a flow whose answer may be another's; its code goes nowhere.</summary>
    /// <remarks>One storage operation.</remarks>
    internal async Task<ConnectFlowInvalid> EndAsync(AuthorizationFlow flow, string differing)
    {
        await flows.TryConsumeAsync(flow, CancellationToken.None);
        Log.MixUp(logger, flow.App, flow.Provider, differing);
        return new ConnectFlowInvalid();
    }

    /// <summary>Takes the flow out of use and reads its session; <see cref="ConnectSessionUsed"/> where either is used up, or <see cref="ConnectSessionExpired"/>.</summary>
    /// <remarks>Two storage operations at once.</remarks>
    internal async Task<Outcome<ConnectSession>> TakeAsync(AuthorizationFlow flow)
    {
        var reading = sessions.FindAsync(flow.Session, CancellationToken.None);
        if (!await flows.TryConsumeAsync(flow, CancellationToken.None))
        {
            await reading;
            return new ConnectSessionUsed();
        }

        var found = await reading;
        return found.Succeeded(out var session, out _) && session.ClosedAt is not null ? new ConnectSessionUsed() : found;
    }

    /// <summary>RFC 9207 §2.4: compared as text; missing where the provider promises it is refused as well.</summary>
    internal static bool IsOfIssuer(CallbackParameters response, ProviderEndpoints endpoints) =>
        response.Iss is null ? !endpoints.SendsIss : response.Iss == endpoints.Issuer;
}
