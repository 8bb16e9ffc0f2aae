using System.Text;
using Alter.Apps;

namespace Alter.Tests.Apps;

public sealed class BrandingTests : IDisposable
{
    private const string Svg = """<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9"/></svg>""";

    private readonly string folder = Directory.CreateTempSubdirectory("alter-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_logo_beside_the_document_and_an_accent_are_read()
    {
        Write("branding/shop.svg", Svg);

        var branding = Read("""{ "logo": "branding/shop.svg", "accent": "#0B5" }""").Configuration!.Apps["shop"].Branding;

        Assert.Equal("image/svg+xml", branding.Logo!.ContentType);
        Assert.Equal(Svg, Encoding.UTF8.GetString(branding.Logo.Content));
        Assert.Equal("#00bb55", branding.Accent.ToString());
    }

    [Fact]
    public void A_png_is_known_by_its_signature()
    {
        File.WriteAllBytes(Path.Combine(folder, "shop.png"), [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]);
        Write("other.png", "GIF89a");

        Assert.Equal("image/png", Read("""{ "logo": "shop.png" }""").Configuration!.Apps["shop"].Branding.Logo!.ContentType);
        Assert.Equal("apps.shop.branding.logo", Fault("""{ "logo": "other.png" }"""));
    }

    [Theory]
    [InlineData("\"missing.svg\"")]
    [InlineData("\"../shop.svg\"")]
    [InlineData("\"branding/../../shop.svg\"")]
    [InlineData("\"/etc/shop.svg\"")]
    [InlineData("\"branding\\\\shop.svg\"")]
    [InlineData("\".hidden.svg\"")]
    [InlineData("\"https://shop.acme.com/logo.svg\"")]
    [InlineData("\"shop.gif\"")]
    [InlineData("\"shop.svg\\u0000\"")]
    [InlineData("1")]
    public void A_logo_that_is_no_image_below_the_folder_is_a_mistake(string logo) => Assert.Equal("apps.shop.branding.logo", Fault($$"""{ "logo": {{logo}} }"""));

    [Theory]
    [InlineData("not an image")]
    [InlineData("<html xmlns='http://www.w3.org/1999/xhtml'/>")]
    [InlineData("<svg/>")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'>")]
    [InlineData("<!DOCTYPE svg [<!ENTITY a 'a'>]><svg xmlns='http://www.w3.org/2000/svg'>&a;</svg>")]
    public void A_file_that_is_no_svg_is_a_mistake(string text)
    {
        Write("shop.svg", text);

        Assert.Equal("apps.shop.branding.logo", Fault("""{ "logo": "shop.svg" }"""));
    }

    [Fact]
    public void A_logo_over_64_KiB_is_a_mistake()
    {
        Write("shop.svg", $"<svg xmlns='http://www.w3.org/2000/svg'><!--{new string('x', 64 * 1024)}--></svg>");

        Assert.Contains("64 KiB", Assert.Single(Read("""{ "logo": "shop.svg" }""").Mistakes).Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"red\"")]
    [InlineData("\"#12\"")]
    [InlineData("\"#12345678\"")]
    [InlineData("\"#0b5;background:url(https://evil.example)\"")]
    [InlineData("\"#0b5\\n\"")]
    [InlineData("true")]
    public void An_accent_is_a_colour_and_nothing_else(string accent) => Assert.Equal("apps.shop.branding.accent", Fault($$"""{ "accent": {{accent}} }"""));

    [Fact]
    public void A_document_without_branding_has_none() => Assert.Equal(new AppBranding(null, null), Read(null).Configuration!.Apps["shop"].Branding);

    private string Fault(string branding) => Assert.Single(Read(branding).Mistakes).Path;

    private ConfigurationReading Read(string? branding)
    {
        Write("alter.json", Documents.With("apps.shop.branding", branding));
        var source = ConfigurationSource.LoadFile(Path.Combine(folder, "alter.json"), Documents.Production);
        return new ConfigurationReading(source.Current, source.Mistakes);
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
