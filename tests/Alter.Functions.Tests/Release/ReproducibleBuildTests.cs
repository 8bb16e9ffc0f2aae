namespace Alter.Functions.Tests.Release;

/// <summary>The same sources give the same bytes in another folder. The libraries are enough for the suite; <c>eng/reproducible.sh</c> compares a whole release.</summary>
[Collection(ReleasedCheckout.Group)]
public sealed class ReproducibleBuildTests(ReleasedCheckout release)
{
    [Fact]
    public async Task A_copy_in_a_folder_of_another_name_builds_to_the_same_bytes()
    {
        _ = release.Made;
        var elsewhere = Directory.CreateTempSubdirectory("somewhere-else-with-a-longer-name-");
        try
        {
            await ReleasedCheckout.CopyAsync(elsewhere.FullName);
            foreach (var (project, files) in ((string, string[])[])
            [
                ("Alter.Shared", ["net10.0/Alter.Shared.dll"]),
                ("Alter.Sdk.AspNetCore", ["net10.0/Alter.Sdk.AspNetCore.dll", "net8.0/Alter.Sdk.AspNetCore.pdb", "net10.0/Alter.Sdk.dll", "net8.0/Alter.Sdk.pdb"]),
            ])
            {
                await ReleasedCheckout.RunAsync(
                    "dotnet", "build", Path.Combine(elsewhere.FullName, "src", project), "-c", "Release", "-p:RunAnalyzers=false", "-nodeReuse:false");
                foreach (var file in files)
                {
                    var path = Path.Combine("src", project, "bin", "Release", file);
                    var (here, there) = (await File.ReadAllBytesAsync(Path.Combine(release.Checkout, path), Cancellation), await File.ReadAllBytesAsync(Path.Combine(elsewhere.FullName, path), Cancellation));
                    Assert.True(here.AsSpan().SequenceEqual(there), path);
                }
            }
        }
        finally
        {
            elsewhere.Delete(recursive: true);
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
