using System.Text.Json.Nodes;
using Alter.Tests.House;

namespace Alter.Tests.Infrastructure;

/// <summary><c>infra/main.bicep</c>, compiled once: the JSON that Azure would be given.</summary>
public sealed class CompiledTemplate : IAsyncLifetime
{
    private static readonly Lazy<Task<(int ExitCode, string Said, IReadOnlyList<Template> Templates)>> Once = new(CompileAsync);

    /// <summary>What the compiler said; nothing, if all is well.</summary>
    public string Said { get; private set; } = "";

    public int ExitCode { get; private set; }

    /// <summary>The template and, within it, those of its modules.</summary>
    internal IReadOnlyList<Template> Templates { get; private set; } = [];

    internal IEnumerable<Resource> Resources => Templates.SelectMany(template => template.Resources);

    /// <summary>The main template.</summary>
    internal Template Main => Templates[0];

    public async ValueTask InitializeAsync()
    {
        if (BicepCompiler.RunsHere)
        {
            (ExitCode, Said, Templates) = await Once.Value;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal IReadOnlyList<Resource> OfType(string type) => [.. Resources.Where(resource => resource.Type == type)];

    /// <summary>The module of the main template that is called so.</summary>
    internal Resource Module(string name) => Main.Resources.Single(resource => resource.Type == "Microsoft.Resources/deployments" && resource.Name.StartsWith($"[format('{name}-", StringComparison.Ordinal));

    private static async Task<(int ExitCode, string Said, IReadOnlyList<Template> Templates)> CompileAsync()
    {
        var output = Path.GetTempFileName();
        try
        {
            // No test's token: what one test gave up would be lost to the others.
            var (exitCode, said) = await BicepCompiler.RunAsync(["build", Repository.PathOf("infra/main.bicep"), "--outfile", output], CancellationToken.None);
            return (exitCode, said, exitCode == 0 ? [.. Template.AllIn(JsonNode.Parse(await File.ReadAllTextAsync(output))!.AsObject())] : []);
        }
        finally
        {
            File.Delete(output);
        }
    }
}

/// <summary>One template with its own parameters, variables and outputs.</summary>
internal sealed record Template(JsonObject Json)
{
    // The compiler writes an object by symbolic name where a template needs one, else an array.
    public IEnumerable<Resource> Resources =>
        from node in Json["resources"] is JsonArray list ? list : Json["resources"]!.AsObject().Select(entry => entry.Value)
        where node!["existing"] is null
        select new Resource(this, node.AsObject());

    public IEnumerable<KeyValuePair<string, JsonNode?>> Outputs => Json["outputs"]?.AsObject() ?? [];

    /// <summary>Names of parameters that Azure neither shows nor logs.</summary>
    public IEnumerable<string> SecureParameters =>
        from parameter in Json["parameters"]?.AsObject() ?? []
        where parameter.Value!["type"]!.GetValue<string>() is "securestring" or "secureObject"
        select parameter.Key;

    /// <summary>The node itself, or what the variable holds that it names.</summary>
    public JsonNode Resolve(JsonNode node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) && text.Split('\'') is ["[variables(", var name, ")]"]
            ? Json["variables"]![name]!
            : node;

    public static IEnumerable<Template> AllIn(JsonObject json)
    {
        var template = new Template(json);
        yield return template;
        foreach (var module in template.Resources.Where(resource => resource.Type == "Microsoft.Resources/deployments"))
        {
            foreach (var inner in AllIn(module.Json["properties"]!["template"]!.AsObject()))
            {
                yield return inner;
            }
        }
    }
}

/// <summary>One resource of a template.</summary>
internal sealed record Resource(Template Template, JsonObject Json)
{
    public string Type => Json["type"]!.GetValue<string>();

    public string Name => Json["name"]!.GetValue<string>();

    /// <summary>Its properties, looked up where the compiler made them a variable.</summary>
    public JsonObject Properties => Template.Resolve(Json["properties"]!).AsObject();

    public override string ToString() => $"{Type} {Name}";
}
