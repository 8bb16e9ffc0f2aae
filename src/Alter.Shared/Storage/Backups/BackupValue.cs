using System.Globalization;
using System.Text.RegularExpressions;
using Azure.Data.Tables;

namespace Alter.Storage;

/// <summary>Keys and column values as a backup spells them: every type of Table Storage, exactly.</summary>
internal static partial class BackupValue
{
    internal const int MaxTableName = 63;

    private const int MaxKeyLength = 1024;
    private const int MaxColumns = 252;

    /// <summary>What storage itself keeps beside the columns.</summary>
    internal static bool IsOfStorage(string column) => column is "PartitionKey" or "RowKey" or "Timestamp" || column.StartsWith("odata.", StringComparison.Ordinal);

    internal static string Instant(DateTimeOffset instant) => instant.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    internal static DateTimeOffset? ReadInstant(string? text) =>
        DateTime.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var instant) && instant.Kind is DateTimeKind.Utc
            ? new DateTimeOffset(instant)
            : null;

    internal static (string Type, string Text) Write(object value) => value switch
    {
        string text => ("string", text),
        byte[] bytes => ("binary", Convert.ToBase64String(bytes)),
        bool flag => ("bool", flag ? "true" : "false"),
        DateTimeOffset instant => ("instant", Instant(instant)),
        double number => ("double", number.ToString("R", CultureInfo.InvariantCulture)),
        Guid id => ("guid", id.ToString("D")),
        int number => ("int32", number.ToString(CultureInfo.InvariantCulture)),
        long number => ("int64", number.ToString(CultureInfo.InvariantCulture)),
        _ => throw new InvalidOperationException($"A column of type {value.GetType().Name} is none of Table Storage."),
    };

    /// <summary>Null where the text is none of this type.</summary>
    internal static object? Read(string type, string text) => type switch
    {
        "string" => text,
        "binary" => Bytes(text),
        "bool" => text is "true" ? true : text is "false" ? false : null,
        "instant" => ReadInstant(text),
        "double" => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
        "guid" => Guid.TryParseExact(text, "D", out var id) ? id : null,
        "int32" => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
        "int64" => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
        _ => null,
    };

    /// <summary>A key that Table Storage takes.</summary>
    internal static bool IsKey(string? text) => text is { Length: > 0 and <= MaxKeyLength } && !text.AsSpan().ContainsAny("/\\#?") && !text.Any(char.IsControl);

    /// <summary>A row of columns, each as name, type and text.</summary>
    internal static bool TryRead(string partition, string row, IEnumerable<string[]?> columns, out TableEntity entity)
    {
        entity = new TableEntity(partition, row);
        var count = 0;
        foreach (var column in columns)
        {
            if (column is not [var name, var type, var text]
                || ++count > MaxColumns
                || !Name().IsMatch(name)
                || IsOfStorage(name)
                || entity.ContainsKey(name)
                || Read(type, text) is not { } value)
            {
                return false;
            }

            entity[name] = value;
        }

        return true;
    }

    private static byte[]? Bytes(string text)
    {
        var bytes = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]{0,254}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
