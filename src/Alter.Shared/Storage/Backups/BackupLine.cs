using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Alter.Storage;

/// <summary>The lines of a backup: JSON, one object a line, so that a file tells people what it is and is read in constant memory.</summary>
/// <remarks>
/// <code>
///  {"format":"alter-backup","version":1,"taken_at":"2026-11-28T02:00:00.0000000Z"}
///  {"table":"grants","pk":"…","rk":"…","columns":[["gen","int32","3"],["rt","binary","…base64…"], …]}
///  …
///  {"rows":1207,"sha256":"…"}      SHA-256 of every byte before this line; nothing may follow it
/// </code>
/// The digest finds what was cut off or altered by accident. It has no key: whoever may write a backup can make another, which is why
/// its row MACs are checked at use, and why docs/operate.md says where backups belong.
/// </remarks>
internal static class BackupLine
{
    internal const string Format = "alter-backup";
    internal const int Version = 1;

    /// <summary>A row is 1 MiB at most; escaped as JSON a text may grow sixfold.</summary>
    internal const int MaxBytes = 8 << 20;

    private const int DigestLength = 64;

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions Shallow = new() { MaxDepth = 4 };

    internal static byte[] OfHeader(DateTimeOffset takenAt) => Write(json =>
    {
        json.WriteString("format", Format);
        json.WriteNumber("version", Version);
        json.WriteString("taken_at", BackupValue.Instant(takenAt));
    });

    internal static byte[] OfRow(BackupRow row) => Write(json =>
    {
        json.WriteString("table", row.Table);
        json.WriteString("pk", row.Entity.PartitionKey);
        json.WriteString("rk", row.Entity.RowKey);
        json.WriteStartArray("columns");
        foreach (var (name, value) in row.Entity)
        {
            if (value is not null && !BackupValue.IsOfStorage(name))
            {
                var (type, text) = BackupValue.Write(value);
                json.WriteStartArray();
                json.WriteStringValue(name);
                json.WriteStringValue(type);
                json.WriteStringValue(text);
                json.WriteEndArray();
            }
        }

        json.WriteEndArray();
    });

    internal static byte[] OfEnd(long rows, string digest) => Write(json =>
    {
        json.WriteNumber("rows", rows);
        json.WriteString("sha256", digest);
    });

    /// <summary>When the backup was taken; throws where the line is no header of this version.</summary>
    internal static DateTimeOffset ReadHeader(byte[] line)
    {
        using var document = Parse(line);
        if (document is null || document.RootElement is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("format", out var format) || Text(format) != Format)
        {
            throw new BackupRefusedException("It is no backup of a vault: the first line does not say so.");
        }

        if (!root.TryGetProperty("version", out var version) || version.ValueKind is not JsonValueKind.Number || !version.TryGetInt32(out var number) || number != Version)
        {
            throw new BackupRefusedException($"It is a backup of another version; this one reads version {Version}. Use the ./alter that wrote it.");
        }

        return Members(root, "format", "version", "taken_at") is [_, _, var takenAt] && BackupValue.ReadInstant(Text(takenAt)) is { } instant
            ? instant
            : throw new BackupRefusedException("The first line of the backup is malformed.");
    }

    /// <summary>A row; null where the line is none.</summary>
    internal static BackupRow? TryReadRow(byte[] line)
    {
        using var document = Parse(line);
        return document is not null
            && Members(document.RootElement, "table", "pk", "rk", "columns") is [var table, var partition, var row, { ValueKind: JsonValueKind.Array } columns]
            && Text(table) is { Length: > 0 and <= BackupValue.MaxTableName } name
            && BackupValue.IsKey(Text(partition))
            && BackupValue.IsKey(Text(row))
            && BackupValue.TryRead(Text(partition)!, Text(row)!, columns.EnumerateArray().Select(Texts), out var entity)
                ? new BackupRow(name, entity)
                : null;
    }

    /// <summary>What the last line says; null where the line is not the last one.</summary>
    internal static (long Rows, string Digest)? TryReadEnd(byte[] line)
    {
        using var document = Parse(line);
        return document is not null
            && Members(document.RootElement, "rows", "sha256") is [{ ValueKind: JsonValueKind.Number } rows, var digest]
            && rows.TryGetInt64(out var count)
            && Text(digest) is { Length: DigestLength } hex
                ? (count, hex)
                : null;
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Compact))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static JsonDocument? Parse(byte[] line)
    {
        try
        {
            return JsonDocument.Parse(line, Shallow);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // The values of exactly these members, each there once.
    private static JsonElement[]? Members(JsonElement element, params string[] names)
    {
        if (element.ValueKind is not JsonValueKind.Object || element.EnumerateObject().Count() != names.Length)
        {
            return null;
        }

        var values = new JsonElement[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            if (!element.TryGetProperty(names[i], out values[i]))
            {
                return null;
            }
        }

        return values;
    }

    private static string[]? Texts(JsonElement column) =>
        column.ValueKind is JsonValueKind.Array && column.EnumerateArray().Select(Text).OfType<string>().ToArray() is { Length: 3 } texts && column.GetArrayLength() is 3 ? texts : null;

    private static string? Text(JsonElement element)
    {
        try
        {
            return element.ValueKind is JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null; // Half of a surrogate pair.
        }
    }
}
