using Alter.Sdk;
using Microsoft.AspNetCore.Authentication;

namespace Quickstart.Shop.Troubles;

/// <summary>Makes calls that go wrong, each in one of the ways of the guide's troubleshooting table.</summary>
internal sealed class Trouble(AlterApp alter, CalendarClient calendar, ShopOptions options)
{
    /// <summary>Makes the call; it ends in an <see cref="AlterException"/> unless the world is not yet as the trouble needs it.</summary>
    /// <param name="name">The code that is to come.</param>
    /// <param name="grantId">The connection the page means.</param>
    /// <param name="context">Whose request it is.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What the calendar answered where nothing was refused; null: there is no such trouble.</returns>
    public Task<CalendarClient.Page>? Provoke(string name, Guid? grantId, HttpContext context, CancellationToken cancellationToken) => name switch
    {
        "grant_not_found" => calendar.EventsAsync(GrantSelector.Provider("calendar", account: "nobody@calendar.example"), cancellationToken),
        "ambiguous_grant" => calendar.EventsAsync("calendar", cancellationToken),
        "grant_revoked" => RevokedAsync(Known(grantId), cancellationToken),
        "credential_revoked" or "grant_expired" or "scope_reauth_required" => calendar.EventsAsync(GrantSelector.ById(Known(grantId)), cancellationToken),
        "policy_violation" => RemovalAsync(Known(grantId), cancellationToken),
        "url_not_allowed" => ElsewhereAsync(Known(grantId), cancellationToken),
        "invalid_user_token" => ForgedAsync(context, cancellationToken),
        _ => null,
    };

    private static Guid Known(Guid? grantId) => grantId ?? throw new BadHttpRequestException("This one needs a connection.");

    private async Task<CalendarClient.Page> RevokedAsync(Guid grantId, CancellationToken cancellationToken)
    {
        await alter.RevokeGrantAsync(grantId, "to show what a call says then", cancellationToken);
        return await calendar.EventsAsync(GrantSelector.ById(grantId), cancellationToken);
    }

    private async Task<CalendarClient.Page> ElsewhereAsync(Guid grantId, CancellationToken cancellationToken)
    {
        using var response = await alter.RequestAsync(HttpMethod.Get, "https://elsewhere.example/api/events", GrantSelector.ById(grantId), cancellationToken);
        return new CalendarClient.Page("elsewhere", []);
    }

    private async Task<CalendarClient.Page> RemovalAsync(Guid grantId, CancellationToken cancellationToken)
    {
        using var response = await alter.RequestAsync(HttpMethod.Delete, new Uri(options.CalendarUrl, "/api/events/1").AbsoluteUri, GrantSelector.ById(grantId), cancellationToken);
        return new CalendarClient.Page("removed", []);
    }

    // The user's own token with one character of the signature changed.
    private async Task<CalendarClient.Page> ForgedAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var token = await context.GetTokenAsync("access_token") ?? "";
        var at = token.LastIndexOf('.') + 1;
        var forged = at > 0 ? $"{token[..at]}{(token[at] is 'A' ? 'B' : 'A')}{token[(at + 1)..]}" : null;
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(options.CalendarUrl, "/api/events"));
        using var response = await alter.SendAsync(request, "calendar", new CallOptions { UserToken = forged }, cancellationToken);
        return new CalendarClient.Page("nobody", []);
    }
}
