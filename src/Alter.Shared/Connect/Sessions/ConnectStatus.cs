using Alter.Apps;

namespace Alter.Connect;

/// <summary>How a session stands: for windows that lost their opener.</summary>
public sealed class ConnectStatus(ConnectSessionStore sessions, ConnectTokens tokens, ConnectResults results, ConfigurationSource configuration)
{
    /// <summary>The status, and the one origin that may read it.</summary>
    /// <returns>Always a status: a session that cannot be read is <c>expired</c>.</returns>
    /// <remarks>Two storage operations.</remarks>
    public async Task<(ConnectStatusView View, string? AllowedOrigin)> RunAsync(string? sessionToken, CancellationToken cancellationToken)
    {
        if (!(await sessions.FindAsync(await tokens.ReadSessionAsync(sessionToken, cancellationToken), cancellationToken)).Succeeded(out var session, out _)
            || configuration.Current?.Apps.GetValueOrDefault(session.App) is not { } app)
        {
            return (new ConnectStatusView("expired", [], null, null), null);
        }

        var grants = await results.ListAsync(session, app, browser: null, cancellationToken);
        var error = grants.Count == 0 ? session.LastReturn : null;
        var status = ConnectResults.IsComplete(session, app, grants) ? "complete" : error?.Error is not null ? "error" : "open";
        return (new ConnectStatusView(status, grants, error?.Error, error?.ErrorDescription), session.AllowedOrigin);
    }
}
