namespace Alter.Connect;

/// <summary>The person is done: nothing more can be connected with the session.</summary>
public sealed class CloseConnect(ConnectSessionStore sessions, ConnectTokens tokens, TimeProvider time)
{
    /// <summary>Closes the session for the browser that came back with it; a second time changes nothing.</summary>
    /// <returns>True, or <see cref="ConnectSessionExpired"/>; <see cref="ConnectSessionUsed"/> for a browser that brought nothing.</returns>
    /// <remarks>Two storage operations.</remarks>
    public async Task<Outcome<bool>> RunAsync(string? sessionToken, ConnectBrowser browser, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(browser);
        var key = await tokens.ReadSessionAsync(sessionToken, cancellationToken);
        while (true)
        {
            if (!(await sessions.FindAsync(key, cancellationToken)).Succeeded(out var session, out var refusal))
            {
                return refusal;
            }

            if (session.LastReturn is not { HasConnected: true } last || !browser.Is(last.CookieHash))
            {
                return new ConnectSessionUsed(); // Whoever merely holds the link does not end it for others.
            }

            if (session.ClosedAt is not null || await sessions.TryReplaceAsync(session with { ClosedAt = time.GetUtcNow() }, cancellationToken) is not null)
            {
                return true;
            }
        }
    }
}
