using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Alter.Release;

/// <summary>What NuGet has on this machine of a package: enough to say whose it is, under which licence, and which bytes it was.</summary>
internal static class PackageFolder
{
    private static readonly string Top = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } elsewhere
        ? elsewhere
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>The members of a CycloneDX component that only the package itself tells; none where it is not on this machine.</summary>
    internal static IEnumerable<KeyValuePair<string, JsonNode?>> Describe(Component component)
    {
        var folder = Path.Combine(Top, component.PackageFolder ?? "");
        if (component.PackageFolder is null || !Directory.Exists(folder))
        {
            yield break;
        }

        var metadata = XDocument.Load(Directory.EnumerateFiles(folder, "*.nuspec").Single()).Root!.Elements().Single(element => element.Name.LocalName == "metadata");
        if (Text("authors") is { } authors)
        {
            yield return new("publisher", authors);
        }

        if (Directory.EnumerateFiles(folder, "*.nupkg.sha512").SingleOrDefault() is { } hash)
        {
            yield return new("hashes", Hashes(Convert.FromBase64String(File.ReadAllText(hash))));
        }

        if (LicenceIn(metadata) is { } licence)
        {
            yield return new("licenses", new JsonArray(licence));
        }

        string? Text(string name) => Find(metadata, name)?.Value;
    }

    internal static JsonArray Hashes(byte[] sha512) => [new JsonObject { ["alg"] = "SHA-512", ["content"] = Convert.ToHexStringLower(sha512) }];

    // An SPDX expression where the package has one; else the name of the file inside it, or an address.
    private static JsonObject? LicenceIn(XElement metadata) => (Find(metadata, "license"), Find(metadata, "licenseUrl")) switch
    {
        ({ } licence, _) when (string?)licence.Attribute("type") == "expression" => new JsonObject { ["expression"] = licence.Value },
        ({ } licence, _) => new JsonObject { ["license"] = new JsonObject { ["name"] = $"{licence.Value} in the package" } },
        (null, { } url) => new JsonObject { ["license"] = new JsonObject { ["name"] = url.Value, ["url"] = url.Value } },
        _ => null,
    };

    private static XElement? Find(XElement metadata, string name) => metadata.Elements().FirstOrDefault(element => element.Name.LocalName == name);
}
