using System.Text.RegularExpressions;
using Alter.Storage;
using Azure.Data.Tables;

namespace Alter.Grants;

/// <summary>A grant's row of a backup as it would come back.</summary>
/// <param name="As">What comes of it where nothing lies in its place.</param>
/// <param name="Grant">The grant as it comes back.</param>
/// <param name="Entity">Its row; null: it does not come back.</param>
/// <param name="Operation">The id of its writing.</param>
internal sealed partial record RestorableRow(RestoredAs As, Grant Grant, TableEntity? Entity, string Operation)
{
    /// <summary>Judges a row.</summary>
    /// <param name="row">As it stood in the backup.</param>
    /// <param name="marked">What was revoked or erased of its user.</param>
    /// <param name="takenAt">When the backup was begun.</param>
    /// <param name="tellAt">When a provider that is still to be told of the grant's end is told.</param>
    internal static RestorableRow Of(TableEntity row, RevocationMarks.MarkedRevocations marked, DateTimeOffset takenAt, DateTimeOffset tellAt)
    {
        var grant = GrantRow.Read(row);
        if (!new StoredGrant(row, null).LiesInItsPlace || !AccountKey().IsMatch(grant.ClientAccountKey))
        {
            return new(RestoredAs.Damaged, grant, null, "");
        }

        if (marked.ErasedAt(grant.Place.UserHash) >= grant.CreatedAt)
        {
            return new(RestoredAs.Erased, grant, null, "");
        }

        var operation = OperationId.New();
        if (grant.Status is not GrantStatus.Revoked && marked.RevokedAt(grant.Id) is { } revokedAt)
        {
            var ended = grant.Ended(GrantStatus.Revoked, null, revokedAt);
            ended = ended with { DueAt = ended.RevocationToken is null ? null : tellAt };
            return new(RestoredAs.Revoked, ended, GrantRow.From(ended, operation), operation);
        }

        // Otherwise as it was, whatever a later version wrote beside what this one knows.
        var entity = new TableEntity(row) { [GrantRow.OperationColumn] = operation };
        if (grant.Status is GrantStatus.Active && grant.Secrets.RefreshToken is { Length: > 0 })
        {
            entity[GrantRow.RestoredColumn] = takenAt;
            return new(RestoredAs.ToVerify, grant with { RestoredFrom = takenAt }, entity, operation);
        }

        if (grant.RevocationToken is not null)
        {
            grant = grant with { DueAt = tellAt };
            entity["due"] = tellAt;
        }

        return new(grant.Status is GrantStatus.Active ? RestoredAs.Usable : RestoredAs.Ended, grant, entity, operation);
    }

    /// <summary>Whether it may take the place of what is stored: an earlier state of the same living grant.</summary>
    internal bool IsNewerThan(Grant there) =>
        As is RestoredAs.ToVerify or RestoredAs.Usable && there.Id == Grant.Id && there.Status is GrantStatus.Active && there.Generation < Grant.Generation;

    internal RestoredRow Became(RestoredAs what) => new(what, Grant.Id, Grant.Generation, null);

    /// <summary>What is stored stays.</summary>
    internal RestoredRow Stays(Grant there) => there.Id != Grant.Id
        ? new(RestoredAs.KeptNewer, Grant.Id, Grant.Generation, null)
        : new(there.Generation > Grant.Generation ? RestoredAs.KeptNewer : RestoredAs.Kept, Grant.Id, Grant.Generation, there.Generation);

    [GeneratedRegex(@"^[a-z2-7]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex AccountKey();
}
