using System.IO.Compression;
using System.Text;

namespace Alter.Browser.Tests.Widget;

/// <summary>The widget as it lies in the checkout.</summary>
internal static class WidgetSource
{
    private const string Export = "export { AlterConnect as default, AlterConnect };\n";

    internal static string Folder { get; } = Path.Combine(Product.Checkout, "src", "alter-connect");

    internal static string Module() => File.ReadAllText(Path.Combine(Folder, "alter-connect.js")).ReplaceLineEndings("\n");

    /// <summary>The module's text as a classic script: its one export becomes a global.</summary>
    internal static string AsClassicScript()
    {
        var module = Module();
        Assert.EndsWith($"\n{Export}", module, StringComparison.Ordinal);
        return $"(() => {{\n\"use strict\";\n{module[..^Export.Length]}globalThis.AlterConnect = AlterConnect;\n}})();\n";
    }

    /// <summary>How many bytes it is on its way, compressed as well as gzip can.</summary>
    internal static long GzippedSize(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.Length;
    }
}
