using System.Text.RegularExpressions;

namespace Alter.Tests.House;

/// <summary>What runs at GitHub has no more rights than it needs, runs nobody's text, and can be read. Whether it works there has never been seen.</summary>
public sealed partial class WorkflowTests
{
    private static readonly IReadOnlyList<SourceFile> Files = Repository.Files(".github/workflows", ".yml");

    [Fact]
    public void No_workflow_has_a_fault()
    {
        Assert.Equal(["ci.yml", "codeql.yml", "dependencies.yml", "release.yml"], Files.Select(file => Path.GetFileName(file.Path)));
        Assert.Empty(Files.SelectMany(file => new Workflow(file).Faults()));
    }

    [Theory]
    [InlineData("permissions:\n  contents: read\n", "")]
    [InlineData("permissions:\n  contents: read\n", "permissions: write-all\n")]
    [InlineData("permissions:\n  contents: read\n", "permissions:\n  contents: write\n")]
    [InlineData("  push:\n", "  pull_request_target:\n")]
    [InlineData("    timeout-minutes: 90\n", "")]
    [InlineData("    timeout-minutes: 90\n", "    timeout-minutes: 90\n    permissions:\n      packages: write\n")]
    [InlineData("          persist-credentials: false\n", "          persist-credentials: true\n")]
    [InlineData("@3d3c42e5aac5ba805825da76410c181273ba90b1", "@v7")]
    [InlineData("- run: .ci/run", "- run: echo ${{ github.head_ref }}")]
    [InlineData("- run: .ci/run", "- run: .ci/run\n        env:\n          KEY: ${{ secrets.KEY }}")]
    public void A_fault_is_found(string right, string wrong)
    {
        var file = Files.Single(one => one.Name == "ci");
        Assert.Contains(right, file.Text, StringComparison.Ordinal);

        Assert.NotEmpty(new Workflow(file with { Text = file.Text.Replace(right, wrong, StringComparison.Ordinal) }).Faults());
    }

    [Fact]
    public void A_pinned_action_is_one_commit_everywhere_and_its_version_stands_beside_it()
    {
        var actions = Files.SelectMany(file => new Workflow(file).Actions).Select(action => action.Split('@')).ToList();

        Assert.All(actions.GroupBy(action => action[0]), commits => Assert.Single(commits.Select(commit => commit[1]).Distinct()));
        Assert.Equal(actions.Count, Files.Sum(file => Versioned().Count(file.Text)));
    }

    [Fact]
    public void Every_script_and_project_a_workflow_names_is_there()
    {
        var named = Files.SelectMany(file => new Workflow(file).Commands).SelectMany(command => Named().Matches(command)).Select(match => match.Value).Distinct().ToList();

        Assert.Contains(".ci/run", named);
        Assert.All(named, path => Assert.True(Path.Exists(Repository.PathOf(path)), path));
    }

    [Fact]
    public void What_is_to_be_kept_up_to_date_is_there()
    {
        var updates = Yaml.Parse(File.ReadAllText(Repository.PathOf(".github/dependabot.yml")))["updates"]!.Items.ToDictionary(update => update["package-ecosystem"]!.Text!, update => update["directory"]!.Text!);

        Assert.Equal(
            ["docker: /container", "github-actions: /", "npm: /tools/azurite", "nuget: /"],
            updates.Select(update => $"{update.Key}: {update.Value}").Order(StringComparer.Ordinal));
        Assert.All(
            (string[])["container/Dockerfile", "tools/azurite/package-lock.json", "Directory.Packages.props"],
            file => Assert.True(File.Exists(Repository.PathOf(file)), file));
    }

    [GeneratedRegex(@"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", RegexOptions.Multiline)]
    private static partial Regex Versioned();

    [GeneratedRegex(@"(?<![\w./-])(\.ci/\w+|eng/[\w.]+|(src|tests|tools)/[\w./-]+|Alter\.Functions\.sln)")]
    private static partial Regex Named();
}
