using System.Text.Json;
using Azure;

namespace Alter.Storage.Wire;

/// <summary>Reads what the Tables service refuses with.</summary>
internal static class TableFault
{
    /// <summary>The whole body of an answer, which is in memory.</summary>
    internal static ReadOnlySpan<byte> Body(Response answer) =>
        answer.ContentStream is MemoryStream stream && stream.TryGetBuffer(out var bytes) ? bytes : answer.Content.ToMemory().Span;

    /// <summary>An answer that refuses.</summary>
    internal static RequestFailedException Of(Response answer) => Of(answer.Status, Body(answer));

    /// <summary>A part of an answer that refuses. Its own text may name rows, and stays out of the exception.</summary>
    internal static RequestFailedException Of(int status, ReadOnlySpan<byte> body)
    {
        var code = CodeOf(body);
        return new RequestFailedException(status, $"The tables answered {status} ({code ?? "no code"}).", code, innerException: null);
    }

    private static string? CodeOf(ReadOnlySpan<byte> body)
    {
        try
        {
            var json = new Utf8JsonReader(body);
            return JsonElement.TryParseValue(ref json, out var answer)
                && answer.Value.ValueKind is JsonValueKind.Object
                && answer.Value.TryGetProperty("odata.error", out var error)
                && error.ValueKind is JsonValueKind.Object
                && error.TryGetProperty("code", out var code)
                ? code.GetString()
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // It is a page of something in between.
        }
    }
}
