using System.Security.Cryptography;

namespace Alter.Release;

/// <summary><c>SHA256SUMS</c>, for <c>sha256sum --check</c>.</summary>
internal static class Checksums
{
    private const string Name = "SHA256SUMS";

    /// <summary>Over every file that lies in the folder itself.</summary>
    internal static void Write(string folder) => File.WriteAllLines(
        Path.Combine(folder, Name),
        Directory.EnumerateFiles(folder)
            .Where(file => Path.GetFileName(file) != Name)
            .OrderBy(file => file, StringComparer.Ordinal)
            .Select(file => $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))}  {Path.GetFileName(file)}"));
}
