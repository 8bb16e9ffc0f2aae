using Alter.Keys;
using Alter.Storage;
using Alter.Tests.House;
using Azure.Data.Tables;

namespace Alter.Tests.Upgrade;

/// <summary>Rows and messages as version 1 stores them, made by make-version-1.py, which shares nothing with the vault's own code.</summary>
internal sealed class Version1
{
    /// <summary>What everything is sealed under.</summary>
    public static KeyEncryptionKey Key { get; } = new("0123456789abcdef0123456789abcdef", Convert.ToHexStringLower([.. Enumerable.Range(0, 32).Select(value => (byte)value)]));

    /// <summary>Sessions and flows are valid for five minutes more.</summary>
    public static DateTimeOffset Now { get; } = new(2026, 11, 24, 12, 5, 0, TimeSpan.Zero);

    private readonly IReadOnlyList<BackupRow> rows;

    private Version1(IReadOnlyList<BackupRow> rows) => this.rows = rows;

    public static async Task<Version1> ReadAsync()
    {
        await using var file = File.OpenRead(Repository.PathOf("tests/Alter.Tests/Upgrade/version-1.alterbackup"));
        return new Version1(await new BackupReader(file).ReadAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>All rows of a table.</summary>
    public IReadOnlyList<TableEntity> Rows(string table) => [.. rows.Where(row => row.Table == table).Select(row => row.Entity)];

    /// <summary>The one row of a table whose key begins like this.</summary>
    public TableEntity Row(string table, string beginning) => Rows(table).Single(row => row.RowKey.StartsWith(beginning, StringComparison.Ordinal));

    /// <summary>A message or token.</summary>
    public string Text(string table, string name) => Rows(table).Single(row => row.RowKey == name).GetString("text");
}
