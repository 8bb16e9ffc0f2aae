using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Data.Tables;

namespace Alter.Storage.Wire;

/// <summary>
/// A row as it travels: its keys and its columns, side by side in the order they came. What a call reads and leaves behind are rows of a dozen columns that are made, gone through once
/// and let go; the dictionary of a <see cref="TableEntity"/> costs more than all of that.
/// </summary>
/// <param name="partitionKey">The partition.</param>
/// <param name="rowKey">The row.</param>
/// <param name="columns">How many columns it will have, about.</param>
internal sealed class TableRow(string partitionKey, string rowKey, int columns = TableRow.Usual)
{
    private const int Usual = 8;
    private const int MostSpared = 64;

    [ThreadStatic]
    private static (string, object)[]? spare;

    private (string Name, object Value)[] columns = new (string, object)[columns];
    private int count;
    private ulong marks; // A bit for each name that is there: most that are asked for and missing are known by it.

    /// <summary>The partition.</summary>
    public string PartitionKey { get; set; } = partitionKey;

    /// <summary>The row.</summary>
    public string RowKey { get; set; } = rowKey;

    /// <summary>Of a row that was read.</summary>
    public ETag ETag { get; set; }

    /// <summary>Of a row that was read: when it was written.</summary>
    public DateTimeOffset? Timestamp { get; set; }

    /// <summary>The columns, keys apart: text (<see cref="Utf8Text"/> and <see cref="JsonText"/> too), numbers, instants, bytes and booleans.</summary>
    public ReadOnlySpan<(string Name, object Value)> Columns => columns.AsSpan(0, count);

    /// <summary>A column. Setting adds it, or takes the place of what it held; null where there is none.</summary>
    public object? this[string name]
    {
        get => TryGetValue(name, out var value) ? value : null;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            var at = Find(name);
            if (at >= 0)
            {
                columns[at].Value = value;
                return;
            }

            Add(name, value);
        }
    }

    /// <summary>The row an entity stands for.</summary>
    public static TableRow Of(TableEntity entity)
    {
        ArgumentNullException.ThrowIfNull(entity);
        var row = new TableRow(entity.PartitionKey, entity.RowKey, entity.Count) { ETag = entity.ETag, Timestamp = entity.Timestamp };
        foreach (var (name, value) in entity)
        {
            if (value is not (null or Azure.ETag) && name is not (nameof(ITableEntity.PartitionKey) or nameof(ITableEntity.RowKey) or nameof(ITableEntity.Timestamp)))
            {
                row.Add(name, value);
            }
        }

        return row;
    }

    /// <summary>The same, as the table client has it.</summary>
    public TableEntity ToEntity()
    {
        var entity = new TableEntity(PartitionKey, RowKey);
        if (Timestamp is not null)
        {
            (entity.ETag, entity.Timestamp) = (ETag, Timestamp);
        }

        foreach (var (name, value) in Columns)
        {
            entity[name] = value is Utf8Text or JsonText ? value.ToString() : value;
        }

        return entity;
    }

    /// <summary>The same columns under another partition. Neither row is to be changed from then on.</summary>
    public TableRow Under(string partition) => new(partition, RowKey, 0) { columns = columns, count = count, marks = marks };

    /// <summary>A row that is about to be read, where this thread has columns to spare in their memory.</summary>
    /// <param name="columns">How many columns it will have, about.</param>
    public static TableRow Reading(int columns)
    {
        if (spare is not { } place || place.Length < columns)
        {
            return new TableRow("", "", columns);
        }

        spare = null;
        return new TableRow("", "", 0) { columns = place };
    }

    /// <summary>Nobody looks at its columns any more: their memory serves the next row this thread reads.</summary>
    public void GiveBack()
    {
        if (columns.Length <= MostSpared)
        {
            Array.Clear(columns, 0, count);
            spare = columns;
        }

        (columns, count, marks) = ([], 0, 0);
    }

    /// <summary>Adds a column the row does not have.</summary>
    public void Add(string name, object value)
    {
        if (count == columns.Length)
        {
            Array.Resize(ref columns, Math.Max(Usual, 2 * count));
        }

        columns[count++] = (name, value);
        marks |= MarkOf(name);
    }

    /// <summary>What a column holds.</summary>
    public bool TryGetValue(string name, [NotNullWhen(true)] out object? value)
    {
        var at = Find(name);
        value = at >= 0 ? columns[at].Value : null;
        return at >= 0;
    }

    private int Find(string name)
    {
        if ((marks & MarkOf(name)) is 0)
        {
            return -1;
        }

        for (var at = 0; at < count; at++)
        {
            if (columns[at].Name is var one && one.Length == name.Length && one == name)
            {
                return at;
            }
        }

        return -1;
    }

    private static ulong MarkOf(string name) => name.Length is 0 ? 1 : 1UL << ((name[0] + (3 * name[^1]) + (5 * name.Length)) & 63);
}
