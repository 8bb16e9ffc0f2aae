using System.Text.Json;

namespace Alter.FunctionsHost;

/// <summary>Reads the hand-written JSON files of an app folder: comments and trailing commas are fine, and a fault names the file.</summary>
internal static class JsonFile
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static JsonDocument Read(string path)
    {
        try
        {
            var document = JsonDocument.Parse(File.ReadAllBytes(path), Lenient);
            if (document.RootElement.ValueKind is JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            throw new HostStartException($"{path} must hold a JSON object.");
        }
        catch (JsonException e)
        {
            throw new HostStartException($"{path} is not JSON: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostStartException($"{path} cannot be read: {e.Message}");
        }
    }

    /// <summary>Follows names downwards, without regard to case as the Functions host does.</summary>
    public static JsonElement? Find(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind is not JsonValueKind.Object)
            {
                return null;
            }

            JsonElement? next = null;
            foreach (var property in element.EnumerateObject())
            {
                if (string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase))
                {
                    next = property.Value;
                }
            }

            if (next is not { } found)
            {
                return null;
            }

            element = found;
        }

        return element;
    }
}
