using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Alter.Apps;

namespace Alter.Browser.Tests;

/// <summary>The quickstart's <c>alter.json</c> with the ports and the key of this run.</summary>
internal static class VaultDocument
{
    internal const string ClientSecret = "the-calendar-of-the-browser-tests";

    /// <summary>A provider whose document names an issuer that is none.</summary>
    internal const string Misconfigured = "archive";

    /// <summary>The shop's key, made for this run.</summary>
    internal static readonly string AppKey = AppKeys.Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip };

    internal static string For(Addresses at)
    {
        var document = Read("samples/Quickstart/alter.json", at);
        var shop = document["apps"]!["shop"]!;
        shop["keys"]![0]!["sha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(AppKey)));

        // The catalogue's calendar lives on a port of its own; here the same definition is the app's, on the port of this run.
        var definition = Read("src/Alter.Shared/Providers/catalog/calendar.json", at);
        definition.Remove("$schema");
        definition.Remove("id");
        shop["providers"]!["calendar"]!["definition"] = definition;
        shop["providers"]![Misconfigured] = Elsewhere("Acme Archive", new Uri(at.Calendar, "/elsewhere"));
        return document.ToJsonString();
    }

    /// <summary>The shop's logo lies where the document says: below its folder.</summary>
    internal static void CopyLogo(DirectoryInfo folder)
    {
        const string Logo = "Shop/site/shop.svg";
        var path = Path.Combine(folder.FullName, Logo);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Copy(Path.Combine(Product.Checkout, "samples/Quickstart", Logo), path);
    }

    private static JsonObject Elsewhere(string name, Uri issuer) => new()
    {
        ["definition"] = new JsonObject { ["name"] = name, ["issuer"] = issuer.AbsoluteUri, ["api_hosts"] = new JsonArray(issuer.Authority), ["allow_insecure_local"] = true },
        ["client_id"] = "alter-vault",
        ["client_secret"] = new JsonObject { ["secret"] = "shop-calendar" },
        ["scopes"] = new JsonArray("items.read"),
    };

    private static JsonObject Read(string path, Addresses at)
    {
        var text = new StringBuilder(File.ReadAllText(Path.Combine(Product.Checkout, path)));
        foreach (var (quickstart, here) in ((int, Uri)[])[(7071, at.Vault), (7072, at.Shop), (7073, at.IdentityProvider), (7074, at.Calendar)])
        {
            text.Replace($"localhost:{quickstart}", string.Create(CultureInfo.InvariantCulture, $"localhost:{here.Port}"));
        }

        return JsonNode.Parse(text.ToString(), documentOptions: Lenient)!.AsObject();
    }
}
