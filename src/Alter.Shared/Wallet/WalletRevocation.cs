using Alter.Audit;
using Alter.Grants;
using Microsoft.Extensions.Logging;

namespace Alter.Wallet;

/// <summary>The person takes a connection back.</summary>
public sealed class WalletRevocation(WalletGrants grants, GrantRevocation revocation, WalletRecord record, ILogger<WalletRevocation> logger)
{
    /// <summary>Revokes a grant of the session's person; the next call on any instance is refused.</summary>
    /// <returns>The revocation, or <see cref="GrantNotFound"/>, <see cref="WalletSessionExpired"/>.</returns>
    /// <remarks>Four storage operations and a message.</remarks>
    public async Task<Outcome<Revocation>> RunAsync(WalletSession session, string app, string grantId, CancellationToken cancellationToken)
    {
        if (!(await grants.FindAsync(session, app, grantId, cancellationToken)).Succeeded(out var found, out var refusal)
            || !(await revocation.RevokeAsync(found.Grant, cancellationToken)).Succeeded(out var revoked, out refusal))
        {
            return refusal;
        }

        record.Note(found.Grant, GrantEvents.RevokedByUser);
        Log.Revoked(logger, app, revoked.GrantId);
        return revoked;
    }
}
