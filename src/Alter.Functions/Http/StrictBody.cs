using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Http;

/// <summary>Reads bodies: bounded, strict, with a clear word on what is wrong.</summary>
internal static class StrictBody
{
    /// <summary>For backends.</summary>
    internal const int BackendLimit = 64 * 1024;

    /// <summary>For the Connect page.</summary>
    internal const int PageLimit = 8 * 1024;

    /// <summary>A JSON body.</summary>
    /// <returns>The value, or <see cref="InvalidRequest"/>, <see cref="RequestTooLarge"/>.</returns>
    internal static async Task<Outcome<T>> ReadJsonAsync<T>(HttpRequest request, int limit, CancellationToken cancellationToken)
        where T : class
    {
        // A form or text body could be sent by any web page without asking first.
        if (!request.HasJsonContentType())
        {
            return new InvalidRequest("The body must be sent as application/json.");
        }

        if (!(await ReadAsync(request, limit, cancellationToken)).Succeeded(out var body, out var refusal))
        {
            return refusal;
        }

        try
        {
            return JsonSerializer.Deserialize<T>(body, WireJson.Read) is { } value ? value : new InvalidRequest("The body must be a JSON object.");
        }
        catch (JsonException e)
        {
            // The exception's own words may quote the body; its path is made of member names.
            var field = e.Path is { Length: > 2 } path ? path[2..] : "body";
            return InvalidRequest.Field(
                field.Length <= 100 ? field : "body",
                "It is not a member this version knows, is there twice, or has a value of the wrong type.");
        }
    }

    /// <summary>A body as bytes.</summary>
    internal static async Task<Outcome<byte[]>> ReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
        {
            return new RequestTooLarge($"The body is larger than {limit} bytes.", limit);
        }

        using var body = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            int read;
            while ((read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                body.Write(buffer, 0, read);
                if (body.Length > limit)
                {
                    return new RequestTooLarge($"The body is larger than {limit} bytes.", limit);
                }
            }
        }
        catch (IOException) when (!cancellationToken.IsCancellationRequested)
        {
            return new InvalidRequest("The request's body ended before its announced length, or its chunks cannot be read.");
        }

        return body.ToArray();
    }
}
