using System.Text.Json;
using System.Text.Unicode;

namespace Alter.Identity;

/// <summary>Reads a JSON object that two readers could not understand differently.</summary>
internal static class StrictJson
{
    // RFC 7515 §4, RFC 7519 §4: names are unique, or the token is rejected. A handler that takes the last one reads another token than one that takes the first.
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>The object, or null for anything else: another kind, a doubled name, deep nesting, broken UTF-8 or half a surrogate pair.</summary>
    internal static JsonElement? ReadObject(ReadOnlySpan<byte> utf8)
    {
        try
        {
            // The parser lets broken UTF-8 pass inside of strings.
            if (!Utf8.IsValid(utf8) || JsonElement.Parse(utf8, Options) is not { ValueKind: JsonValueKind.Object } root)
            {
                return null;
            }

            if (utf8.Contains((byte)'\\'))
            {
                ReadEveryString(root);
            }

            return root;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // An escaped half of a surrogate pair shows only when the string is read, as InvalidOperationException.
            return null;
        }
    }

    private static void ReadEveryString(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    _ = member.Name;
                    ReadEveryString(member.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    ReadEveryString(item);
                }

                break;
            case JsonValueKind.String:
                _ = element.GetString();
                break;
        }
    }
}
