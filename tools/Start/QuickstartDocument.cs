using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Alter.Start;

/// <summary>The vault's document, made from <c>samples/Quickstart/alter.json</c>.</summary>
internal static class QuickstartDocument
{
    // What stands in the sample for the keys of shop and worker: digests of no key.
    private static readonly string ShopDigest = new('0', 64);
    private static readonly string WorkerDigest = new('1', 64);

    private static readonly JsonDocumentOptions Comments = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>The document for this plan's ports and keys; on the fixed ports it is the sample with all its comments.</summary>
    public static async Task<string> MakeAsync(ProductPlan plan, CancellationToken cancellationToken)
    {
        var (checkout, ports) = (plan.Checkout, plan.Ports);
        var text = await File.ReadAllTextAsync(Path.Combine(checkout.Quickstart, "alter.json"), cancellationToken);
        foreach (var (placeholder, key) in ((string, string)[])[(ShopDigest, plan.AppKey), (WorkerDigest, plan.WorkerKey)])
        {
            if (!text.Contains(placeholder, StringComparison.Ordinal))
            {
                throw new StartFailure($"samples/Quickstart/alter.json no longer has the placeholder digest {placeholder[..4]}… for a key.");
            }

            text = text.Replace(placeholder, Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key))), StringComparison.Ordinal);
        }

        return ports == QuickstartPorts.Fixed ? text : await MoveAsync(text, checkout, ports, cancellationToken);
    }

    /// <summary>App and provider of every OAuth client in a document.</summary>
    public static IEnumerable<(string App, string Provider)> Clients(string document) =>
        from app in JsonNode.Parse(document, documentOptions: Comments)!["apps"]!.AsObject()
        from provider in app.Value!["providers"]?.AsObject() ?? []
        select (app.Key, provider.Key);

    /// <summary>The logos a document names, as paths below its folder.</summary>
    public static IEnumerable<string> Logos(string document) =>
        from app in JsonNode.Parse(document, documentOptions: Comments)!["apps"]!.AsObject()
        let logo = (string?)app.Value!["branding"]?["logo"]
        where logo is not null
        select logo;

    // The catalogue's calendar has its port built in, so a moved one is defined in the document, from the same file.
    private static async Task<string> MoveAsync(string text, Checkout checkout, QuickstartPorts ports, CancellationToken cancellationToken)
    {
        var document = JsonNode.Parse(MovePorts(text, ports), documentOptions: Comments)!;
        var entry = await File.ReadAllTextAsync(checkout.CatalogEntry("calendar"), cancellationToken);
        var definition = JsonNode.Parse(MovePorts(entry, ports), documentOptions: Comments)!.AsObject();
        definition.Remove("$schema");
        definition.Remove("id");
        document["apps"]!["shop"]!["providers"]!["calendar"]!["definition"] = definition;
        return document.ToJsonString();
    }

    // By way of names no port can have, lest a new port be taken for another old one.
    private static string MovePorts(string text, QuickstartPorts ports)
    {
        foreach (var (name, port) in QuickstartPorts.Fixed.All)
        {
            text = text.Replace($"localhost:{port}", $"localhost:<{name}>", StringComparison.Ordinal);
        }

        foreach (var (name, port) in ports.All)
        {
            text = text.Replace($"localhost:<{name}>", $"localhost:{port}", StringComparison.Ordinal);
        }

        return text;
    }
}
