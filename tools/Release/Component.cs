namespace Alter.Release;

/// <summary>A package or project, as a <c>*.deps.json</c> names it.</summary>
/// <param name="Name">Its id.</param>
/// <param name="Version">Its version.</param>
/// <param name="PackageFolder">Below NuGet's folder, such as <c>azure.core/1.64.0</c>; null: it is no package.</param>
/// <param name="Files">What of it can lie in the folder, by path from the folder's top.</param>
/// <param name="Needs">What it needs, by <see cref="Id"/>.</param>
internal sealed record Component(string Name, string Version, string? PackageFolder, IReadOnlyList<string> Files, IReadOnlyList<string> Needs)
{
    /// <summary>A package URL. Only packages claim to be NuGet's: what is ours is not published there, and its name could be anybody's.</summary>
    internal string Id => IdOf(Name, Version, PackageFolder is not null);

    internal static string IdOf(string name, string version, bool isPackage) => $"pkg:{(isPackage ? "nuget" : "generic")}/{name}@{version}";
}
