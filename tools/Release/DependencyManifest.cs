using System.Text.Json.Nodes;

namespace Alter.Release;

/// <summary>A <c>*.deps.json</c>: which packages and projects a program was resolved to, and the files of each.</summary>
internal static class DependencyManifest
{
    internal const string Extension = ".deps.json";

    /// <summary>Everything it names.</summary>
    /// <param name="file">Where it lies.</param>
    /// <param name="place">Its folder, from the top of the published one; empty for the top itself.</param>
    internal static IEnumerable<Component> Read(string file, string place)
    {
        var json = JsonNode.Parse(File.ReadAllText(file))!;
        var target = json["targets"]![(string)json["runtimeTarget"]!["name"]!]!.AsObject();
        var packages = json["libraries"]!.AsObject()
            .Where(library => (string?)library.Value!["type"] == "package")
            .ToDictionary(library => library.Key, library => (string?)library.Value!["path"]);
        foreach (var (key, library) in target)
        {
            var (name, version) = Split(key);
            yield return new Component(
                name,
                version,
                packages.GetValueOrDefault(key),
                [.. FilesOf(library!).Select(path => place.Length > 0 ? $"{place}/{path}" : path)],
                [.. Members(library!, "dependencies").Select(need => $"{need.Key}/{need.Value}").Where(target.ContainsKey).Select(need => IdOf(need, packages))]);
        }
    }

    // Publishing lays assemblies and native libraries side by side, translations in folders of their culture, and leaves those of other systems where the package has them.
    private static IEnumerable<string> FilesOf(JsonNode library) =>
    [
        .. Members(library, "runtime").Concat(Members(library, "native")).Select(asset => Path.GetFileName(asset.Key)),
        .. Members(library, "resources").Select(asset => string.Join('/', asset.Key.Split('/')[^2..])),
        .. Members(library, "runtimeTargets").Select(asset => asset.Key),
    ];

    private static string IdOf(string key, Dictionary<string, string?> packages)
    {
        var (name, version) = Split(key);
        return Component.IdOf(name, version, packages.ContainsKey(key));
    }

    private static (string Name, string Version) Split(string key) => key.Split('/') is [var name, var version] ? (name, version) : throw new FormatException($"{key} is no library.");

    private static JsonObject Members(JsonNode library, string member) => library[member]?.AsObject() ?? [];
}
