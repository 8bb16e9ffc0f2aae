namespace Alter.Grants;

/// <summary>What became of one row of a backup.</summary>
public enum RestoredAs
{
    /// <summary>An active grant that has nothing to be renewed with: as it was.</summary>
    Usable,

    /// <summary>An active grant; it is renewed before it is next used, because its refresh token may have been spent since the backup.</summary>
    ToVerify,

    /// <summary>The same over a row that was older than the backup's.</summary>
    Replaced,

    /// <summary>It was revoked since the backup, and comes back as revoked.</summary>
    Revoked,

    /// <summary>It had ended before the backup, and comes back as it was.</summary>
    Ended,

    /// <summary>Its user was erased since: it does not come back.</summary>
    Erased,

    /// <summary>What is stored is as new as the backup's, and stays.</summary>
    Kept,

    /// <summary>What is stored is newer than the backup's, or another grant of the account, and stays.</summary>
    KeptNewer,

    /// <summary>Its columns do not belong to the place it lay in, so that every call for it would be refused: it does not come back.</summary>
    Damaged,

    /// <summary>A note of when a grant was last used.</summary>
    LastUse,
}

/// <summary>One row of a backup, and what became of it.</summary>
/// <param name="As">What became of it.</param>
/// <param name="GrantId">The grant it speaks of.</param>
/// <param name="Generation">Its generation in the backup.</param>
/// <param name="Stored">The generation of the same grant's row that stays; null: there was none, or of another grant.</param>
public sealed record RestoredRow(RestoredAs As, Guid GrantId, int Generation, int? Stored);
