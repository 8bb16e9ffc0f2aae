using Alter.Release;

// The last step of eng/release.sh: archive, bills of materials and checksums of what was published and packed.
if (args is not [var checkout, var release])
{
    Console.Error.WriteLine("Usage: Alter.Release <checkout> <folder of the release>");
    return 2;
}

var time = SourceDate.Read();
var vault = PublishedFolder.Read(Path.Combine(release, "vault"));
ReproducibleZip.Write(vault, Path.Combine(release, "alter-vault.zip"), time);
Write("alter-vault", vault);
foreach (var package in (string[])["Alter.Sdk", "Alter.Sdk.AspNetCore"])
{
    Write(package, PublishedFolder.Read(Path.Combine(checkout, "src", package, "bin", "Release")));
}

Checksums.Write(release);
return 0;

void Write(string name, PublishedFolder folder) => File.WriteAllText(Path.Combine(release, $"{name}.cdx.json"), BillOfMaterials.Of(folder, time));
