using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Alter.Tests.House;

/// <summary>What editors are told: it can be read, and what it names exists.</summary>
public sealed partial class EditorTests
{
    [Theory]
    [InlineData(".devcontainer/devcontainer.json")]
    [InlineData(".vscode/launch.json")]
    [InlineData(".vscode/tasks.json")]
    [InlineData("src/Alter.Functions/Properties/launchSettings.json")]
    [InlineData("tools/Start/Properties/launchSettings.json")]
    public void It_can_be_read_and_every_path_it_names_exists(string file)
    {
        Assert.NotNull(Read(file));
        Assert.All(Place().Matches(File.ReadAllText(Repository.PathOf(file))).Select(match => match.Groups["path"].Value), path => Assert.True(Exists(path), $"{file} names {path}."));
    }

    [Fact]
    public void Every_launch_builds_first_what_it_starts()
    {
        var tasks = Read(".vscode/tasks.json")["tasks"]!.AsArray().ToDictionary(task => (string)task!["label"]!, task => task!);

        Assert.All(Read(".vscode/launch.json")["configurations"]!.AsArray().Where(launch => launch!["program"] is not null), launch =>
        {
            var task = tasks[(string)launch!["preLaunchTask"]!];
            Assert.StartsWith($"{(string)task["args"]![1]!}/bin/", (string)launch["program"]!, StringComparison.Ordinal);
            Assert.True(task["dependsOn"] is not { } first || tasks.ContainsKey((string)first!));
        });
    }

    [Fact]
    public void The_container_forwards_the_quickstarts_ports_and_prepares_itself_by_a_script_that_is_there()
    {
        var container = Read(".devcontainer/devcontainer.json");

        Assert.Equal([7071, 7072, 7073, 7074], container["forwardPorts"]!.AsArray().Select(port => (int)port!));
        Assert.True(File.Exists(Repository.PathOf(((string)container["postCreateCommand"]!).Split(' ')[1])));
        Assert.True(File.Exists(Repository.PathOf((string)container["customizations"]!["vscode"]!["settings"]!["dotnet.defaultSolution"]!)));
    }

    private static JsonNode Read(string file) =>
        JsonNode.Parse(File.ReadAllText(Repository.PathOf(file)), documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip })!;

    // What a build makes is there once it has run: its project stands for it, by the name of what it makes.
    private static bool Exists(string path)
    {
        if (Built().Match(path) is not { Success: true } built)
        {
            return Path.Exists(Repository.PathOf(path));
        }

        var projects = Directory.GetFiles(Repository.PathOf(built.Groups["folder"].Value), "*.csproj");
        return projects.Length == 1
            && (built.Groups["name"].Value is not { Length: > 0 } name
                || Path.GetFileNameWithoutExtension(projects[0]) == name
                || File.ReadAllText(projects[0]).Contains($"<AssemblyName>{name}</AssemblyName>", StringComparison.Ordinal));
    }

    [GeneratedRegex("""\$\{workspaceFolder\}/(?<path>[^"]+)""")]
    private static partial Regex Place();

    [GeneratedRegex(@"^(?<folder>.+)/bin/Debug/net10\.0(/(?<name>[^/]+)\.dll)?$")]
    private static partial Regex Built();
}
