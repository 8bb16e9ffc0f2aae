namespace Alter.Tests.House;

/// <summary>The checkout these tests run in.</summary>
internal static class Repository
{
    private static readonly string[] Generated = ["bin", "obj", "node_modules", "dist"];

    /// <summary>The folder that holds <c>Alter.Functions.sln</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path below the root, written with forward slashes.</summary>
    public static string PathOf(string relative) => Path.Combine(Root, relative.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>Everything people wrote below a folder, whose extension is one of these; nothing where there is no such folder.</summary>
    public static IReadOnlyList<SourceFile> Files(string folder, params string[] extensions)
    {
        var top = PathOf(folder);
        return Directory.Exists(top)
            ? [.. Directory.EnumerateFiles(top, "*", SearchOption.AllDirectories)
                .Where(path => extensions.Contains(Path.GetExtension(path)))
                .Select(path => Path.GetRelativePath(Root, path).Replace(Path.DirectorySeparatorChar, '/'))
                .Where(path => !path.Split('/').Intersect(Generated).Any())
                .Order(StringComparer.Ordinal)
                .Select(path => new SourceFile(path, File.ReadAllText(PathOf(path))))]
            : [];
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Alter.Functions.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Alter.Functions.sln.");
    }
}
