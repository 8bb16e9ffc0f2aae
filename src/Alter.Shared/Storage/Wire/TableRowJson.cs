using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Azure;

namespace Alter.Storage.Wire;

/// <summary>Rows as the Tables service writes them: JSON, in which the type of a column that JSON has none for stands beside it (OData 3.0, minimal metadata).</summary>
internal static class TableRowJson
{
    // Nothing between reads it as HTML; escaped, the text of an entry would grow by a third.
    internal static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private const int ColumnsOfMost = 24; // A grant's.
    private const int LongestName = 255; // The service's own limit.
    private const string Annotation = "@odata.type";
    private static readonly byte[] AnnotationUtf8 = Encoding.ASCII.GetBytes(Annotation);

    private const string Int64 = "Edm.Int64";
    private const string Binary = "Edm.Binary";
    private const string Instant = "Edm.DateTime";
    private const string Real = "Edm.Double";
    private const string Unique = "Edm.Guid";
    private const string ETagName = "odata.etag";
    private const string Timestamp = "Timestamp";

    /// <summary>Writes the row as one object.</summary>
    internal static void Write(Utf8JsonWriter json, TableRow row)
    {
        json.WriteStartObject();
        json.WriteString("PartitionKey"u8, row.PartitionKey);
        json.WriteString("RowKey"u8, row.RowKey);
        foreach (var (name, value) in row.Columns)
        {
            switch (value)
            {
                case string text:
                    json.WriteString(name, text);
                    break;
                case Utf8Text text:
                    Write(json, name, text.Bytes);
                    break;
                case JsonText text:
                    json.WritePropertyName(name);
                    json.WriteRawValue(text.Json, skipInputValidation: true);
                    break;
                case byte[] bytes:
                    json.WriteBase64String(name, bytes);
                    Annotate(json, name, Binary);
                    break;
                case long number:
                    Write(json, name, number);
                    Annotate(json, name, Int64);
                    break;
                case DateTimeOffset instant:
                    json.WriteString(name, instant.UtcDateTime);
                    Annotate(json, name, Instant);
                    break;
                case bool flag:
                    json.WriteBoolean(name, flag);
                    break;
                case int number:
                    json.WriteNumber(name, number);
                    break;
                default:
                    throw new NotSupportedException($"No column holds a {value.GetType().Name}.");
            }
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, long number)
    {
        Span<char> digits = stackalloc char[20];
        number.TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        json.WriteString(name, digits[..length]);
    }

    private static void Write(Utf8JsonWriter json, string name, ReadOnlySpan<byte> text)
    {
        var escaped = ArrayPool<byte>.Shared.Rent(MostEscaped(text));
        json.WritePropertyName(name);
        json.WriteRawValue(escaped.AsSpan(0, Escape(text, escaped)), skipInputValidation: true);
        ArrayPool<byte>.Shared.Return(escaped);
    }

    /// <summary>How many bytes a text's JSON string takes at most.</summary>
    internal static int MostEscaped(ReadOnlySpan<byte> text) => ((IsPlain(text) ? 2 : 6) * text.Length) + 2;

    /// <summary>Writes a text's JSON string as the writer would; gives its length.</summary>
    /// <remarks>What is JSON itself, as an entry of the record is, has a quote at every turn, and each would cost the writer's escaping a detour.</remarks>
    internal static int Escape(ReadOnlySpan<byte> text, Span<byte> json)
    {
        json[0] = (byte)'"';
        var length = 1;
        if (IsPlain(text))
        {
            foreach (var one in text)
            {
                json[length] = (byte)'\\'; // Overwritten where there is nothing to escape.
                length += one is (byte)'"' or (byte)'\\' ? 1 : 0;
                json[length++] = one;
            }
        }
        else
        {
            Writing.Encoder!.EncodeUtf8(text, json[1..], out _, out var written);
            length += written;
        }

        json[length++] = (byte)'"';
        return length;
    }

    private static bool IsPlain(ReadOnlySpan<byte> text) => !text.ContainsAnyExceptInRange((byte)' ', (byte)'~');

    /// <summary>Adds the rows of a query's answer, in their order.</summary>
    /// <exception cref="RequestFailedException">It is no such answer.</exception>
    internal static void ReadAll(ReadOnlySpan<byte> body, List<TableRow> rows)
    {
        try
        {
            Parse(body, rows);
        }
        catch (Exception e) when (e is JsonException or FormatException or OverflowException or InvalidOperationException)
        {
            throw new RequestFailedException("The tables answered something that is no row."); // What it was stays out.
        }
    }

    private static void Parse(ReadOnlySpan<byte> body, List<TableRow> rows)
    {
        var json = new Utf8JsonReader(body);
        var isAnswer = false;
        json.Read();
        while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
        {
            var isRows = json.ValueTextEquals("value"u8);
            json.Read();
            if (!isRows || json.TokenType is not JsonTokenType.StartArray)
            {
                json.Skip();
                continue;
            }

            isAnswer = isAnswer ? throw new FormatException() : true;
            while (json.Read() && json.TokenType is JsonTokenType.StartObject)
            {
                rows.Add(Read(ref json));
            }

            if (json.TokenType is not JsonTokenType.EndArray)
            {
                throw new FormatException();
            }
        }

        if (!isAnswer || json.TokenType is not JsonTokenType.EndObject || json.Read())
        {
            throw new FormatException(); // No rows and no answer are two things: the one would be taken for the other.
        }
    }

    // A type stands before its value or behind it.
    private static TableRow Read(ref Utf8JsonReader json)
    {
        var row = TableRow.Reading(ColumnsOfMost);
        var (typed, type) = ("", "");
        while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
        {
            var (name, isAnnotation) = NameOf(ref json);
            json.Read();
            if (isAnnotation)
            {
                (typed, type) = (name, TypeOf(ref json));
                if (row.TryGetValue(typed, out var read) && read is string text)
                {
                    row[typed] = Typed(text, type);
                }
            }
            else if (Value(ref json, name, name == typed ? type : name is Timestamp ? Instant : "") is { } value)
            {
                Set(row, name, value);
            }
        }

        return row;
    }

    // Null: none, or one that no column holds.
    private static object? Value(ref Utf8JsonReader json, string name, string type)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.String:
                return type switch
                {
                    "" => KnownTexts.AreIn(name) ? KnownText(ref json) : json.GetString(),
                    Binary => json.GetBytesFromBase64(),
                    Instant when json.ValueSpan.EndsWith("Z"u8) && json.TryGetDateTimeOffset(out var instant) => instant,
                    _ => Typed(json.GetString()!, type),
                };
            case JsonTokenType.Number:
                return type is not Real && json.TryGetInt32(out var number) ? number : (object)json.GetDouble();
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            default:
                json.Skip();
                return null;
        }
    }

    private static string KnownText(ref Utf8JsonReader json)
    {
        Span<byte> place = stackalloc byte[KnownTexts.Longest];
        return json.ValueSpan.Length <= place.Length ? KnownTexts.Of(place[..json.CopyString(place)]) : json.GetString()!;
    }

    private static void Set(TableRow row, string name, object value)
    {
        switch (name)
        {
            case "PartitionKey":
                row.PartitionKey = value as string ?? throw new FormatException();
                break;
            case "RowKey":
                row.RowKey = value as string ?? throw new FormatException();
                break;
            case ETagName:
                row.ETag = new ETag(value as string ?? throw new FormatException());
                break;
            case Timestamp:
                row.Timestamp = value as DateTimeOffset? ?? throw new FormatException();
                break;
            default:
                row[name] = value;
                break;
        }
    }

    // Neither the names nor the types are made anew for each row.
    private static (string Name, bool IsAnnotation) NameOf(ref Utf8JsonReader json)
    {
        if (json.ValueIsEscaped)
        {
            var name = json.GetString()!;
            return name.EndsWith(Annotation, StringComparison.Ordinal) ? (name[..^Annotation.Length], true) : (name, false);
        }

        return json.ValueSpan.EndsWith(AnnotationUtf8) ? (KnownTexts.Of(json.ValueSpan[..^Annotation.Length]), true) : (KnownTexts.Of(json.ValueSpan), false);
    }

    private static string TypeOf(ref Utf8JsonReader json) =>
        json.TokenType is not JsonTokenType.String ? json.GetString() ?? ""
        : json.ValueTextEquals(Binary) ? Binary
        : json.ValueTextEquals(Instant) ? Instant
        : json.ValueTextEquals(Int64) ? Int64
        : json.ValueTextEquals(Real) ? Real
        : json.GetString() ?? "";

    private static object Typed(string text, string type) => type switch
    {
        Int64 => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
        Binary => Convert.FromBase64String(text),
        Instant => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
        Unique => Guid.Parse(text),
        Real => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture), // NaN and the infinities.
        _ => text,
    };

    private static void Annotate(Utf8JsonWriter json, string name, string type)
    {
        Span<char> annotation = stackalloc char[LongestName + Annotation.Length];
        name.CopyTo(annotation);
        Annotation.CopyTo(annotation[name.Length..]);
        json.WriteString(annotation[..(name.Length + Annotation.Length)], type);
    }
}
