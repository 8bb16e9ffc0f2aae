using System.Globalization;
using Alter.Audit;
using Alter.Grants;
using Microsoft.Extensions.Logging;

namespace Alter.Wallet;

/// <summary>The person lets a connection live longer.</summary>
public sealed class WalletExtension(WalletGrants grants, GrantExtension extension, WalletRecord record, ILogger<WalletExtension> logger)
{
    /// <summary>Moves the end of a grant of the session's person.</summary>
    /// <param name="session">Who is signed in.</param>
    /// <param name="app">The grant's app.</param>
    /// <param name="grantId">The grant.</param>
    /// <param name="until">Its new end, at most the furthest one.</param>
    /// <param name="cancellationToken">Stops before the write.</param>
    /// <returns>The grant, or what <see cref="GrantExtension.ExtendAsync"/> refuses with, <see cref="GrantNotFound"/>, <see cref="WalletSessionExpired"/>.</returns>
    /// <remarks>Two storage operations, four where the grant cannot be renewed.</remarks>
    public async Task<Outcome<Grant>> RunAsync(WalletSession session, string app, string grantId, DateTimeOffset until, CancellationToken cancellationToken)
    {
        if (!(await grants.FindAsync(session, app, grantId, cancellationToken)).Succeeded(out var found, out var refusal)
            || !(await extension.ExtendAsync(found.Grant, until, cancellationToken)).Succeeded(out var extended, out refusal))
        {
            return refusal;
        }

        record.Note(extended, GrantEvents.Extended, extended.ExpiresAt?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        Log.Extended(logger, app, extended.Id);
        return extended;
    }
}
