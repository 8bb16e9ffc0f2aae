using System.Globalization;
using Alter.Apps;
using Alter.Grants;

namespace Alter.Connect;

/// <summary>What a session has brought so far. Its markers in the user's partition say so: no row of the session has to be kept in step with them.</summary>
public sealed class ConnectResults(GrantStore store, GrantKeys keys, TimeProvider time)
{
    /// <summary>The grants of a session, in the order they came.</summary>
    /// <remarks>One storage operation.</remarks>
    public async Task<IReadOnlyList<GrantView>> ListAsync(ConnectSession session, AppConfiguration app, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var rows = await store.ListAllAsync(new GrantOwner(session.App, session.UserHash), cancellationToken);
        var views = new List<GrantView>();
        foreach (var marker in rows.Markers.Where(marker => marker.SessionHash == session.Key.Hash).OrderBy(marker => marker.At))
        {
            if (rows.Grants.FirstOrDefault(grant => grant.Id == marker.GrantId) is { } grant)
            {
                views.Add(GrantView.OfConnect(grant, await keys.ReadProfileAsync(grant, cancellationToken), app, marker, time.GetUtcNow()));
            }
        }

        return views;
    }

    /// <summary>Whether every provider of the session is connected: then it is used up.</summary>
    public static bool IsComplete(ConnectSession session, IReadOnlyList<GrantView> grants)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session.AllowedProviders.All(provider => grants.Any(grant => grant.Provider == provider));
    }

    /// <summary>The return URL with the result in its query, its own query kept. The app must take it as a hint, not as proof.</summary>
    public static string? ReturnTo(ConnectSession session, IReadOnlyList<GrantView> grants)
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
            var grant = grants[^1];
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
            ]);
        }
        else
        {
            var back = session.LastReturn;
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
