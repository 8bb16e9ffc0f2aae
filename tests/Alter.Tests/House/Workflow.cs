using System.Text.RegularExpressions;

namespace Alter.Tests.House;

/// <summary>A workflow of <c>.github/workflows</c>, and what it must not do.</summary>
internal sealed partial class Workflow
{
    private const int LongestMinutes = 90;

    // What a job may do beyond reading, by workflow and job; each has its reason in the file.
    private static readonly Dictionary<string, string[]> Granted = new()
    {
        ["codeql/analyze"] = ["contents: read", "security-events: write"],
        ["release/release"] = ["contents: write", "id-token: write", "attestations: write"],
    };

    // Both run with the repository's own rights on what strangers sent.
    private static readonly string[] Forbidden = ["pull_request_target", "workflow_run"];

    private readonly SourceFile file;
    private readonly Yaml root;

    internal Workflow(SourceFile file)
    {
        this.file = file;
        root = Yaml.Parse(file.Text);
    }

    /// <summary>The actions its steps use, as written.</summary>
    internal IEnumerable<string> Actions => Steps.Select(step => step["uses"]?.Text).OfType<string>();

    /// <summary>The commands its steps run, line by line.</summary>
    internal IEnumerable<string> Commands => Steps.SelectMany(step => step["run"]?.Text?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? []);

    private string Name => Path.GetFileNameWithoutExtension(file.Path);

    private IEnumerable<KeyValuePair<string, Yaml>> Jobs => root["jobs"]!.Members;

    private IEnumerable<Yaml> Steps => Jobs.SelectMany(job => job.Value["steps"]?.Items ?? []);

    /// <summary>One sentence each.</summary>
    internal IEnumerable<string> Faults()
    {
        if (!PermissionsOf(root).SequenceEqual(["contents: read"]))
        {
            yield return $"{Name}: it must say that it may read contents and no more.";
        }

        foreach (var trigger in root["on"]!.Names.Intersect(Forbidden))
        {
            yield return $"{Name}: {trigger} runs strangers' text with our rights.";
        }

        if (file.Text.Contains("secrets.", StringComparison.Ordinal) || file.Text.Contains("secrets[", StringComparison.Ordinal))
        {
            yield return $"{Name}: it takes a secret, and could print it.";
        }

        foreach (var (job, body) in Jobs)
        {
            var granted = Granted.GetValueOrDefault($"{Name}/{job}", []);
            if (!PermissionsOf(body).Order().SequenceEqual(granted.Order()))
            {
                yield return $"{Name}/{job}: its rights are not those that are known and explained.";
            }

            if (!int.TryParse(body["timeout-minutes"]?.Text, out var minutes) || minutes > LongestMinutes)
            {
                yield return $"{Name}/{job}: it may run for hours.";
            }
        }

        foreach (var step in Steps)
        {
            if (step["uses"]?.Text is { } action && !Pinned().IsMatch(action))
            {
                yield return $"{Name}: {action} is whatever its owner makes of it tomorrow.";
            }

            if (step["uses"]?.Text?.StartsWith("actions/checkout@", StringComparison.Ordinal) is true && step["with"]?["persist-credentials"]?.Text != "false")
            {
                yield return $"{Name}: a checkout leaves its token where every later step can read it.";
            }

            // An expression becomes part of the command before the shell sees it: a branch called "; curl …" would run.
            if (step["run"]?.Text?.Contains("${{", StringComparison.Ordinal) is true)
            {
                yield return $"{Name}: a command is put together from an expression.";
            }
        }
    }

    private static IEnumerable<string> PermissionsOf(Yaml node) => node["permissions"]?.Members.Select(right => $"{right.Key}: {right.Value.Text}") ?? [];

    [GeneratedRegex("^[A-Za-z0-9-]+/[A-Za-z0-9-]+(/[A-Za-z0-9-]+)*@[0-9a-f]{40}$")]
    private static partial Regex Pinned();
}
