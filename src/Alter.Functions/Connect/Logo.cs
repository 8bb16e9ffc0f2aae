using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Connect;

/// <summary>An image that an operator or the catalogue brought.</summary>
internal sealed class Logo(byte[] content, string contentType) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = contentType;

        // An SVG opened by itself is a document: whatever is in it neither runs nor loads.
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
        response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin"; // Apps show it in lists of their own.
        response.Headers.CacheControl = "public, max-age=300";
        return response.Body.WriteAsync(content, httpContext.RequestAborted).AsTask();
    }
}
