using System.Reflection;

namespace Alter.Release;

/// <summary>What <c>dotnet publish</c> or a library's build has left in a folder: its files, and what each came from.</summary>
internal sealed class PublishedFolder
{
    private readonly string top;

    private PublishedFolder(string top, IReadOnlyList<string> files, Component root, IReadOnlyList<Component> components) =>
        (this.top, Files, Root, Components) = (top, files, root, components);

    /// <summary>Every file, by path from the top with forward slashes, in ordinal order.</summary>
    internal IReadOnlyList<string> Files { get; }

    /// <summary>The program or library itself; the files that came from nowhere else are its own.</summary>
    internal Component Root { get; }

    /// <summary>Everything else, by name and version. Of a program only what is here: the rest lies in the host or in the shared framework.</summary>
    internal IReadOnlyList<Component> Components { get; }

    internal static PublishedFolder Read(string top)
    {
        var files = Directory.EnumerateFiles(top, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(top, file).Replace(Path.DirectorySeparatorChar, '/'))
            .Order(StringComparer.Ordinal)
            .ToList();
        var manifests = files.Where(file => file.EndsWith(DependencyManifest.Extension, StringComparison.Ordinal)).OrderBy(file => file.Count(letter => letter == '/')).ToList();
        var named = manifests.SelectMany(manifest => DependencyManifest.Read(Path.Combine(top, manifest), FolderOf(manifest)))
            .GroupBy(component => component.Id)
            .Select(same => same.First() with
            {
                Files = [.. same.SelectMany(component => component.Files).Intersect(files).Distinct()],
                Needs = [.. same.SelectMany(component => component.Needs).Distinct().Order(StringComparer.Ordinal)],
            })
            .ToList();
        var rootName = Path.GetFileName(manifests[0])[..^DependencyManifest.Extension.Length];
        var root = named.Single(component => component.Name == rootName);
        var unnamed = files.Except(named.SelectMany(component => component.Files)).ToList();
        var stray = unnamed.Where(file => file.EndsWith(".dll", StringComparison.Ordinal)).Select(file => StrayAssembly(top, file)).ToList();
        var isProgram = files.Any(file => file.EndsWith(".runtimeconfig.json", StringComparison.Ordinal));
        return new PublishedFolder(
            top,
            files,
            root with { Files = [.. root.Files.Concat(unnamed.Except(stray.SelectMany(component => component.Files))).Order(StringComparer.Ordinal)] },
            [.. named.Where(component => component != root && (component.Files.Count > 0 || !isProgram)).Concat(stray).OrderBy(component => component.Id, StringComparer.Ordinal)]);
    }

    internal string PathOf(string file) => Path.Combine(top, file);

    // The Functions SDK brings an assembly for its host that no manifest names.
    private static Component StrayAssembly(string top, string file)
    {
        var assembly = AssemblyName.GetAssemblyName(Path.Combine(top, file));
        return new Component(assembly.Name!, assembly.Version!.ToString(), null, [file], []);
    }

    private static string FolderOf(string file) => Path.GetDirectoryName(file)!.Replace(Path.DirectorySeparatorChar, '/');
}
