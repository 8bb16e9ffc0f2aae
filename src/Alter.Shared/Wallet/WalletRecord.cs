using Alter.Audit;
using Alter.Grants;
using Alter.Storage;

namespace Alter.Wallet;

/// <summary>Takes down in the record what people decide at the Wallet: that it was they, and not their app or an operator.</summary>
public sealed class WalletRecord(AuditRecord record, TimeProvider time)
{
    private const string Caller = "wallet";

    /// <summary>Records a decision that stands already; nobody waits for it.</summary>
    internal void Note(Grant grant, string outcome, string? detail = null) => record.Note(new AuditEntry
    {
        Kind = AuditKinds.Grant,
        Id = OperationId.New(),
        At = time.GetUtcNow(),
        App = grant.Place.App,
        Caller = Caller,
        User = grant.Place.UserHash,
        GrantId = grant.Id,
        Account = grant.Place.AccountKey,
        Provider = grant.Place.Provider,
        Outcome = outcome,
        Detail = detail,
    });
}
