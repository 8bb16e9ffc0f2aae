using System.Text.Json;
using Alter.FunctionsHost.Protocol;

namespace Alter.FunctionsHost;

/// <summary>One function as the worker describes it.</summary>
internal sealed record FunctionDefinition(string Name, string Id, FunctionTrigger Trigger)
{
    public static FunctionDefinition From(RpcFunctionMetadata metadata)
    {
        foreach (var raw in metadata.RawBindings)
        {
            using var document = JsonDocument.Parse(raw);
            var binding = document.RootElement;
            if (Text(binding, "type") is { } type && type.EndsWith("Trigger", StringComparison.OrdinalIgnoreCase))
            {
                return new FunctionDefinition(metadata.Name, metadata.FunctionId, ReadTrigger(binding, type, Text(binding, "name") ?? ""));
            }
        }

        return new FunctionDefinition(metadata.Name, metadata.FunctionId, new UnknownTrigger("", "none"));
    }

    private static FunctionTrigger ReadTrigger(JsonElement binding, string type, string name) => type.ToUpperInvariant() switch
    {
        "HTTPTRIGGER" => new HttpTrigger(name, Text(binding, "route"), Methods(binding)),
        "TIMERTRIGGER" => new TimerTrigger(name, Text(binding, "schedule") ?? "", Find(binding, "runOnStartup")?.ValueKind is JsonValueKind.True),
        "QUEUETRIGGER" => new QueueTrigger(name, Text(binding, "queueName") ?? "", Text(binding, "connection") ?? ""),
        _ => new UnknownTrigger(name, type),
    };

    private static string[] Methods(JsonElement binding) =>
        Find(binding, "methods") is { ValueKind: JsonValueKind.Array } methods ? [.. methods.EnumerateArray().Select(m => m.GetString()!.ToUpperInvariant())] : [];

    private static JsonElement? Find(JsonElement binding, string name) => JsonFile.Find(binding, name);

    private static string? Text(JsonElement binding, string name) => Find(binding, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}

/// <summary>What makes a function run; <paramref name="Parameter"/> is the name its input goes by.</summary>
internal abstract record FunctionTrigger(string Parameter);

/// <param name="Route">As written, without the prefix; absent means the function's name.</param>
/// <param name="Methods">Upper case; empty means any.</param>
internal sealed record HttpTrigger(string Parameter, string? Route, IReadOnlyList<string> Methods) : FunctionTrigger(Parameter);

internal sealed record TimerTrigger(string Parameter, string Schedule, bool RunOnStartup) : FunctionTrigger(Parameter);

/// <param name="Connection">The setting (or prefix of settings) that says where the queue is; empty means <c>AzureWebJobsStorage</c>.</param>
internal sealed record QueueTrigger(string Parameter, string QueueName, string Connection) : FunctionTrigger(Parameter);

internal sealed record UnknownTrigger(string Parameter, string Type) : FunctionTrigger(Parameter);
