using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Connect;

/// <summary>
/// <c>GET /sdk/connect.js</c>: the browser widget as a classic script. It is made from the npm package's module: its one export becomes the global
/// <c>AlterConnect</c>. A module could not be loaded from here, as that needs CORS (docs/decisions/widget-delivery.md).
/// </summary>
public sealed class ServeWidget
{
    private const string Export = "export { AlterConnect as default, AlterConnect };\n";

    private static readonly byte[] Script = Encoding.UTF8.GetBytes(
        $"(() => {{\n\"use strict\";\n{ReadModule().Replace(Export, "globalThis.AlterConnect = AlterConnect;\n", StringComparison.Ordinal)}}})();\n");

    [Function(nameof(ServeWidget))]
    public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sdk/connect.js")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var headers = request.HttpContext.Response.Headers;
        headers.CacheControl = "public, max-age=300"; // As long as the Connect page's own script, its other half.
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"; // For pages that only embed what allows it (COEP require-corp).
        return Results.Bytes(Script, "text/javascript; charset=utf-8");
    }

    private static string ReadModule()
    {
        using var module = new StreamReader(typeof(ServeWidget).Assembly.GetManifestResourceStream("Widget/alter-connect.js")!);
        return module.ReadToEnd().ReplaceLineEndings("\n");
    }
}
