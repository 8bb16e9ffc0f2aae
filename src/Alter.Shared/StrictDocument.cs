using System.Text;
using System.Text.Json;

namespace Alter;

/// <summary>Opens a JSON document that an operator wrote: comments and trailing commas are welcome, everything else is strict.</summary>
internal static class StrictDocument
{
    /// <summary>1 MiB: hundreds of apps, and still read in a moment.</summary>
    public const int MaxBytes = 1 << 20;

    private static readonly JsonDocumentOptions Options = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = 24, // The deepest legal member lies at eight.
    };

    /// <summary>The document's top object, or null with the reason added to <paramref name="mistakes"/>.</summary>
    public static StrictObject? Open(string json, List<ConfigurationMistake> mistakes)
    {
        const string Example = "{ \"apps\": {} }";
        if (json.Length > MaxBytes || Encoding.UTF8.GetByteCount(json) > MaxBytes)
        {
            mistakes.Add(new("(document)", "It is over 1 MiB.", "one document below 1 MiB"));
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(json, Options);
            if (document.RootElement.ValueKind is not JsonValueKind.Object)
            {
                mistakes.Add(new("(document)", "It must be one JSON object.", Example));
                return null;
            }

            return new StrictObject(document.RootElement.Clone(), "", mistakes);
        }
        catch (JsonException e)
        {
            // The exception's message quotes the text; only the position is repeated.
            mistakes.Add(new("(document)", $"It is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.", Example));
            return null;
        }
        catch (ArgumentException)
        {
            mistakes.Add(new("(document)", "It is not valid Unicode text.", Example)); // Half of a surrogate pair.
            return null;
        }
    }
}
