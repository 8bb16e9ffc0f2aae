using System.Net;

namespace Quickstart.Shop;

/// <summary>The one page. Its script element names the vault, whose address only the server knows; the widget that loads from there knows its vault.</summary>
internal sealed class ShopPage(IWebHostEnvironment files, ShopOptions options)
{
    private readonly string html = Read(files)
        .Replace("{vault}", WebUtility.HtmlEncode(options.VaultOrigin), StringComparison.Ordinal)
        .Replace("{calendar}", WebUtility.HtmlEncode(options.CalendarUrl.GetLeftPart(UriPartial.Authority)), StringComparison.Ordinal);

    public IResult Show() => Results.Content(html, "text/html; charset=utf-8");

    private static string Read(IWebHostEnvironment files)
    {
        using var page = new StreamReader(files.WebRootFileProvider.GetFileInfo("index.html").CreateReadStream());
        return page.ReadToEnd();
    }
}
