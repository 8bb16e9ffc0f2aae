using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Alter.Functions.Tests.Running;

/// <summary>docs/openapi.json, as a judge of what the vault answers. It is stricter than the document: a member the document does not name is a fault.</summary>
public static class ApiDocument
{
    private static readonly JsonObject Root = JsonNode.Parse(File.ReadAllText(Path.Combine(RunningVault.Checkout, "docs", "openapi.json")))!.AsObject();

    private static readonly string Definitions = Closed(Root["components"]!["schemas"]!).ToJsonString();

    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    /// <summary>Every code the document names, with every status it names it for.</summary>
    public static ILookup<string, int> Codes { get; } =
        (from path in Root["paths"]!.AsObject()
         from operation in path.Value!.AsObject()
         where operation.Value is JsonObject value && value.ContainsKey("responses")
         from response in operation.Value!["responses"]!.AsObject()
         from code in CodesOf(Resolve(response.Value!))
         select (Code: code, Status: int.Parse(response.Key, System.Globalization.CultureInfo.InvariantCulture)))
        .ToLookup(pair => pair.Code, pair => pair.Status);

    /// <summary>What is wrong with an answer of the vault; null where it is as documented.</summary>
    /// <param name="method">Of the request.</param>
    /// <param name="path">Of the request, as sent.</param>
    /// <param name="status">Of the answer.</param>
    /// <param name="contentType">Of the answer, without parameters; null where it has no body.</param>
    /// <param name="code">Its <c>X-Alter-Error</c>.</param>
    /// <param name="body">Its text; null: not looked at.</param>
    public static string? FaultOf(string method, string path, int status, string? contentType, string? code, string? body)
    {
        var item = Root["paths"]!.AsObject().FirstOrDefault(candidate => Matches(candidate.Key, path)).Value as JsonObject;
        var operation = item?[method.ToLowerInvariant()] as JsonObject;
        var response = operation is null ? Component(status switch { 503 => "Unavailable", 500 => "Surprise", _ => item is null ? "NoSuchPath" : "WrongMethod" })
            : code is null && operation["responses"]!["default"] is { } any ? Resolve(any)
            : operation["responses"]![$"{status}"] is { } documented ? Resolve(documented)
            : null;
        var name = $"{method} {path}, {status}";
        if (response is null)
        {
            return $"{name}: the document has no such status.";
        }

        if (code is not null && !CodesOf(response).Contains(code))
        {
            return $"{name}: the document does not name code {code} here.";
        }

        if (body is null || contentType is not ("application/json" or "application/problem+json"))
        {
            return null;
        }

        return response["content"]?[contentType]?["schema"] is { } schema ? FaultOf(schema, body) is { } fault ? $"{name}: {fault}" : null
            : $"{name}: the document has no {contentType} here.";
    }

    /// <summary>What is wrong with a body that was accepted; null where it is as documented, or the document says nothing of bodies here.</summary>
    public static string? FaultOfRequest(string method, string path, string body)
    {
        var item = Root["paths"]!.AsObject().FirstOrDefault(candidate => Matches(candidate.Key, path)).Value;
        return item?[method.ToLowerInvariant()]?["requestBody"]?["content"]?["application/json"]?["schema"] is { } schema && FaultOf(schema, body) is { } fault
            ? $"{method} {path}, accepted body: {fault}"
            : null;
    }

    private static string? FaultOf(JsonNode schema, string body)
    {
        var judge = JsonSchema.FromText(Moved($$"""{ "$schema": "https://json-schema.org/draft/2020-12/schema", "allOf": [{{Closed(schema).ToJsonString()}}], "$defs": {{Definitions}} }"""));
        using var value = JsonDocument.Parse(body);
        var result = judge.Evaluate(value.RootElement, Options);
        return result.IsValid ? null : string.Join(
            "; ",
            (result.Details ?? []).Where(detail => detail.Errors is { Count: > 0 }).SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation} {error.Key}: {error.Value}")).Distinct().Take(5));
    }

    private static string Moved(string schema) => schema.Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal);

    // Clients must bear new members; the document must not miss any.
    private static JsonNode Closed(JsonNode schema)
    {
        var copy = schema.DeepClone();
        Close(copy);
        return copy;

        static void Close(JsonNode? node)
        {
            if (node is JsonObject members)
            {
                if (members["properties"] is JsonObject && !members.ContainsKey("additionalProperties"))
                {
                    members["additionalProperties"] = false;
                }

                foreach (var (_, child) in members)
                {
                    Close(child);
                }
            }
            else if (node is JsonArray entries)
            {
                foreach (var entry in entries)
                {
                    Close(entry);
                }
            }
        }
    }

    private static JsonObject Resolve(JsonNode response) => (string?)response["$ref"] is { } reference ? Component(reference.Split('/')[^1]) : response.AsObject();

    private static JsonObject Component(string response) => Root["components"]!["responses"]![response]!.AsObject();

    private static IEnumerable<string> CodesOf(JsonObject response) => response["x-alter-codes"]?.AsArray().Select(code => (string)code!) ?? [];

    private static bool Matches(string template, string path)
    {
        var (wanted, given) = (template.Split('/'), path.Split('/'));
        return wanted.Length == given.Length && wanted.Zip(given).All(pair => pair.First.StartsWith('{') ? pair.Second.Length > 0 : pair.First == pair.Second);
    }
}
