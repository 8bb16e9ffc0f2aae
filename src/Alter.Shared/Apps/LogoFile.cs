using System.Xml;

namespace Alter.Apps;

/// <summary>Reads a logo: a PNG or SVG of at most 64 KiB.</summary>
internal static class LogoFile
{
    private const int MaxBytes = 64 * 1024;
    private const string SvgNamespace = "http://www.w3.org/2000/svg";

    /// <summary>The logo, or what is wrong with the file.</summary>
    public static (AppLogo? Logo, string? Fault) Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                return (null, "The file is over 64 KiB.");
            }

            var content = File.ReadAllBytes(path);
            if (Path.GetExtension(path) is ".png")
            {
                return IsPng(content) ? (new AppLogo(content, "image/png"), null) : (null, "The file is no PNG image.");
            }

            return IsSvg(content) ? (new AppLogo(content, "image/svg+xml"), null) : (null, "The file is no SVG image: one svg element in its namespace, without DOCTYPE.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, "There is no such file below the document's folder.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"The file cannot be read ({e.GetType().Name}).");
        }
    }

    // PNG specification §5.2: the signature.
    private static bool IsPng(ReadOnlySpan<byte> content) => content.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]);

    private static bool IsSvg(byte[] content)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(content), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            var isSvg = reader.MoveToContent() is XmlNodeType.Element && reader.LocalName is "svg" && reader.NamespaceURI is SvgNamespace;
            while (reader.Read())
            {
                // To the end: what a browser could not draw is found here and not by people.
            }

            return isSvg;
        }
        catch (XmlException)
        {
            return false;
        }
    }
}
