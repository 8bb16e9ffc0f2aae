using System.Text.RegularExpressions;

namespace Alter.Tests.House;

/// <summary>The container recipe, as far as it can be judged without a container engine.</summary>
public sealed partial class ContainerTests
{
    private static readonly string Recipe = Comment().Replace(File.ReadAllText(Repository.PathOf("container/Dockerfile")).ReplaceLineEndings("\n").Replace("\\\n", " ", StringComparison.Ordinal), "");

    private static readonly string[] Context = File.ReadAllLines(Repository.PathOf(".dockerignore"));

    [Fact]
    public void It_builds_and_runs_on_images_of_the_framework_the_vault_is_compiled_for()
    {
        var framework = Framework().Match(File.ReadAllText(Repository.PathOf("Directory.Build.props"))).Groups["version"].Value;

        Assert.Equal(
            [$"mcr.microsoft.com/dotnet/sdk:{framework} AS build", $"mcr.microsoft.com/azure-functions/dotnet-isolated:4-dotnet-isolated{framework}"],
            Of("FROM"));
    }

    [Fact]
    public void It_listens_on_one_port_that_needs_no_privilege_and_does_not_run_as_root()
    {
        Assert.Equal(["8080"], Of("EXPOSE"));
        Assert.Contains("ASPNETCORE_URLS=http://+:8080", Recipe, StringComparison.Ordinal);
        Assert.Contains("/dev/tcp/127.0.0.1/8080", Assert.Single(Of("HEALTHCHECK")), StringComparison.Ordinal);
        Assert.Equal(["$APP_UID"], Of("USER"));
        Assert.True(Recipe.LastIndexOf("\nUSER ", StringComparison.Ordinal) > Recipe.LastIndexOf("\nRUN ", StringComparison.Ordinal));
    }

    [Fact]
    public void It_asks_a_route_of_the_vault_how_it_is() =>
        Assert.Contains(
            Repository.Files(FunctionRoute.Folder, ".cs").SelectMany(FunctionRoute.ReadFrom),
            route => Assert.Single(Of("HEALTHCHECK")).Contains($"GET /{route.Route} ", StringComparison.Ordinal));

    // Settings come from outside, and an image is for everybody who can pull it.
    [Fact]
    public void No_secret_has_a_place_in_it()
    {
        Assert.DoesNotMatch(Secret(), string.Join('\n', [.. Of("ENV"), .. Of("ARG"), .. Of("RUN")]));
        Assert.Equal("*", Context.First(line => !line.StartsWith('#')));
        Assert.All((string[])["**/local.settings.json", "**/appsettings.*.json", "**/bin", "**/obj"], line => Assert.Contains(line, Context));
        Assert.DoesNotContain(Context, line => line.StartsWith("!.alter", StringComparison.Ordinal) || line.StartsWith("!.git", StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_build_needs_is_let_in()
    {
        string[] needed = ["src", "eng/BannedSymbols.txt", "docs/openapi.json", "Directory.Build.props", "Directory.Packages.props", "global.json", "host.json", "alter.json"];

        Assert.All(needed, path => Assert.True(Path.Exists(Repository.PathOf(path)), path));
        Assert.All(needed, path => Assert.Contains($"!{path}", Context));
    }

    private static IEnumerable<string> Of(string instruction) => Recipe.Split('\n').Where(line => line.StartsWith($"{instruction} ", StringComparison.Ordinal)).Select(line => line[(instruction.Length + 1)..].Trim());

    [GeneratedRegex(@"<TargetFramework>net(?<version>\d+\.\d+)</TargetFramework>")]
    private static partial Regex Framework();

    [GeneratedRegex("^#.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex("SECRET_|PASSWORD|CONNECTION|ACCOUNTKEY|API_KEY|TOKEN", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();
}
