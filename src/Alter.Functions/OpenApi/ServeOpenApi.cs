using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.OpenApi;

/// <summary><c>GET /sdk/openapi.json</c>: the wire contract as an OpenAPI 3.1 document, for generators and try-out pages. It is docs/openapi.json.</summary>
public sealed class ServeOpenApi
{
    private static readonly byte[] Document = Read();

    [Function(nameof(ServeOpenApi))]
    public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sdk/openapi.json")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.HttpContext.Response.Headers.CacheControl = "public, max-age=300";
        return Results.Bytes(Document, "application/json");
    }

    private static byte[] Read()
    {
        using var resource = typeof(ServeOpenApi).Assembly.GetManifestResourceStream("OpenApi/openapi.json")!;
        using var copy = new MemoryStream();
        resource.CopyTo(copy);
        return copy.ToArray();
    }
}
