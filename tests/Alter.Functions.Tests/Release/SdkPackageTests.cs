using System.IO.Compression;
using System.Xml.Linq;

namespace Alter.Functions.Tests.Release;

/// <summary>The SDK's packages say what they are, and bring what a developer looks for.</summary>
[Collection(ReleasedCheckout.Group)]
public sealed class SdkPackageTests(ReleasedCheckout release)
{
    [Theory]
    [InlineData("Alter.Sdk")]
    [InlineData("Alter.Sdk.AspNetCore")]
    public void A_package_says_what_it_is_whose_and_under_which_licence(string name)
    {
        using var package = Open(name, "nupkg");
        var metadata = MetadataOf(package);

        Assert.Equal(name, Text(metadata, "id"));
        Assert.Equal("The Alter contributors", Text(metadata, "authors"));
        Assert.Equal(("MIT", "expression"), (Text(metadata, "license"), (string?)Find(metadata, "license")!.Attribute("type")));
        Assert.Equal("README.md", Text(metadata, "readme"));
        Assert.All((string[])["description", "tags", "copyright"], member => Assert.False(string.IsNullOrWhiteSpace(Text(metadata, member)), member));
        Assert.NotEqual("Package Description", Text(metadata, "description")); // NuGet's own, where there is none.
    }

    [Theory]
    [InlineData("Alter.Sdk")]
    [InlineData("Alter.Sdk.AspNetCore")]
    public void It_brings_both_frameworks_their_documentation_and_debug_files_apart(string name)
    {
        using var package = Open(name, "nupkg");
        using var symbols = Open(name, "snupkg");
        var frameworks = (string[])["net10.0", "net8.0"];

        Assert.Equal(
            [.. frameworks.SelectMany(framework => (string[])[$"lib/{framework}/{name}.dll", $"lib/{framework}/{name}.xml"])],
            Names(package).Where(file => file.StartsWith("lib/", StringComparison.Ordinal)));
        Assert.Contains("README.md", Names(package));
        Assert.Equal([.. frameworks.Select(framework => $"lib/{framework}/{name}.pdb")], Names(symbols).Where(file => file.StartsWith("lib/", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_packages_need_no_more_than_the_docs_say()
    {
        using var sdk = Open("Alter.Sdk", "nupkg");
        using var web = Open("Alter.Sdk.AspNetCore", "nupkg");

        Assert.Equal(["Microsoft.Extensions.Http"], Needs(sdk).Distinct());
        Assert.Equal(["Alter.Sdk", "Microsoft.Extensions.Http"], Needs(web).Distinct()); // The second by way of the first, at the version that is pinned here.
    }

    private static IEnumerable<string> Names(ZipArchive package) => package.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Needs(ZipArchive package) =>
        MetadataOf(package).Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => (string)element.Attribute("id")!);

    private static XElement MetadataOf(ZipArchive package)
    {
        using var content = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(content).Root!.Elements().Single();
    }

    private static XElement? Find(XElement metadata, string name) => metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name);

    private static string? Text(XElement metadata, string name) => Find(metadata, name)?.Value;

    private ZipArchive Open(string name, string extension) => ZipFile.OpenRead(Assert.Single(Directory.GetFiles(release.Made, $"{name}.0*.{extension}")));
}
