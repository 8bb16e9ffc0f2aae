using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Alter.Release;

/// <summary>
/// What a published folder consists of, in the words of CycloneDX 1.6: every package and project with its version, package URL, licence and hash, every file under what
/// it came from, and what needs what. It names no hour and no machine: the same folder has the same bill.
/// </summary>
internal static class BillOfMaterials
{
    private const string OurLicence = "MIT";
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n" };

    internal static string Of(PublishedFolder folder, DateTimeOffset? time)
    {
        var metadata = new JsonObject();
        if (time is { } instant)
        {
            metadata["timestamp"] = instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }

        var isProgram = folder.Files.Any(file => file.EndsWith(".runtimeconfig.json", StringComparison.Ordinal));
        metadata["component"] = Entry(folder, folder.Root, isProgram ? "application" : "library");
        var listed = folder.Components.Prepend(folder.Root).Select(component => component.Id).ToHashSet();
        var bill = new JsonObject
        {
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["version"] = 1,
            ["metadata"] = metadata,
            ["components"] = new JsonArray([.. folder.Components.Select(component => Entry(folder, component, "library"))]),
            ["dependencies"] = new JsonArray([.. folder.Components.Prepend(folder.Root).Select(component => new JsonObject
            {
                ["ref"] = component.Id,
                ["dependsOn"] = new JsonArray([.. component.Needs.Where(listed.Contains).Select(need => JsonValue.Create(need))]),
            })]),
        };
        return bill.ToJsonString(Readable) + "\n";
    }

    private static JsonObject Entry(PublishedFolder folder, Component component, string type)
    {
        var entry = new JsonObject { ["type"] = type, ["bom-ref"] = component.Id, ["name"] = component.Name, ["version"] = component.Version, ["purl"] = component.Id };
        foreach (var (name, value) in PackageFolder.Describe(component))
        {
            entry[name] = value;
        }

        if (component.PackageFolder is null && component.Name.StartsWith("Alter.", StringComparison.Ordinal))
        {
            entry["licenses"] = new JsonArray(new JsonObject { ["expression"] = OurLicence });
        }

        if (component.Files.Count > 0)
        {
            entry["components"] = new JsonArray([.. component.Files.Select(file => new JsonObject
            {
                ["type"] = "file",
                ["name"] = file,
                ["hashes"] = PackageFolder.Hashes(SHA512.HashData(File.ReadAllBytes(folder.PathOf(file)))),
            })]);
        }

        return entry;
    }
}
