using Azure.Data.Tables;

namespace Alter.Storage;

/// <summary>One row of a backup.</summary>
/// <param name="Table">The table it lay in.</param>
/// <param name="Entity">Its keys and columns as they were stored: what was sealed is sealed. It has no version.</param>
public sealed record BackupRow(string Table, TableEntity Entity)
{
    /// <summary>Rows hold sealed bytes: they never print.</summary>
    public override string ToString() => $"[row of {Table}]";
}
