namespace Alter.Apps;

/// <summary>How the record is kept.</summary>
/// <param name="RetentionMonths">Whole months that are kept after the current one; 1 to 120.</param>
public sealed record AuditSettings(int RetentionMonths = AuditSettings.UsualRetentionMonths)
{
    /// <summary>A year and the month it began in.</summary>
    public const int UsualRetentionMonths = 13;
}
