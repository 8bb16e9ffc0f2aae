using System.Security.Cryptography;
using System.Text;
using Alter.Apps;
using Alter.Functions.Http;
using Alter.Wallet;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Wallet;

/// <summary>Who is signed in to the Wallet behind a request, and whether it was the Wallet's own page that sent it.</summary>
public sealed class WalletCallers(WalletCookies cookies, ConfigurationSource configuration)
{
    /// <summary>A request that changes nothing.</summary>
    /// <returns>The session, or <see cref="WalletSessionExpired"/>, <see cref="InvalidRequest"/> from another site, <see cref="VaultUnavailable"/>.</returns>
    public async Task<Outcome<WalletSession>> IdentifyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (configuration.Current is null)
        {
            return Unconfigured();
        }

        // Fetch Metadata: no other site's page has anything to ask for here, whether or not it could read the answer.
        return request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none"
            ? await cookies.OpenSessionAsync(request.Cookies[WalletCookies.Session], cancellationToken)
            : Foreign();
    }

    /// <summary>A request that changes something, and its body (security A26): from the Wallet's own origin, with the token its page was told.</summary>
    /// <returns>Session and body, or <see cref="InvalidRequest"/>, <see cref="RequestTooLarge"/>, <see cref="WalletSessionExpired"/>, <see cref="VaultUnavailable"/>.</returns>
    public async Task<Outcome<(WalletSession Session, T Body)>> IdentifyAsync<T>(HttpRequest request, CancellationToken cancellationToken)
        where T : WalletChange
    {
        if (FromElsewhere(request) is { } foreign)
        {
            return foreign;
        }

        if (!(await StrictBody.ReadJsonAsync<T>(request, StrictBody.PageLimit, cancellationToken)).Succeeded(out var body, out var refusal)
            || !(await IdentifyAsync(request, cancellationToken)).Succeeded(out var session, out refusal))
        {
            return refusal;
        }

        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(body.CsrfToken), Encoding.UTF8.GetBytes(session.CsrfToken))
            ? (session, body)
            : InvalidRequest.Field("csrf_token", "It is not the one of this sign-in. Load the Wallet again.");
    }

    /// <summary>A refusal as a result. Where nobody is signed in any more the browser forgets the cookie, so that the page it loads next says so too.</summary>
    public static IResult Refused(HttpRequest request, Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (refusal is WalletSessionExpired)
        {
            request.HttpContext.Response.Cookies.Delete(WalletCookies.Session, WalletSessionCookie.Options);
        }

        return Problems.From(refusal);
    }

    /// <summary>Null where a request comes from the Wallet's own origin; a missing <c>Origin</c> is another one.</summary>
    public Refusal? FromElsewhere(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return configuration.Current is not { } vault ? Unconfigured()
            : request.Headers.Origin.ToString() == vault.PublicOrigin ? null
            : Foreign();
    }

    private static InvalidRequest Foreign() => new("Only the Wallet's own page may call this.");

    private static VaultUnavailable Unconfigured() => new("The vault's configuration has mistakes; /health/ready lists where.");
}

/// <summary>What every change brings along.</summary>
public abstract record WalletChange
{
    /// <summary>From <c>GET /wallet/session</c>.</summary>
    public required string CsrfToken { get; init; }

    /// <summary>It holds a secret of the session: it never prints.</summary>
    public sealed override string ToString() => "[wallet change]";
}

/// <summary>A change of one connection.</summary>
public record WalletConnectionChange : WalletChange
{
    /// <summary>The app's id.</summary>
    public required string App { get; init; }

    /// <summary>The grant.</summary>
    public required string GrantId { get; init; }
}
