using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Alter.Functions.Tests.Running;

namespace Alter.Functions.Tests.Release;

/// <summary>The bills of materials say all that is in a release, and it is what they say.</summary>
[Collection(ReleasedCheckout.Group)]
public sealed partial class BillOfMaterialsTests(ReleasedCheckout release)
{
    public static TheoryData<string> Bills => ["alter-vault", "Alter.Sdk", "Alter.Sdk.AspNetCore"];

    [Theory]
    [MemberData(nameof(Bills))]
    public void Every_component_has_a_version_an_address_and_a_licence(string name)
    {
        var bill = Read(name);
        Assert.Equal(("CycloneDX", "1.6"), ((string?)bill["bomFormat"], (string?)bill["specVersion"]));
        var components = ComponentsOf(bill);
        Assert.Equal(components.Count, components.DistinctBy(component => (string?)component["bom-ref"]).Count());
        Assert.All(components, component =>
        {
            Assert.Matches(Version(), (string?)component["version"]);
            Assert.Equal($"{(string?)component["name"]}@{(string?)component["version"]}", ((string)component["purl"]!).Split('/')[1]);
        });
        Assert.All(components.Where(IsPackage), component => Assert.NotNull(component["hashes"]));

        // Made by the Functions SDK while it builds, and brought by it for the host: neither says a licence.
        string[] unlicensed = ["Microsoft.Azure.Functions.Worker.Extensions", "Microsoft.Azure.WebJobs.Extensions.FunctionMetadataLoader"];
        Assert.Empty(components.Where(component => component["licenses"] is null).Select(component => (string?)component["name"]).Except(unlicensed));
    }

    [Theory]
    [MemberData(nameof(Bills))]
    public void What_needs_what_is_said_in_terms_of_what_is_listed(string name)
    {
        var bill = Read(name);
        var listed = ComponentsOf(bill).Select(component => (string)component["bom-ref"]!).Order().ToList();
        var needs = bill["dependencies"]!.AsArray().ToDictionary(one => (string)one!["ref"]!, one => one!["dependsOn"]!.AsArray().Select(need => (string)need!).ToList());

        Assert.Equal(listed, needs.Keys.Order());
        Assert.Subset(listed.ToHashSet(), needs.Values.SelectMany(one => one).ToHashSet());
        Assert.NotEmpty(needs[(string)bill["metadata"]!["component"]!["bom-ref"]!]);
    }

    [Fact]
    public void Every_file_of_the_vault_is_listed_under_what_it_came_from_with_its_hash()
    {
        var listed = ComponentsOf(Read("alter-vault")).SelectMany(FilesOf).ToDictionary(file => (string)file["name"]!, HashOf);
        var files = Directory.EnumerateFiles(release.Vault, "*", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetRelativePath(release.Vault, file).Replace(Path.DirectorySeparatorChar, '/'), file => Sha512(File.ReadAllBytes(file)));

        Assert.Equal(files.OrderBy(file => file.Key, StringComparer.Ordinal), listed.OrderBy(file => file.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void No_assembly_of_others_passes_for_the_vaults_own()
    {
        var own = ComponentsOf(Read("alter-vault")).Where(component => !IsPackage(component)).SelectMany(FilesOf).Select(file => (string)file["name"]!).Where(IsAssembly);

        Assert.Equal(
            [
                ".azurefunctions/Microsoft.Azure.Functions.Worker.Extensions.dll", ".azurefunctions/Microsoft.Azure.WebJobs.Extensions.FunctionMetadataLoader.dll",
                "Alter.Functions.dll", "Alter.Shared.dll",
            ],
            own.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Its_versions_are_those_the_repository_pins()
    {
        var pinned = XDocument.Load(Path.Combine(RunningVault.Checkout, "Directory.Packages.props")).Descendants("PackageVersion").ToDictionary(pin => (string)pin.Attribute("Include")!, pin => (string)pin.Attribute("Version")!);
        var components = ComponentsOf(Read("alter-vault")).Where(IsPackage).ToList();
        var known = components.Where(component => pinned.ContainsKey((string)component["name"]!)).ToLookup(component => (string)component["name"]!, component => (string)component["version"]!);

        Assert.Contains("Azure.Data.Tables", known.Select(versions => versions.Key));
        Assert.All(known, versions => Assert.Contains(pinned[versions.Key], versions));
        Assert.All(components.Where(component => (string?)component["name"] == "Azure.Core"), component => Assert.NotEmpty(FilesOf(component))); // The host's extensions bring a second version.
    }

    [Fact]
    public void The_packages_hold_the_files_their_bills_list()
    {
        foreach (var name in (string[])["Alter.Sdk", "Alter.Sdk.AspNetCore"])
        {
            var listed = ComponentsOf(Read(name)).SelectMany(FilesOf).ToDictionary(file => (string)file["name"]!, HashOf);
            using var package = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(release.Made, $"{name}.0*.nupkg")));
            var assemblies = package.Entries.Where(entry => IsAssembly(entry.FullName)).ToList();

            Assert.Equal([$"lib/net10.0/{name}.dll", $"lib/net8.0/{name}.dll"], assemblies.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
            Assert.All(assemblies, entry => Assert.Equal(listed[entry.FullName["lib/".Length..]], Sha512(Bytes(entry))));
        }
    }

    [Fact]
    public void The_archive_is_the_folder_and_the_checksums_are_right()
    {
        using var archive = ZipFile.OpenRead(Path.Combine(release.Made, "alter-vault.zip"));
        Assert.Equal(
            Directory.EnumerateFiles(release.Vault, "*", SearchOption.AllDirectories).Select(file => (Path.GetRelativePath(release.Vault, file), Sha512(File.ReadAllBytes(file)))).Order(),
            archive.Entries.Select(entry => (entry.FullName, Sha512(Bytes(entry)))).Order());

        var sums = File.ReadAllLines(Path.Combine(release.Made, "SHA256SUMS")).Select(line => line.Split("  ")).ToDictionary(line => line[1], line => line[0]);
        Assert.Equal(
            Directory.EnumerateFiles(release.Made).Where(file => Path.GetFileName(file) != "SHA256SUMS").Select(file => (Path.GetFileName(file), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))))).Order(),
            sums.Select(sum => (sum.Key, sum.Value)).Order());
    }

    private static List<JsonNode> ComponentsOf(JsonNode bill) => [bill["metadata"]!["component"]!, .. bill["components"]!.AsArray().Select(component => component!)];

    private static IEnumerable<JsonNode> FilesOf(JsonNode component) => component["components"]?.AsArray().Select(file => file!) ?? [];

    private static string HashOf(JsonNode file) => (string)Assert.Single(file["hashes"]!.AsArray(), hash => (string?)hash!["alg"] == "SHA-512")!["content"]!;

    private static bool IsPackage(JsonNode component) => ((string)component["purl"]!).StartsWith("pkg:nuget/", StringComparison.Ordinal);

    private static bool IsAssembly(string file) => file.EndsWith(".dll", StringComparison.Ordinal);

    private static string Sha512(byte[] bytes) => Convert.ToHexStringLower(SHA512.HashData(bytes));

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using var bytes = new MemoryStream();
        using var content = entry.Open();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }

    private JsonNode Read(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(release.Made, $"{name}.cdx.json")))!;

    [GeneratedRegex(@"^\d+\.\d+\.\d+([.-][0-9A-Za-z.-]+)?$")]
    private static partial Regex Version();
}
