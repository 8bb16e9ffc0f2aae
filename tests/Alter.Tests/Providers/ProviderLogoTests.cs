using System.Text;
using System.Xml.Linq;
using Alter.Apps;
using Alter.Providers;
using Alter.Tests.House;

namespace Alter.Tests.Providers;

public sealed class ProviderLogoTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Every_provider_of_the_catalogue_has_a_small_mark_that_only_draws()
    {
        var files = Repository.Files("src/Alter.Shared/Providers/catalog", ".svg");
        Assert.NotEmpty(files);
        Assert.All(files, file =>
        {
            var mark = XDocument.Parse(file.Text).Root!;
            Assert.Equal(Svg + "svg", mark.Name);
            Assert.All(mark.DescendantsAndSelf(), part => Assert.Contains(part.Name.LocalName, (string[])["svg", "g", "rect", "circle", "path"]));
            Assert.DoesNotContain(mark.DescendantsAndSelf().Attributes(), attribute => attribute.Value.Contains("url(", StringComparison.Ordinal));
            Assert.InRange(file.Text.Length, 1, 2048);
        });
        Assert.All(ProviderCatalog.BuiltIn.Ids, id => Assert.Equal(Svg + "svg", Draw(ProviderCatalog.BuiltIn.Find(id)!).Name));
    }

    [Theory]
    [InlineData("Acme ERP", "AE")]
    [InlineData("acme", "A")]
    [InlineData("(Acme) & <Sons> Ltd", "AS")]
    [InlineData("Ærø 7", "Æ7")]
    [InlineData("…", "")]
    public void A_provider_without_a_file_gets_its_initials(string name, string initials) =>
        Assert.Equal(initials, Draw(Named("erp", name)).Element(Svg + "text")!.Value);

    [Fact]
    public void Initials_stand_out_whatever_the_ground() =>
        Assert.All(Enumerable.Range('a', 26).Select(letter => Draw(Named($"{(char)letter}", "Acme")).Element(Svg + "rect")!.Attribute("fill")!.Value).Distinct(), ground =>
            Assert.InRange(Color.Parse(ground)!.Value.ContrastWith(new Color(255, 255, 255)), 4.5, 21));

    private static XElement Draw(ProviderDefinition definition) => XDocument.Parse(Encoding.UTF8.GetString(ProviderLogo.Of(definition))).Root!;

    private static ProviderDefinition Named(string id, string name) => new() { Id = id, Name = name, ApiHosts = ["api.acme.com"] };
}
