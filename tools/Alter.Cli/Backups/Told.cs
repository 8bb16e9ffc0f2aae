using System.Globalization;
using Alter.Grants;

namespace Alter.Cli.Backups;

/// <summary>Backups in words.</summary>
internal static class Told
{
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Contents(BackupSummary backup) => string.Create(
        CultureInfo.InvariantCulture,
        $"{backup.TakenAt.UtcDateTime:yyyy-MM-dd HH:mm'Z'}: {backup.Grants:N0} grants, {backup.LastUses:N0} notes of last use, {backup.Marks:N0} marks of revocations and erasures");

    /// <summary>What rows of a kind came to, after their number.</summary>
    public static (string Mark, string Words) Outcome(RestoredAs outcome) => outcome switch
    {
        RestoredAs.ToVerify => ("ok", "grants restored; each is renewed before it is next used"),
        RestoredAs.Usable => ("ok", "grants restored that have no refresh token"),
        RestoredAs.Replaced => ("ok", "grants put over an older row of theirs; each is renewed before it is next used"),
        RestoredAs.Ended => ("ok", "grants restored that had ended before the backup"),
        RestoredAs.LastUse => ("ok", "notes of last use restored"),
        RestoredAs.Kept => ("--", "rows kept as they are stored: as new as the backup's"),
        RestoredAs.KeptNewer => ("--", "rows kept as they are stored: newer than the backup's, or another grant of the account"),
        RestoredAs.Revoked => ("**", "grants revoked since the backup: restored as revoked"),
        RestoredAs.Erased => ("**", "rows of erased users: not restored"),
        _ => ("!!", "rows whose columns do not belong to their place: not restored"),
    };

    /// <summary>One row by its grant's id, where the number alone does not say enough; null for all others.</summary>
    public static string? Row(RestoredRow row) => row.As switch
    {
        RestoredAs.KeptNewer => row.Stored is { } stored
            ? $"  kept     {row.GrantId:D}  generation {stored} is stored, the backup has {row.Generation}"
            : $"  kept     {row.GrantId:D}  another grant of the account is stored in its place",
        RestoredAs.Revoked => $"  revoked  {row.GrantId:D}",
        RestoredAs.Damaged => $"  damaged  {row.GrantId:D}",
        _ => null, // Of erased users least of all.
    };
}
