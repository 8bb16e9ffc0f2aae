using Alter.Apps;

namespace Alter.Connect;

/// <summary>
/// While the vault moves to another domain it has two origins. A provider may lead back to the one, and the browser have the cookie that it began with at the
/// other: cookies of the vault are of one host alone. Such a response is led on, once, to where the browser left from.
/// </summary>
/// <remarks>
/// No request's <c>Host</c> has a say in it: the origin was noted, sealed, when the flow began, and has to be one of the two still. Nothing is redeemed or
/// used up on the way, and what is led on passes every check there. A browser that never had the cookie is refused at both.
/// </remarks>
public sealed class OtherOrigin(AuthorizationFlowStore flows, ConnectTokens tokens, ConfigurationSource configuration)
{
    /// <summary>Says in the query that a response was led on, so that it is not led on again.</summary>
    public const string Marker = "alter_led_on";

    /// <summary>Where a response belongs that its flow's browser did not bring.</summary>
    /// <returns>The URL, or null: there is no other place for it.</returns>
    /// <remarks>One storage operation, none where the vault is not moving.</remarks>
    public async Task<string?> FindAsync(CallbackParameters response, ConnectBrowser browser, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(response);
        ArgumentNullException.ThrowIfNull(browser);
        if (response.IsLedOn || configuration.Current is not { FormerPublicUrl: not null } vault)
        {
            return null;
        }

        return (await flows.FindAsync(await tokens.ReadStateAsync(response.State, cancellationToken), cancellationToken)).Succeeded(out var flow, out _)
            && !browser.Is(flow.CookieHash)
            && flow.Secrets is { PageOrigin: { } page, RedirectUri: { } redirectUri }
            && vault.IsOwnOrigin(page)
            && page != redirectUri.GetLeftPart(UriPartial.Authority)
                ? $"{page}{redirectUri.AbsolutePath}?{QueryOf(response)}"
                : null;
    }

    private static string QueryOf(CallbackParameters response) => string.Join('&', new (string Name, string? Value)[]
    {
        ("code", response.Code), ("state", response.State), ("iss", response.Iss), ("error", response.Error), ("error_description", response.ErrorDescription), (Marker, "1"),
    }.Where(parameter => parameter.Value is not null).Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value!)}"));
}
