using System.Globalization;
using Alter.Apps;
using Alter.Grants;

namespace Alter.Connect;

/// <summary>What a session has brought so far. Its markers in the user's partition say so: no row of the session has to be kept in step with them.</summary>
public sealed class ConnectResults(GrantStore store, GrantKeys keys, TimeProvider time)
{
    /// <summary>The grants of a session, in the order they came.</summary>
    /// <param name="session">The session.</param>
    /// <param name="app">Its app.</param>
    /// <param name="browser">Who asks: what it brought itself and still has to be completed, it is given the code for. Null: nobody.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <remarks>One storage operation.</remarks>
    public async Task<IReadOnlyList<GrantView>> ListAsync(ConnectSession session, AppConfiguration app, ConnectBrowser? browser, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var rows = await store.ListAllAsync(new GrantOwner(session.App, session.UserHash), cancellationToken);
        var views = new List<GrantView>();
        foreach (var marker in rows.Markers.Where(marker => marker.SessionHash == session.Key.Hash).OrderBy(marker => marker.At))
        {
            if (GrantOf(marker, rows) is { } grant)
            {
                var code = await CodeAsync(grant, browser, cancellationToken);
                var profile = IsHiddenFrom(browser, grant) ? null : await keys.ReadProfileAsync(grant, cancellationToken);
                views.Add(GrantView.OfConnect(grant, profile, app, marker, time.GetUtcNow(), code));
            }
        }

        return views;
    }

    // What a completed grant became may be an older one that it renewed.
    private static Grant? GrantOf(ConnectMarker marker, UserGrants rows)
    {
        var pending = rows.Pending.FirstOrDefault(grant => grant.Key.Row == GrantRow.PendingKey(marker.SessionHash, marker.Provider));
        var id = pending is null ? marker.GrantId : pending.CompletedAs;
        return id is null ? pending : rows.Grants.FirstOrDefault(grant => grant.Id == id);
    }

    // What was not completed may be the account of whoever was sent the link, and the asker the sender: only the browser that brought it is told whose it is.
    private static bool IsHiddenFrom(ConnectBrowser? browser, Grant grant) =>
        GrantRow.IsPending(grant.Key.Row) && !(grant.Browser is { } brought && browser?.Is(brought) is true);

    private async Task<string?> CodeAsync(Grant grant, ConnectBrowser? browser, CancellationToken cancellationToken) =>
        browser is not null
        && grant.StatusAt(time.GetUtcNow()) is GrantStatus.Pending
        && grant.Browser is { } brought && browser.Is(brought)
        && (await keys.AuthenticateAsync(grant, cancellationToken)).Succeeded(out var key, out _)
            ? CompletionCode.Of(key, grant)
            : null;

    /// <summary>Whether the session is used up: every provider of it is connected, or the person was done. What is suspended is not waited for.</summary>
    public static bool IsComplete(ConnectSession session, AppConfiguration app, IReadOnlyList<GrantView> grants)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(grants);
        return session.ClosedAt is not null
            || (grants.Count > 0
                && session.AllowedProviders.All(id => grants.Any(grant => grant.Provider == id) || app.Providers.GetValueOrDefault(id)?.Suspension is not null));
    }

    /// <summary>The return URL with the result in its query, its own query kept. The app must take it as a hint, not as proof.</summary>
    /// <param name="session">The session.</param>
    /// <param name="back">How the browser that goes there came back; null: it did not. Another's error, in its provider's words, is not put into this one's address.</param>
    /// <param name="grants">What it is shown.</param>
    public static string? ReturnTo(ConnectSession session, ConnectReturn? back, IReadOnlyList<GrantView> grants)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(grants);
        if (session.ReturnUrl is null)
        {
            return null;
        }

        var parameters = new List<(string Name, string? Value)>();
        if (grants.Count > 0)
        {
            var grant = grants.LastOrDefault(grant => grant.Metadata?.CompletionCode is not null) ?? grants[^1];
            parameters.AddRange([
                ("alter_connect_success", "true"),
                ("grant_id", grant.GrantId.ToString("D")),
                ("provider", grant.Provider),
                ("provider_name", grant.ProviderName),
                ("account_identifier", grant.AccountIdentifier),
                ("timestamp", grant.Timestamp?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
                ("operation", grant.Operation),
                ("scopes", grant.Scopes.Count > 0 ? string.Join(',', grant.Scopes) : null),
                ("status", grant.Status),
                ("completion_code", grant.Metadata?.CompletionCode),
            ]);
        }
        else
        {
            parameters.AddRange([
                ("alter_connect_error", "true"),
                ("error_code", back?.Error ?? "access_denied"),
                ("error_description", back?.ErrorDescription ?? "The account was not connected."),
            ]);
        }

        var query = string.Join('&', parameters.Where(p => p.Value is not null).Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value!)}"));
        return session.ReturnUrl + (session.ReturnUrl.Contains('?', StringComparison.Ordinal) ? '&' : '?') + query;
    }
}
