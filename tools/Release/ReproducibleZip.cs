using System.IO.Compression;

namespace Alter.Release;

/// <summary>An archive that is the same wherever and whenever it is made of the same files.</summary>
internal static class ReproducibleZip
{
    // A regular file that its owner may write and everybody read, in the upper half as Unix has it.
    private const int Readable = unchecked((int)0x81A4_0000);

    // The first instant the format can say.
    private static readonly DateTimeOffset Earliest = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal static void Write(PublishedFolder folder, string archive, DateTimeOffset? time)
    {
        File.Delete(archive);
        using var zip = ZipFile.Open(archive, ZipArchiveMode.Create);
        foreach (var file in folder.Files)
        {
            var entry = zip.CreateEntry(file, CompressionLevel.Optimal);
            entry.LastWriteTime = time ?? Earliest;
            entry.ExternalAttributes = Readable;
            using var from = File.OpenRead(folder.PathOf(file));
            using var to = entry.Open();
            from.CopyTo(to);
        }
    }
}
