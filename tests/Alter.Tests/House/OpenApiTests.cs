using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Alter.Tests.House;

/// <summary>docs/openapi.json and the functions name the same routes. What the functions answer is held against it in Alter.Functions.Tests.</summary>
public sealed partial class OpenApiTests
{
    private const string CatchAll = "{*path}";

    private static readonly string Text = File.ReadAllText(Repository.PathOf("docs/openapi.json"));
    private static readonly JsonObject Document = JsonNode.Parse(Text)!.AsObject();

    [Fact]
    public void Every_route_and_method_of_the_functions_is_documented_and_no_other()
    {
        var functions = from route in Repository.Files(FunctionRoute.Folder, ".cs").SelectMany(FunctionRoute.ReadFrom)
                        where route.Route != CatchAll
                        from method in route.Methods
                        select $"{method} /{route.Route}";
        var documented = from path in Document["paths"]!.AsObject()
                         from operation in path.Value!.AsObject()
                         where operation.Value is JsonObject value && value.ContainsKey("responses")
                         select $"{operation.Key} {path.Key}";

        Assert.Equal(functions.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_reference_leads_somewhere_and_every_component_is_referred_to()
    {
        var references = Reference().Matches(Text).Select(match => match.Groups["to"].Value).Distinct().ToList();
        var components = from kind in Document["components"]!.AsObject()
                         where kind.Key is not "securitySchemes"
                         from component in kind.Value!.AsObject()
                         select $"{kind.Key}/{component.Key}";

        // What no operation refers to is answered where there is none.
        Assert.Equal(components.Except(["responses/WrongMethod"]).Order(StringComparer.Ordinal), references.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_operation_has_a_name_of_its_own_a_summary_and_known_security()
    {
        var operations = Document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Where(operation => operation.Value is JsonObject value && value.ContainsKey("responses")).ToList();
        var schemes = Document["components"]!["securitySchemes"]!.AsObject().Select(scheme => scheme.Key).ToHashSet();

        Assert.Equal(operations.Count, operations.Select(operation => (string)operation.Value!["operationId"]!).Distinct().Count());
        Assert.All(operations, operation =>
        {
            Assert.NotNull(operation.Value!["summary"]);
            Assert.Subset(schemes, operation.Value["security"]!.AsArray().SelectMany(one => one!.AsObject().Select(scheme => scheme.Key)).ToHashSet());
        });
    }

    [Fact]
    public void Every_parameter_of_a_path_is_declared() =>
        Assert.All(Document["paths"]!.AsObject(), path => Assert.All(Parameter().Matches(path.Key).Select(match => match.Groups["name"].Value), name =>
            Assert.All(path.Value!.AsObject().Select(operation => operation.Value!["parameters"]!.AsArray()), parameters =>
                Assert.Contains(parameters, parameter => Resolve(parameter!) is { } known && (string)known["name"]! == name && (string)known["in"]! == "path"))));

    private static JsonNode? Resolve(JsonNode parameter) =>
        (string?)parameter["$ref"] is { } reference ? Document["components"]!["parameters"]![reference.Split('/')[^1]] : parameter;

    [GeneratedRegex("""
        "\$ref":\s*"#/components/(?<to>[^"]+)"
        """)]
    private static partial Regex Reference();

    [GeneratedRegex(@"\{(?<name>\w+)\}")]
    private static partial Regex Parameter();
}
