using Alter.Functions.Http;
using System.Collections.Frozen;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Connect;

/// <summary>The files of the Connect and Wallet pages, from the assembly, with the headers that fence them in.</summary>
internal static class ConnectPages
{
    // No inline script or style, nothing from elsewhere, in nobody's frame.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string Texts = "texts.json";

    private static readonly FrozenDictionary<string, string> ContentTypes = new Dictionary<string, string>
    {
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, byte[]> Files = typeof(ConnectPages).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith("Pages/", StringComparison.Ordinal))
        .ToFrozenDictionary(name => name["Pages/".Length..], Read);

    private static readonly PageTexts Words = new(Files[Texts]);

    private static readonly FrozenDictionary<string, byte[]> Assets = Files
        .Where(file => ContentTypes.ContainsKey(Path.GetExtension(file.Key)))
        .Append(new("texts.js", Words.AsModule()))
        .ToFrozenDictionary();

    // Anything stricter would cut the page off from the window that opened it, and the result would reach nobody.
    private const string KeepsOpener = "unsafe-none";

    private static readonly FrozenDictionary<(string File, string Section, string Code), byte[]> Failures = (
        from page in ((string File, string Section, string[] Codes)[])[
            ("connect-failed.html", "failed", PageTexts.FailureCodes),
            ("wallet-failed.html", "wallet_failed", PageTexts.WalletFailureCodes)]
        from code in page.Codes
        select (page.File, page.Section, code)).ToFrozenDictionary(page => page, page => Html(page.File, $"{page.Section}.{page.code}"));

    /// <summary>The Connect page.</summary>
    internal static IResult Connect { get; } = Document("connect.html", KeepsOpener);

    /// <summary>A document with its words in it.</summary>
    /// <param name="file">Its template.</param>
    /// <param name="openerPolicy">Its <c>Cross-Origin-Opener-Policy</c>.</param>
    internal static IResult Document(string file, string openerPolicy) => new Served(Html(file), "text/html; charset=utf-8", StatusCodes.Status200OK, null, openerPolicy);

    /// <summary>The page for an answer that belongs to no flow: it reflects nothing of the request.</summary>
    internal static IResult Failure(Refusal refusal) => Failure(refusal, "connect-failed.html", "failed", KeepsOpener);

    /// <summary>A page that says in its section's words why something came to nothing.</summary>
    internal static IResult Failure(Refusal refusal, string file, string section, string openerPolicy) => new Served(
        Failures.GetValueOrDefault((file, section, refusal.Code)) ?? Failures[(file, section, PageTexts.OtherFailure)],
        "text/html; charset=utf-8",
        Problems.Table.TryGetValue(refusal.GetType(), out var row) ? row.Status : StatusCodes.Status500InternalServerError,
        refusal.Code,
        openerPolicy);

    /// <summary>Style, script or icon by name; null where there is none.</summary>
    internal static IResult? FindAsset(string file) =>
        Assets.TryGetValue(file, out var content) ? new Served(content, ContentTypes[Path.GetExtension(file)], StatusCodes.Status200OK, null, KeepsOpener) : null;

    private static byte[] Html(string file, string section = "") => Encoding.UTF8.GetBytes(Words.FillIn(Encoding.UTF8.GetString(Files[file]), section));

    private static byte[] Read(string name)
    {
        using var stream = typeof(ConnectPages).Assembly.GetManifestResourceStream(name)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private sealed class Served(byte[] content, string contentType, int status, string? errorCode, string openerPolicy) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = status;
            response.ContentType = contentType;
            response.Headers.ContentSecurityPolicy = Policy;
            response.Headers["Referrer-Policy"] = "no-referrer";
            response.Headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
            response.Headers["Cross-Origin-Opener-Policy"] = openerPolicy;
            response.Headers.CacheControl = contentType.StartsWith("text/html", StringComparison.Ordinal) ? "no-store" : "public, max-age=300";
            if (errorCode is not null)
            {
                response.Headers[Forwarding.ResponseHeaders.Error] = errorCode;
            }

            return response.Body.WriteAsync(content, httpContext.RequestAborted).AsTask();
        }
    }
}
