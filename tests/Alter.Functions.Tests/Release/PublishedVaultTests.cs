using System.Text;
using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;

namespace Alter.Functions.Tests.Release;

/// <summary>The folder that <c>dotnet publish -c Release</c> makes, and so azd deploys: what Flex Consumption runs, and nothing else.</summary>
[Collection(ReleasedCheckout.Group)]
public sealed class PublishedVaultTests(ReleasedCheckout release)
{
    private static readonly string[] Papers =
    [
        ".azurefunctions/function.deps.json", "Alter.Functions", "Alter.Functions.deps.json", "Alter.Functions.runtimeconfig.json",
        "alter.json", "extensions.json", "functions.metadata", "host.json", "worker.config.json",
    ];

    private IReadOnlyList<string> Files => [.. Directory.EnumerateFiles(release.Vault, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(release.Vault, file).Replace(Path.DirectorySeparatorChar, '/')).Order(StringComparer.Ordinal)];

    [Fact]
    public async Task The_host_finds_its_worker_its_extensions_and_every_function()
    {
        var worker = (await JsonAsync("worker.config.json"))["description"]!;
        Assert.Equal(("dotnet-isolated", "dotnet", "Alter.Functions.dll"), ((string?)worker["language"], (string?)worker["defaultExecutablePath"], (string?)worker["defaultWorkerPath"]));
        Assert.All((await JsonAsync("extensions.json"))["extensions"]!.AsArray(), extension => Assert.Contains(((string)extension!["hintPath"]!)[2..], Files));
        Assert.Equal(
            [.. JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(RunningVault.AppDirectory, "functions.metadata"), Cancellation))!.AsArray().Select(NameOf)],
            (await JsonAsync("functions.metadata")).AsArray().Select(NameOf));
        var runtime = (await JsonAsync("Alter.Functions.runtimeconfig.json"))["runtimeOptions"]!;
        Assert.Equal("net10.0", (string?)runtime["tfm"]);
        Assert.Equal(["Microsoft.NETCore.App", "Microsoft.AspNetCore.App"], runtime["frameworks"]!.AsArray().Select(framework => (string?)framework!["name"])); // The platform's own: nothing of it travels.
    }

    [Fact]
    public async Task The_document_and_the_hosts_settings_travel_as_they_are()
    {
        foreach (var file in (string[])["alter.json", "host.json"])
        {
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(RunningVault.Checkout, file), Cancellation), await File.ReadAllBytesAsync(Path.Combine(release.Vault, file), Cancellation));
        }
    }

    [Fact]
    public void Every_assembly_of_the_worker_is_compiled_ahead_for_linux_on_x64()
    {
        var assemblies = Directory.GetFiles(release.Vault, "*.dll");

        Assert.Contains(assemblies, file => Path.GetFileName(file) == "Alter.Functions.dll");
        Assert.Empty(assemblies.Where(file => CompiledImage.HasCode(file) && !CompiledImage.IsForLinuxX64(file)).Select(Path.GetFileName));
        Assert.All( // Else each start compiles them.
            ["Alter.Shared", "Alter.Functions", "Microsoft.Azure.Functions.Worker.Core", "Microsoft.Azure.Functions.Worker.Grpc", "Microsoft.Azure.Functions.Worker.Extensions.Http.AspNetCore", "Grpc.Net.Client", "Yarp.ReverseProxy"],
            name => Assert.True(CompiledImage.HoldsGenericsOfOthers(Path.Combine(release.Vault, $"{name}.dll")), name));
        Assert.False(CompiledImage.IsForLinuxX64(Path.Combine(RunningVault.AppDirectory, "Alter.Shared.dll"))); // As a developer builds it.
    }

    // Assemblies are held against the bill of materials; of other files each is known by name.
    [Fact]
    public void It_holds_no_file_that_is_not_meant_to_be_deployed()
    {
        Assert.Equal(Papers, Files.Where(file => !file.EndsWith(".dll", StringComparison.Ordinal) && !IsLogo(file)));
        Assert.Equal(["Alter.Functions.dll", "Alter.Shared.dll"], Files.Where(file => Path.GetFileName(file).StartsWith("Alter.", StringComparison.Ordinal) && file.EndsWith(".dll", StringComparison.Ordinal)));
        Assert.DoesNotContain(Files, file => file.Contains("xunit", StringComparison.OrdinalIgnoreCase) || file.Contains("Quickstart", StringComparison.Ordinal) || file.Contains("Testing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_secret_and_no_folder_of_the_builder_is_in_it()
    {
        var home = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget");
        var words = ((string[])[ReleasedCheckout.Planted, release.Checkout, RunningVault.Checkout, home]).SelectMany(word => (byte[][])[Encoding.UTF8.GetBytes(word), Encoding.Unicode.GetBytes(word)]).ToList();
        foreach (var file in Files)
        {
            var bytes = await File.ReadAllBytesAsync(Path.Combine(release.Vault, file), Cancellation);
            Assert.All(words, word => Assert.True(bytes.AsSpan().IndexOf(word) < 0, $"{file} has {Encoding.UTF8.GetString(word)}."));
        }
    }

    [Fact]
    public async Task It_runs()
    {
        var app = release.Vault;
        Assert.SkipUnless(CompiledImage.RunsHere, "It is compiled for Linux on x64.");
        await using var vault = await RunningVault.StartAsync(new RunningSetup { App = app });
        var backend = vault.Shop();
        await backend.ConnectAsync();

        (await backend.CallAsync("erp", vault.Upstream.Echo())).Is(200);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // A logo that alter.json names is meant to travel; the repository's own document names none.
    private static bool IsLogo(string file) => Path.GetExtension(file) is ".svg" or ".png";

    private static string? NameOf(JsonNode? function) => (string?)function!["name"];

    private async Task<JsonNode> JsonAsync(string file) => JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(release.Vault, file), Cancellation))!;
}
