using System.Text.Json;
using Alter.FunctionsHost.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Alter.FunctionsHost;

/// <summary>
/// What a function finds in its binding data. Later entries win, in Azure's order: members of a JSON body, query parameters, route values;
/// <c>Query</c> and <c>Headers</c> are only added where nothing of that name came from the client. So a client can forge both, here as there.
/// </summary>
internal static class TriggerMetadata
{
    private const string Query = "Query";
    private const string Headers = "Headers";

    public static Dictionary<string, TypedData> OfRequest(HttpRequest request, RouteValueDictionary routeValues, ReadOnlyMemory<byte> body)
    {
        var metadata = OfJson(body);
        foreach (var (name, value) in request.Query)
        {
            // The function key's own parameter is never bound; it is also every OAuth callback's.
            if (!string.Equals(name, "code", StringComparison.OrdinalIgnoreCase))
            {
                metadata[name] = Text(value.ToString());
            }
        }

        foreach (var (name, value) in routeValues)
        {
            metadata[name] = Text(value?.ToString() ?? "");
        }

        metadata.TryAdd(Query, Json(request.Query.ToDictionary(q => q.Key, q => q.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        metadata.TryAdd(Headers, Json(request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        return metadata;
    }

    /// <summary>The top-level members of a JSON object; nothing for any other text.</summary>
    public static Dictionary<string, TypedData> OfJson(ReadOnlyMemory<byte> text)
    {
        var metadata = new Dictionary<string, TypedData>(StringComparer.OrdinalIgnoreCase);
        if (text.Span.TrimStart(" \t\r\n"u8) is not [(byte)'{', ..])
        {
            return metadata;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            foreach (var member in document.RootElement.EnumerateObject())
            {
                metadata[member.Name] = member.Value.ValueKind is JsonValueKind.String
                    ? Text(member.Value.GetString()!)
                    : new TypedData { Json = member.Value.GetRawText() };
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            metadata.Clear(); // Azure swallows it as well: a body need not be JSON. (InvalidOperation: a lone surrogate.)
        }

        return metadata;
    }

    public static TypedData Text(string value) => new() { String = value };

    public static TypedData Json<T>(T value) => new() { Json = JsonSerializer.Serialize(value) };
}
