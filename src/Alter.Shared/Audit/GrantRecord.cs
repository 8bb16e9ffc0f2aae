using Alter.Grants;
using Alter.Storage;

namespace Alter.Audit;

/// <summary>
/// Records what became of grants: every change of generation or status that was stored, and what providers said to a grant's end. A whole row put back by
/// somebody who may write to storage shows by it (<c>./alter audit verify</c>).
/// </summary>
public sealed class GrantRecord(AuditRecord record, TimeProvider time)
{
    /// <summary>Records a change that is stored already; whoever made it does not wait.</summary>
    public void Note(GrantChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var grant = change.After;
        record.Note(new AuditEntry
        {
            Kind = AuditKinds.Grant,
            Id = OperationId.New(),
            At = time.GetUtcNow(),
            App = grant.Place.App,
            User = grant.Place.UserHash,
            GrantId = grant.Id,
            Account = grant.Place.AccountKey,
            Provider = grant.Place.Provider,
            Outcome = EventOf(change),
            Detail = grant.RevocationOutcome ?? grant.Cause,
            Generation = grant.Generation,
            GrantStatus = grant.Status.ToWire(),
        });
    }

    private static string EventOf(GrantChange change) => (change.Before, change.After) switch
    {
        _ when change.IsRemoval => GrantEvents.Erased,
        (_, { Status: GrantStatus.Pending }) => GrantEvents.Waiting,
        (null, _) => GrantEvents.Created,
        (var before, var after) when before.Outcome != after.RevocationOutcome => GrantEvents.ProviderTold,
        (var before, { Status: GrantStatus.Active } after) when before.Status is GrantStatus.CredentialRevoked && !change.IsConnect && after.Generation == before.Generation => GrantEvents.Reopened,
        (_, { Status: GrantStatus.Active }) => change.IsConnect ? GrantEvents.Reauthorized : GrantEvents.Refreshed,
        (var before, { Status: GrantStatus.Revoked }) when before.Status is not GrantStatus.Revoked => GrantEvents.Revoked,
        (_, { Status: GrantStatus.Expired }) => GrantEvents.Expired,
        (_, { Status: GrantStatus.CredentialRevoked, Cause: CredentialCauses.RefreshInterrupted }) => GrantEvents.RefreshInterrupted,
        (_, { Status: GrantStatus.CredentialRevoked }) => GrantEvents.CredentialRevoked,
        _ => GrantEvents.Changed,
    };
}
