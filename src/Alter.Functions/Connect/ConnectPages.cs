using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Connect;

/// <summary>The files of the Connect page, from the assembly, with the headers that fence them in.</summary>
internal static class ConnectPages
{
    // No inline script or style, nothing from elsewhere, in nobody's frame.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly FrozenDictionary<string, string> ContentTypes = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, byte[]> Files = typeof(ConnectPages).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith("Pages/", StringComparison.Ordinal))
        .ToFrozenDictionary(name => name["Pages/".Length..], Read);

    /// <summary>The Connect page.</summary>
    internal static IResult Connect { get; } = new Page("connect.html", StatusCodes.Status200OK, null);

    /// <summary>The page for an answer that belongs to no flow: it reflects nothing of the request.</summary>
    internal static IResult Failure(Refusal refusal, int status) => new Page("connect-failed.html", status, refusal.Code);

    /// <summary>Style or script by name; null where there is none.</summary>
    internal static IResult? FindAsset(string file) => Files.ContainsKey(file) && !file.EndsWith(".html", StringComparison.Ordinal) ? new Page(file, StatusCodes.Status200OK, null) : null;

    private static byte[] Read(string name)
    {
        using var stream = typeof(ConnectPages).Assembly.GetManifestResourceStream(name)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private sealed class Page(string file, int status, string? errorCode) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = status;
            response.ContentType = ContentTypes[Path.GetExtension(file)];
            response.Headers.ContentSecurityPolicy = Policy;
            response.Headers["Referrer-Policy"] = "no-referrer";
            response.Headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";

            // Anything stricter would cut the page off from the window that opened it, and the result would reach nobody.
            response.Headers["Cross-Origin-Opener-Policy"] = "unsafe-none";
            response.Headers.CacheControl = file.EndsWith(".html", StringComparison.Ordinal) ? "no-store" : "public, max-age=300";
            if (errorCode is not null)
            {
                response.Headers[Forwarding.ResponseHeaders.Error] = errorCode;
            }

            return response.Body.WriteAsync(Files[file], httpContext.RequestAborted).AsTask();
        }
    }
}
